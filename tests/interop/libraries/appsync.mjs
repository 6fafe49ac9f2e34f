// Publishes an event with the AppSync client of AWS Amplify, which puts headers for
// the handshake among the offers, as JSON, and reports the event when the server has
// acknowledged it:
//
//     node libraries/appsync.mjs ws://127.0.0.1:3000/event da2-opensesame

import { events } from "@aws-amplify/api-graphql";
import { Amplify } from "@aws-amplify/core";

import { deliver } from "./page.mjs";

const [endpoint, apiKey] = process.argv.slice(2);

Amplify.configure({
  API: { Events: { endpoint, apiKey, region: "eu-west-1", defaultAuthMode: "apiKey" } },
});
const channel = await events.connect("/default/greetings");
await channel.publish("hello");
deliver("hello");
