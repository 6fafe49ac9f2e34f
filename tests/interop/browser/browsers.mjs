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

/** Calls `visit` with a browser, which is closed afterwards, whatever happens. */
export async function withBrowser(name, visit) {
  const browser = await launch[name]();
  try {
    await visit(browser);
  } finally {
    await browser.close();
  }
}

export const report = (outcome) => console.log(JSON.stringify(outcome));
