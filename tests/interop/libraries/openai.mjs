// Sends an event with openai's realtime client for pages, which puts all that
// identifies the user among the offers, and reports what comes back:
//
//     node libraries/openai.mjs ws://127.0.0.1:3000/openai ek_open.sesame org-1 proj_1

import OpenAI from "openai";
import { OpenAIRealtimeWebSocket } from "openai/realtime/websocket";

import { deliver } from "./page.mjs";

const [baseURL, apiKey, organization, project] = process.argv.slice(2);

const client = new OpenAI({ baseURL, apiKey, organization, project });
const realtime = new OpenAIRealtimeWebSocket({ model: "gpt-realtime" }, client);
realtime.on("error", () => {}); // page.mjs reports it.
realtime.on("session.update", ({ session }) => deliver(session.instructions));
realtime.socket.addEventListener("open", () =>
  realtime.send({ type: "session.update", session: { type: "realtime", instructions: "hello" } }),
);
