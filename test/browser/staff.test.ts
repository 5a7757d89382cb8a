/** The pages of staff on the real hub with the simulated building: real cards at simulated readers, one hub for the whole file. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configSchema } from "../../hub/config.ts";
import { type RunningHub, startHub } from "../../hub/start.ts";
import { systemClock, systemIds, systemLog } from "../../hub/system.ts";
import { startBuilding } from "../../simulators/demo.ts";
import { cast } from "../../simulators/people.ts";
import { buildPages, openBrowser, openPage } from "../support/browser.ts";
import { allScreens, inWords, lookAt, someScreens } from "../support/screens.ts";
import { furnishShown } from "../support/shown-space.ts";
import { slowdown } from "../support/slowdown.ts";

const owner = { mail: "owner@example.org", password: "a long enough password", name: "Ilze Owner" };
let dir: string;
let hub: RunningHub;
let browser: Browser;
let desk: Page;
let errors: readonly string[] = [];

beforeAll(async () => {
  buildPages();
  dir = await mkdtemp(join(tmpdir(), "koprade-staff-"));
  hub = await startHub({
    ...{ dir, clock: systemClock, ids: systemIds, log: systemLog("error"), version: "test" },
    config: configSchema.parse({ site: "staff", http: { port: 0 }, mqtt: { tlsPort: 0 } }),
    space: "building",
    makeBuilding: (given) => startBuilding({ ...given, seed: 3, tempo: 1 }),
    markSimulated: () => undefined,
  });
  await hub.auth.createUser({ ...owner, role: "owner" });
  browser = await openBrowser();
  const opened = await openPage(browser);
  desk = opened.page;
  errors = opened.errors;
  await signIn(desk);
  await until("every node to be online", () => hub.stack.hub.live.nodes().every(({ status }) => status === "online"));
  // What lies on a reader while its node starts counts as forgotten there.
  await pause(2500);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await hub?.stop();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

async function signIn(page: Page): Promise<void> {
  await page.goto(hub.url);
  await page.locator("input[name=mail]").fill(owner.mail);
  await page.locator("input[name=password]").fill(owner.password);
  await page.keyboard.press("Enter");
  await page.getByTestId("machine-laser-1").waitFor();
}

async function until(what: string, isTrue: () => boolean, limitMs = 60_000): Promise<void> {
  const from = performance.now();
  while (!isTrue()) {
    if (performance.now() - from > limitMs) throw new Error(`waited ${limitMs} ms for ${what}`);
    await pause(50);
  }
}

/** A starved simulated reader may miss a card that a real one would not: a person taps again. */
async function tapUntil(given: { readonly card: string; readonly reader: string }, isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 8 && !isDone(); i += 1) {
    await hub.simulation.tap(given);
    await until(`${given.card} at ${given.reader}`, isDone, 5000).catch(() => undefined);
  }
  expect(isDone(), `${given.card} was heard at ${given.reader}`).toBe(true);
}

const memberOf = (name: string): number => hub.stack.ledger.read.members({ text: name })[0]?.member ?? 0;
/** somebody of the building whose card nobody has registered */
const stranger = cast.find(({ membership }) => membership === "none")?.name ?? "";
const refused = cast.find(({ membership, trainedFor }) => membership === "good" && !trainedFor.includes("laser"))?.name ?? "";

test("a new card is given to a member by holding it to any reader", async () => {
  const { member } = await hub.stack.ledger.change.addMember({ displayName: "Ādams Šķēle" }, "cli:test");
  await desk.goto(`${hub.url}/people/${member}`);
  await desk.getByRole("button", { name: "Their card" }).click();
  await desk.getByText("No card yet.").waitFor();
  await desk.getByRole("button", { name: "New card" }).click();
  await desk.getByText("Hold the new card to: ").waitFor();
  await tapUntil({ card: stranger, reader: "front-door" }, () => hub.stack.ledger.read.cards(member).length === 1);
  await desk.getByText("The card is assigned.").waitFor({ timeout: 30_000 });
  await desk.getByTestId("cards").getByText("active").waitFor();
  expect(hub.stack.ledger.read.cards(member)).toHaveLength(1);
  await desk.getByRole("button", { name: "Block … card" }).click();
  await desk.getByLabel("Why?").fill("left on the bus");
  await desk.getByRole("dialog").getByRole("button", { name: "Block" }).click();
  await desk.getByTestId("cards").getByText("lost").waitFor();
  expect(hub.stack.ledger.read.cards(member)).toMatchObject([{ status: "lost" }]);
  expect(hub.stack.ledger.read.lookUps(member, { limit: 9 })).toMatchObject([{ reason: "Their card", what: "/api/people/:member" }]);
  expect((await desk.request.get(`${hub.url}/api/people/${member}`)).status()).toBe(400);
});

test("a refusal stands in the log with its reason, and the one who was refused is signed off from the queue", async () => {
  const member = memberOf(refused);
  await tapUntil({ card: refused, reader: "laser-1" }, () => {
    const [newest] = hub.stack.ledger.read.events({ member, kinds: ["access.decided"], limit: 1 });
    return newest?.body.kind === "access.decided" && newest.body.reason === "TRAINING_MISSING";
  });
  await desk.goto(`${hub.url}/log`);
  await desk.getByLabel("Show").selectOption("refused");
  const line = desk.getByTestId("log").locator(".row", { hasText: refused }).first();
  await line.getByText("Training needed").waitFor({ timeout: 30_000 });
  await desk.getByRole("link", { name: "Trainings", exact: true }).click();
  const waiting = desk.getByTestId("queue").locator(".row", { hasText: refused });
  await waiting.waitFor({ timeout: 30_000 });
  await waiting.getByRole("button").click();
  await desk.getByRole("dialog").getByRole("button", { name: "Sign" }).click();
  await waiting.waitFor({ state: "detached" });
  await desk.goto(`${hub.url}/people/${member}`);
  await desk.getByLabel("Another reason").fill("asked whether it worked");
  await desk.keyboard.press("Enter");
  await desk.getByTestId("trainings").getByText("Passed").first().waitFor();
  expect(hub.stack.ledger.read.trainings(member).filter(({ course, result }) => course === "laser" && result === "passed")).toHaveLength(1);
});

test("a reported problem locks the machine, calls staff, and is cleared by keyboard", async () => {
  await desk.goto(`${hub.url}/machines/printer-1`);
  await desk.getByRole("button", { name: "Report a problem" }).click();
  await desk.getByLabel("What is wrong?").fill("Nozzle drips");
  await desk.getByRole("dialog").getByRole("button", { name: "Report" }).click();
  await desk.getByRole("link", { name: "Now", exact: true }).click();
  const need = desk.locator(".needs .row", { hasText: "Nozzle drips" });
  await need.waitFor({ timeout: 5000 * slowdown() });
  await need.getByRole("button", { name: "Clear" }).focus();
  await desk.keyboard.press("Enter");
  await need.waitFor({ state: "detached" });
  expect(hub.stack.ledger.read.lockouts("printer-1")).toEqual([]);
});

/** Their own files look at these; all of them, in everything, are a campaign (test/campaigns/screens.ts). */
const lookedAtElsewhere = /^\/(me|accounts?|months|projects|sustainability|corrections|roles|retention|wall)\b/;

test("every page of staff reads well, each in the language, the colours and the width of its turn", async () => {
  const shown = await furnishShown(hub);
  const screens = someScreens(allScreens(shown.examples, shown.walls), 0).filter(({ path }) => !lookedAtElsewhere.test(path));
  const sights = await lookAt({ hub, browser, cookie: await shown.cookie(), screens });
  expect(inWords(sights)).toEqual([]);
  expect(sights.length).toBeGreaterThan(12);
  expect(errors.filter((text) => !text.includes("401"))).toEqual([]);
}, 300_000);
