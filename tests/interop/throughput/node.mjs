// `ws` on Node.js: see main.rs.

import { createRequire } from "node:module";
import { WebSocketServer } from "ws";

const supported = ["chat.v2", "chat.v1"];

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  path: "/chat",
  handleProtocols: (offered) => supported.find((name) => offered.has(name)) ?? false,
});
server.on("connection", (socket) => socket.terminate());
server.on("listening", () => {
  const { version } = createRequire(import.meta.url)("ws/package.json");
  const { address, port } = server.address();
  console.log(`${address}:${port} ws ${version} on Node.js ${process.versions.node}`);
});
