// The WebSocket of a page, which can't send a library's own headers. It does without
// TLS, on which clients of public services insist.

import { WebSocket } from "ws";

import { report } from "./report.mjs";

let socket;

globalThis.WebSocket = class extends WebSocket {
  constructor(url, names) {
    super(String(url).replace("wss:", "ws:"), names);
    this.on("error", ({ message }) => report({ error: message }));
    socket = this;
  }
};

/** Reports what was delivered, and the name that the server selected. */
export function deliver(delivered) {
  report({ selected: socket.protocol, delivered });
}
