// Runs a command in a pod with @kubernetes/client-node, writes `hello` to its standard
// input, and reports what comes from its standard output. The token is in
// `Authorization`, where the library puts it, or among the offers, where pages put it:
//
//     node libraries/kubernetes.mjs ws://127.0.0.1:3000/kubernetes open.sesame offers

import { PassThrough } from "node:stream";

import { Exec, KubeConfig } from "@kubernetes/client-node";
import { WebSocket } from "ws";

import { report } from "./report.mjs";

const [url, token, place] = process.argv.slice(2);

const cluster = { name: "here", server: url.replace("ws", "http"), skipTLSVerify: true };
const config = new KubeConfig();
config.loadFromClusterAndUser(cluster, { name: "me", token });

const exec = new Exec(config);
if (place === "offers") {
  const encoded = Buffer.from(token).toString("base64url");
  const credential = `base64url.bearer.authorization.k8s.io.${encoded}`;
  exec.handler.socketFactory = (url, names) => new WebSocket(url, [...names, credential]);
}

const [stdin, stdout] = [new PassThrough(), new PassThrough()];
try {
  const socket = await exec.exec("default", "pod", "", "cat", stdout, null, stdin, false);
  stdout.on("data", (data) => report({ selected: socket.protocol, delivered: data.toString() }));
  stdin.write("hello");
} catch ({ message }) {
  report({ error: message });
}
