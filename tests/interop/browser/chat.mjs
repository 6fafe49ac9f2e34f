// Has two tabs of the chat example's page talk to each other, one in each
// version. Others offer nothing, and what is not supported. Reports a line of JSON
// for each, and one for the layout at each size, and takes pictures:
//
//     node browser/chat.mjs firefox http://127.0.0.1:3000 target

import { report, withBrowser } from "./browsers.mjs";

const [browserName, url, pictures] = process.argv.slice(2);

/** Opens the page in a tab, and connects it with these offers. */
async function connect(browser, name, offers, requirement) {
  const tab = await browser.newPage({ viewport: { width: 1100, height: 900 } });
  await tab.goto(url);
  for (const row of await tab.locator("#offers > li").all()) {
    const offer = await row.locator(".name").textContent();
    await row.locator("input").setChecked(offers.includes(offer));
  }
  await tab.getByLabel(requirement, { exact: true }).check();
  // What is typed replaces the name that the page makes up.
  await tab.getByLabel("Your name").click();
  await tab.keyboard.type(name);
  await tab.getByRole("button", { name: "Connect" }).click();
  await tab.locator("#outcome:not([data-kind=idle])").waitFor();
  return tab;
}

async function say(tab, words, hearers) {
  await tab.getByLabel("Message").fill(words);
  await tab.getByRole("button", { name: "Send" }).click();
  for (const hearer of hearers) await hearer.locator("#log").getByText(words).waitFor();
}

/** What the page shows: the outcome, and the log without its times. */
async function shown(tab) {
  const text = (selector) => tab.locator(selector).innerText();
  const log = await tab.locator("#log > :not(.hint)").allInnerTexts();
  return {
    kind: await tab.locator("#outcome").getAttribute("data-kind"),
    headline: await text("#headline"),
    detail: await text("#detail"),
    log: log.map((entry) => entry.replace(/\s*(· )?\d\d:\d\d( [AP]M)?/, "").replace(/visitor-\w+/, "visitor").replace(/\s+/g, " ")),
  };
}

/** Whether the button is visible at once, and the room first when connected. */
async function layout(browser, width, height) {
  const tab = await browser.newPage({ viewport: { width, height } });
  await tab.goto(url);
  const button = await tab.locator("#connect").boundingBox();
  await tab.locator("#connect").click();
  await tab.locator("#outcome[data-kind=good]").waitFor();
  const room = await tab.locator("#room").boundingBox();
  const settings = await tab.locator("#terms").boundingBox();
  return {
    isButtonVisible: button.y + button.height <= height,
    isRoomFirst: room.y <= settings.y,
  };
}

await withBrowser(browserName, async (browser) => {
  const ann = await connect(browser, "Ann", ["chat.v2"], "never");
  const bob = await connect(browser, "Bob", ["chat.v1", "chat.v9"], "never");
  await say(ann, "Good morning", [ann, bob]);
  await say(bob, "And to you", [ann, bob]);
  report(await shown(ann));
  report(await shown(bob));
  await ann.setViewportSize({ width: 920, height: 712 });
  // Through WebDriver BiDi, Playwright can't ask Firefox for the dark colours.
  for (const colorScheme of browserName === "chromium" ? ["light", "dark"] : ["light"]) {
    await ann.emulateMedia({ colorScheme });
    await ann.screenshot({ path: `${pictures}/${browserName}-${colorScheme}.png` });
  }

  const nameless = await connect(browser, "", [], "never");
  await nameless.locator("#log").getByText("joined").waitFor();
  report(await shown(nameless));

  for (const requirement of ["never", "if offered"]) {
    const eve = await connect(browser, "Eve", ["chat.v9"], requirement);
    await eve.locator("#heads").waitFor();
    // A browser that keeps the socket is in the room.
    if (await eve.locator("main.connected").count()) await eve.locator("#log").getByText("joined").waitFor();
    report(await shown(eve));
    await eve.screenshot({ path: `${pictures}/${browserName}-unsupported-${requirement.replace(" ", "-")}.png` });
  }

  report(await layout(browser, 1280, 800));
  report(await layout(browser, 390, 844));
});
