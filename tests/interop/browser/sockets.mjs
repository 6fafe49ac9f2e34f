// Makes sockets in pages, one after the other. Reports for each, in a line of JSON, what
// the page is told, and what the console says:
//
//     node browser/sockets.mjs firefox '[["http://127.0.0.1:3000/", [["ws://127.0.0.1:3000/chat", "chat.v1"]]]]'

import { report, withBrowser } from "./browsers.mjs";

const [browserName, visits] = process.argv.slice(2);

/** Runs in the page, with the arguments of the constructor. */
function visit(constructorArguments) {
  return new Promise((resolve) => {
    const events = [];
    let socket;
    try {
      socket = new WebSocket(...constructorArguments);
    } catch (error) {
      return resolve({ thrown: error.name });
    }
    socket.addEventListener("open", () => {
      events.push("open");
      socket.send("hello");
    });
    socket.addEventListener("message", ({ data }) => {
      events.push(data);
      socket.close(1000);
    });
    socket.addEventListener("error", () => events.push("error"));
    socket.addEventListener("close", ({ code, reason, wasClean }) => {
      events.push("close");
      resolve({ protocol: socket.protocol, events, code, reason, wasClean });
    });
  });
}

await withBrowser(browserName, async (browser) => {
  for (const [url, sockets] of JSON.parse(visits)) {
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    const messages = [];
    page.on("console", (message) => messages.push(message.text()));
    await page.goto(url);
    for (const constructorArguments of sockets) {
      const outcome = await page.evaluate(visit, constructorArguments);
      report({ page: outcome, console: messages.splice(0) });
    }
  }
});
