// Subscribes with graphql-ws, and reports what is delivered:
//
//     node libraries/graphql-ws.mjs ws://127.0.0.1:3000/graphql

import { createClient } from "graphql-ws";
import { WebSocket } from "ws";

import { report } from "./report.mjs";

const [url] = process.argv.slice(2);

const delivered = [];
const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
client.subscribe(
  { query: "subscription { countdown }" },
  {
    next: ({ data }) => delivered.push(data.countdown),
    complete: () => report({ delivered }),
    error: (error) => report({ error: error.message }),
  },
);
