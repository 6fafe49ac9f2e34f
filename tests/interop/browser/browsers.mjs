// Debian's browsers, with new profiles, and Chromium without requests to its vendor's hosts.

import { chromium, firefox } from "playwright-core";

const args = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
  "--no-sandbox",
];

const launch = {
  chromium: () => chromium.launch({ executablePath: "/usr/bin/chromium", args }),
  // This channel speaks WebDriver BiDi. The others need a Firefox that Playwright has changed.
  firefox: () => firefox.launch({ executablePath: "/usr/bin/firefox-esr", channel: "moz-firefox" }),
};

/** A test that waits longer ends this program, which would leave Firefox running. */
const PATIENCE = 150_000;

/** Calls `visit` with a browser, which is closed afterwards, whatever happens. */
export async function withBrowser(name, visit) {
  const browser = await launch[name]();
  const timer = setTimeout(() => browser.close(), PATIENCE);
  try {
    await visit(browser);
  } finally {
    clearTimeout(timer);
    await browser.close();
  }
}

export const report = (outcome) => console.log(JSON.stringify(outcome));
