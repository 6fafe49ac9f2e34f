// Offers the arguments after the URL, one header line for each, with the `ws`
// package, and reports one line of JSON:
//
//     node clients/node.mjs ws://127.0.0.1:3000/chat 'chat.v9, chat.v1' chat.v2

import { WebSocket } from "ws";

const [url, ...lines] = process.argv.slice(2);
const names = lines.flatMap((line) => line.split(", "));

/** The package would put all names on one line. */
const finishRequest = (request) => {
  if (lines.length > 1) request.setHeader("Sec-WebSocket-Protocol", lines);
  request.end();
};

const report = (outcome) => console.log(JSON.stringify(outcome));

const socket = new WebSocket(url, names, { finishRequest });
socket.on("open", () => socket.send("hello"));
socket.on("message", (said) => {
  report({ selected: socket.protocol, said: said.toString() });
  socket.close();
});
socket.on("error", (error) => report({ error: error.message }));
