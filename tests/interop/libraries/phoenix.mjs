// Sends a message with phoenix, which puts its `authToken` among the offers, and
// reports what comes back:
//
//     node libraries/phoenix.mjs ws://127.0.0.1:3000/phoenix open.sesame

import { Socket } from "phoenix";

import { deliver } from "./page.mjs";

const [url, authToken] = process.argv.slice(2);

const socket = new Socket(url, { authToken });
socket.onOpen(() => socket.push({ topic: "room", event: "say", payload: "hello", ref: "1" }));
socket.onMessage(({ payload }) => deliver(payload));
socket.connect();
