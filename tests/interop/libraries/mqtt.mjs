// Subscribes with MQTT.js, in a version of MQTT, and reports what is delivered:
//
//     node libraries/mqtt.mjs ws://127.0.0.1:3000/mqtt 5

import mqtt from "mqtt";

import { report } from "./report.mjs";

const [url, version] = process.argv.slice(2);

const client = mqtt.connect(url, {
  protocolId: version === "3" ? "MQIsdp" : "MQTT",
  protocolVersion: Number(version),
  reconnectPeriod: 0,
});
client.on("connect", () => client.subscribe("greetings"));
client.on("message", (_topic, message) => report({ delivered: message.toString() }));
client.stream.on("error", (error) => report({ error: error.message }));
