// Subscribes with @stomp/stompjs, which offers a name for each version, in order,
// and reports what is delivered:
//
//     node libraries/stomp.mjs ws://127.0.0.1:3000/stomp 1.1 1.2

import { Client, Versions } from "@stomp/stompjs";
import { WebSocket } from "ws";

import { report } from "./report.mjs";

const [url, ...versions] = process.argv.slice(2);

const client = new Client({
  webSocketFactory: () => new WebSocket(url, client.stompVersions.protocolVersions()),
  stompVersions: new Versions(versions),
  reconnectDelay: 0,
});
client.onConnect = () =>
  client.subscribe("greetings", ({ body }) =>
    report({ delivered: body, version: client.connectedVersion }),
  );
client.onWebSocketError = ({ message }) => report({ error: message });
client.onWebSocketClose = () => report({ error: "closed" });
client.activate();
