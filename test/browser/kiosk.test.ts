/** The tablet at the desk before a real ledger: what it lets whoever stands there do, and what it never keeps or tells. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configSchema } from "../../hub/config.ts";
import { type RunningHub, startHub } from "../../hub/start.ts";
import { systemClock, systemIds, systemLog } from "../../hub/system.ts";
import { languages } from "../../hub/views.ts";
import { accessibilityFaults, buildPages, openBrowser, openPage, shoot } from "../support/browser.ts";
import { anEvent } from "../support/ledger.ts";

const password = "a long enough password";
const ada = { mail: "ada@example.org", password, name: "Ada Ozola" };
const by = "cli:test";
let dir: string;
let hub: RunningHub;
let browser: Browser;
let link = "";
let member = 0;

beforeAll(async () => {
  buildPages();
  dir = await mkdtemp(join(tmpdir(), "koprade-kiosk-"));
  hub = await startHub({
    ...{ dir, clock: systemClock, ids: systemIds, log: systemLog("error"), version: "test", space: "real" },
    config: configSchema.parse({ site: "kiosk", http: { port: 0 }, mqtt: { tlsPort: 0 } }),
    makeBuilding: () => Promise.reject(new Error("nothing is simulated here")),
    markSimulated: () => undefined,
  });
  const { change } = hub.stack.ledger;
  await change.addNode({ node: "door-node", kind: "door" }, by);
  await change.addDoor({ door: "front", node: "door-node", ch: "door", label: "Ārdurvis", failMode: "secure" }, by);
  await change.addNode({ node: "saw-node", kind: "machine" }, by);
  const saw = { machine: "saw-1", node: "saw-node", ch: "machine", label: "Lentzāģis", course: null };
  await change.addMachine({ ...saw, riskClass: "A", cutHazard: false }, by);
  ({ member } = await change.addMember({ displayName: ada.name }, by));
  await hub.auth.createUser({ ...ada, mail: "owner@example.org", role: "owner" });
  await hub.auth.createUser({ ...ada, role: "member", member });
  const untilMs = Date.now() + 86_400_000;
  const made = await change.addScreen({ screen: "desk", boards: ["kiosk"], reader: "front", languages: ["lv"], untilMs }, by);
  link = `${hub.url}/kiosk/desk?token=${made.token}`;
  browser = await openBrowser();
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await hub?.stop();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

test("a problem is reported without a name, and the machine is locked until staff have looked", async () => {
  const { page, errors } = await openPage(browser, { width: 820, height: 1180 });
  await page.goto(link);
  await page.getByRole("heading", { name: "Ar ko varam palīdzēt?" }).waitFor();
  await press(page, "English");
  // By keyboard alone.
  await page.getByRole("button", { name: "Report a problem with a machine" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("radio", { name: "Lentzāģis" }).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.type("The blade is loose");
  expect(await accessibilityFaults(page)).toEqual([]);
  await shoot(page, "kiosk-report");
  await press(page, "Report it");
  await page.getByText("Thank you. Staff know").waitFor();
  expect(hub.stack.ledger.read.lockouts("saw-1")).toMatchObject([{ kind: "oops", reason: "The blade is loose" }]);
  expect(errors).toEqual([]);
  await page.context().close();
});

test("whoever says who they are gives themselves a card at the reader, is signed in nowhere, and leaves no name", async () => {
  const { page, errors } = await openPage(browser, { width: 390, height: 844 });
  await page.goto(link);
  await press(page, "English");
  await press(page, "Register my card");
  await page.locator("input[name=mail]").fill(ada.mail);
  await page.locator("input[name=password]").fill("another password");
  await press(page, "Next");
  await page.getByText("Address and password do not belong together.").waitFor();
  await page.locator("input[name=password]").fill(password);
  await press(page, "Next");
  await page.getByText("Hold the new card to the reader: Ārdurvis").waitFor();
  await shoot(page, "kiosk-card-390");
  const key = "ab".repeat(16);
  const now = { ch: "door", node: "door-node", evtMs: Date.now(), atMs: Date.now(), recvMs: Date.now() };
  await hub.stack.ledger.append("door-node", [anEvent(1, { kind: "card.captured", cardKey: key }, now)]);
  await page.getByText("The card is yours.").waitFor();
  expect(hub.stack.ledger.read.cards(member)).toHaveLength(1);
  expect(await page.content()).not.toContain(ada.name);
  expect(await page.context().cookies()).toEqual([]);
  expect(errors.filter((line) => !line.includes("401"))).toEqual([]);
  await page.context().close();
});

test("a minute without a touch begins anew, after a warning with more time; all four languages read well", async () => {
  const { page } = await openPage(browser, { width: 820, height: 1180 });
  await page.clock.install();
  await page.goto(link);
  await press(page, "English");
  await press(page, "Register my card");
  await page.locator("input[name=mail]").fill(ada.mail);
  await page.clock.runFor(50_000);
  await page.getByRole("alertdialog", { name: "Are you still there?" }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await press(page, "I need more time");
  await page.clock.runFor(30_000);
  expect(await page.locator("input[name=mail]").inputValue()).toBe(ada.mail);
  await page.clock.runFor(35_000);
  await page.getByRole("heading", { name: "Ar ko varam palīdzēt?" }).waitFor();
  expect(await page.locator("input").count()).toBe(0);
  for (const language of languages) {
    await page.locator(`button[lang=${language}]`).click();
    await page.locator(`html[lang=${language}]`).waitFor();
    expect(await accessibilityFaults(page), language).toEqual([]);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(over, language).toBe(0);
  }
  await shoot(page, "kiosk-home");
  await page.context().close();
});

test("a link that ended opens nothing, and a kiosk is no wall", async () => {
  const { page } = await openPage(browser);
  expect((await page.request.get(link.replace("/kiosk/", "/api/wall/"))).status()).toBe(403);
  expect((await page.request.get(link.replace("/kiosk/", "/api/kiosk/"))).status()).toBe(200);
  await hub.stack.ledger.change.removeScreen({ screen: "desk" }, by);
  expect((await page.request.get(link.replace("/kiosk/", "/api/kiosk/"))).status()).toBe(403);
  await page.goto(link);
  await page.getByText("This link has ended.").waitFor();
  await page.context().close();
});
