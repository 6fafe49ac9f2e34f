// Debian's Chromium, with a new profile, and without requests to its vendor's hosts.

import { chromium } from "playwright-core";

const args = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
  "--no-sandbox",
];

/** Calls `visit` with a browser, which is closed afterwards, whatever happens. */
export async function withBrowser(visit) {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
  try {
    await visit(browser);
  } finally {
    await browser.close();
  }
}

export const report = (outcome) => console.log(JSON.stringify(outcome));
