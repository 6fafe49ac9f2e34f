// Offers a token beside a subprotocol as Jupyter's enhancement proposal 121 tells
// clients to, sends `hello`, and reports what comes back:
//
//     node libraries/jupyter.mjs ws://127.0.0.1:3000/jupyter open/sesame

import { deliver } from "./page.mjs";

const [url, token] = process.argv.slice(2);

const socket = new WebSocket(url, [
  "v1.kernel.websocket.jupyter.org",
  "v1.token.websocket.jupyter.org",
  `v1.token.websocket.jupyter.org.${encodeURIComponent(token)}`,
]);
socket.onopen = () => socket.send("hello");
socket.onmessage = ({ data }) => deliver(data);
