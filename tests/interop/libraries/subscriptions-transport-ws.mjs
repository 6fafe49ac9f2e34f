// Subscribes with subscriptions-transport-ws, and reports what is delivered:
//
//     node libraries/subscriptions-transport-ws.mjs ws://127.0.0.1:3000/graphql

import transport from "subscriptions-transport-ws";
import { WebSocket } from "ws";

import { report } from "./report.mjs";

const [url] = process.argv.slice(2);

const delivered = [];
const client = new transport.SubscriptionClient(url, {}, WebSocket);
client.onError((error) => report({ error: error.message }));
client.request({ query: "subscription { countdown }" }).subscribe({
  next: ({ data }) => delivered.push(data.countdown),
  complete: () => report({ delivered }),
  error: (error) => report({ error: error.message }),
});
