// Sends a message with @deepgram/sdk, which puts an `apiKey` or an `accessToken` among
// the offers in a page, and reports what comes back:
//
//     node libraries/deepgram.mjs ws://127.0.0.1:3000/deepgram apiKey open.sesame

import { deliver } from "./page.mjs";

/** By this the library knows a page. */
globalThis.window = { document: {}, navigator: {} };
const { DeepgramClient } = await import("@deepgram/sdk");

const [baseUrl, kind, credential] = process.argv.slice(2);

const client = new DeepgramClient({ baseUrl, [kind]: credential, reconnect: false });
const connection = await client.speak.v1.connect({});
connection.on("open", () => connection.sendText({ type: "Speak", text: "hello" }));
connection.on("message", ({ text }) => deliver(text));
connection.connect();
