// Offers a bearer token beside a subprotocol, as the browser clients of the
// Kubernetes API do, sends `hello` on the channel for the standard input, and
// reports what comes back on that for the standard output:
//
//     node libraries/kubernetes.mjs ws://127.0.0.1:3000/kubernetes open.sesame

import { WebSocket } from "ws";

import { report } from "./report.mjs";

const [url, token] = process.argv.slice(2);
const encoded = Buffer.from(token).toString("base64url");

const names = ["v5.channel.k8s.io", `base64url.bearer.authorization.k8s.io.${encoded}`];
const socket = new WebSocket(url, names);
socket.on("open", () => socket.send(Buffer.from("\x00hello")));
socket.on("message", (data) =>
  report({ selected: socket.protocol, channel: data[0], delivered: data.toString("utf8", 1) }),
);
socket.on("error", ({ message }) => report({ error: message }));
