// Offers a token without a name or prefix, alone or beside subprotocols, sends `hello`,
// and reports what comes back:
//
//     node libraries/bare.mjs ws://127.0.0.1:3000/bare open.sesame chat.v1

import { deliver } from "./page.mjs";

const [url, token, ...names] = process.argv.slice(2);

const socket = new WebSocket(url, names.length === 0 ? token : [token, ...names]);
socket.onopen = () => socket.send("hello");
socket.onmessage = ({ data }) => deliver(data);
