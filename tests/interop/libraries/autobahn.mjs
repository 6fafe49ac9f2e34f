// Subscribes with autobahn, which offers a name for each serializer, in order, and
// reports what is delivered:
//
//     node libraries/autobahn.mjs ws://127.0.0.1:3000/wamp msgpack json

import autobahn from "autobahn";
import "./page.mjs";
import { report } from "./report.mjs";

const [url, ...names] = process.argv.slice(2);
const { JSONSerializer, MsgpackSerializer } = autobahn.serializer;

const connection = new autobahn.Connection({
  url,
  realm: "greetings",
  serializers: names.map((name) => (name === "json" ? new JSONSerializer() : new MsgpackSerializer())),
  max_retries: 0,
});
connection.onopen = (session) =>
  session.subscribe("greetings", ([greeting]) => report({ delivered: greeting }));
connection.open();
