/** A member's own pages on a phone, over a real ledger: what they see and change is theirs, and nobody else's. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { commandTable } from "../../hub/command-table.ts";
import { configSchema } from "../../hub/config.ts";
import { openAuth } from "../../hub/http/auth.ts";
import { createHttp, type Http } from "../../hub/http/server.ts";
import { commandsOn, liveView } from "../../hub/live-view.ts";
import { meView } from "../../hub/me-view.ts";
import { openStack, type Stack } from "../../hub/stack.ts";
import { systemClock, systemIds } from "../../hub/system.ts";
import { languages } from "../../hub/views.ts";
import { accessibilityFaults, buildPages, openBrowser, openPage, shoot, staticDir } from "../support/browser.ts";
import { silentLog } from "../support/bus-suite.ts";
import { anEvent, anId } from "../support/ledger.ts";
import { noManager } from "../support/no-manager.ts";
import { noKiosks, noStaff } from "../support/no-staff.ts";
import { fakeRecords } from "../support/records.ts";
import { fakeHub, noNeighbours, noScreens } from "../support/views.ts";

const by = "cli:test";
const password = "a long enough password";
const hourMs = 3_600_000;
let dir: string;
let browser: Browser;
let stack: Stack;
let http: Http;
let url: string;
let cookie: string | undefined;
const people = { ada: 0, bo: 0, tia: 0 };

beforeAll(async () => {
  buildPages();
  browser = await openBrowser();
  dir = await mkdtemp(join(tmpdir(), "koprade-me-"));
  const config = configSchema.parse({ site: "test-site", mqtt: { tlsPort: 0, host: "127.0.0.1" } });
  stack = await openStack({ dir, config, ownerExists: true, clock: systemClock, ids: systemIds, log: silentLog });
  await furnish(stack);
  const auth = await openAuth({ path: ":memory:", secure: false });
  await auth.createUser({ mail: "owner@example.org", password, name: "Olga", role: "owner" });
  await auth.createUser({ mail: "ada@example.org", password, name: "Ada", role: "member", member: people.ada });
  const commands = { ...fakeHub().commands, ...commandsOn(stack, Date.now), table: commandTable };
  const [views, me] = [liveView(stack, Date.now), meView(() => stack, Date.now)];
  const given = {
    views,
    commands,
    neighbours: noNeighbours,
    screens: noScreens,
    kiosks: noKiosks,
    me,
    records: fakeRecords(),
    staff: noStaff,
    manager: noManager,
    auth,
    log: silentLog,
    staticDir,
  };
  http = await createHttp({ port: 0, host: "127.0.0.1", ...given });
  url = await http.listen();
}, 120_000);
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await http?.close();
  await stack?.close();
  await browser?.close();
  await rm(dir, { recursive: true, force: true });
});

async function furnish({ ledger }: Stack): Promise<void> {
  const { change } = ledger;
  await change.addPlan({ plan: "full", label: "Full member", always: true }, by);
  for (const course of ["laser", "wood"]) await change.addCourse({ course, label: course === "laser" ? "Laser" : "Wood" }, by);
  for (const [key, displayName] of Object.entries({ ada: "Ada Ozola", bo: "Bo Ek", tia: "Tia Trainer" })) {
    const { member } = await change.addMember({ displayName }, by);
    people[key as keyof typeof people] = member;
    await change.setMembership({ member, plan: "full", from: "2024-01-01" }, by);
  }
  await change.addQualification({ member: people.tia, role: "trainer", scope: null }, by);
  await change.grantTraining({ member: people.ada, course: "laser", signedOffBy: people.tia, validThrough: "2030-05-31" }, by);
  await change.assignCard({ member: people.ada, card: { number: "em4100:0F00000001" }, label: "blue tag" }, by);
  await change.assignCard({ member: people.bo, card: { number: "em4100:0F00000002" }, label: "secret tag" }, by);
  await change.addNode({ node: "laser-node", kind: "machine" }, by);
  const laser = { machine: "laser-1", node: "laser-node", ch: "machine", label: "Laser 1", course: "laser" };
  await change.addMachine({ ...laser, riskClass: "B", cutHazard: false }, by);
  await change.setRate({ rate: "machine_hour", of: "laser-1", value: 600, from: "2024-01-01" }, by);
  for (const [i, member] of [people.ada, people.bo].entries()) {
    const [session, from] = [anId(i + 1), Date.now() - (30 - i) * hourMs];
    await ledger.append("laser-node", [
      { ...anEvent(2 * i + 1, { kind: "mach.session_started", session, decision: anId(9), member, provisional: false }), ...at(from) },
      {
        ...anEvent(2 * i + 2, { kind: "mach.session_closed", session, reason: "tap_out", busyMs: hourMs, energyWh: 610 }),
        ...at(from + 2 * hourMs),
      },
    ]);
  }
}
const at = (ms: number) => ({ ch: "machine", evtMs: ms, atMs: ms });

/** Once for all tests: a sixth try in a minute would have to wait. */
async function signIn(page: Page): Promise<void> {
  cookie ??= await freshCookie();
  const [name = "", value = ""] = cookie.split(/=(.*)/);
  await page.context().addCookies([{ name, value, url }]);
  await page.goto(`${url}/me`);
  await page.locator("main h1").waitFor();
}
async function freshCookie(): Promise<string> {
  const headers = { "content-type": "application/json", origin: url, "sec-fetch-site": "same-origin" };
  const answer = await fetch(`${url}/api/login`, { method: "POST", headers, body: JSON.stringify({ mail: "ada@example.org", password }) });
  return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}
const paths = ["/me", "/me/trainings", "/me/cards", "/me/use", "/me/bookings", "/me/choices"] as const;

test("every page of a member reads well on a phone, each in the language of its turn, and shows nobody else", async () => {
  const { page, errors } = await openPage(browser, { width: 390, height: 844 });
  await signIn(page);
  for (const [i, path] of paths.entries()) {
    const language = languages[i % languages.length] ?? "en";
    await page.evaluate((chosen) => localStorage.setItem("koprade.language", chosen), language);
    await page.goto(`${url}${path}`);
    await page.locator(`html[lang=${language}] main h1`).waitFor();
    await page.waitForLoadState("networkidle");
    expect(await accessibilityFaults(page), `${path} ${language}`).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${path} scrolls sideways`).toBeLessThanOrEqual(0);
    expect(await page.textContent("body"), path).not.toMatch(/secret tag|Bo Ek/);
    await shoot(page, `me${path.slice(3).replace("/", "-")}-${language}-390`);
  }
  expect(errors.filter((text) => !text.includes("401"))).toEqual([]);
});

test("a member sees how they stand, blocks a card, asks for a correction and a booking, and chooses who sees them", async () => {
  const { page, errors } = await openPage(browser, { width: 390, height: 844 });
  await signIn(page);
  await page.getByRole("heading", { name: "Hello, Ada Ozola" }).waitFor();
  await page.goto(`${url}/me/trainings`);
  expect(await page.getByTestId("training-laser").textContent()).toMatch(/Laser.*Valid.*until May 31, 2030/);
  expect(await page.getByTestId("training-wood").textContent()).toMatch(/Not yet.*Can teach: Tia Trainer/);

  await page.goto(`${url}/me/use`);
  await page.getByText("1 h at work, 0.61 kWh, €6.00").waitFor();
  await page.getByRole("button", { name: /^That is wrong: Laser 1/ }).click();
  await page.getByLabel("Why?").fill("I tapped out an hour earlier");
  await page.getByLabel("When did it end?").fill(localNow(-29));
  await page.keyboard.press("Enter");
  await page.getByText("Waiting for an answer.", { exact: false }).waitFor();
  expect(stack.ledger.read.corrections({ member: people.ada })).toHaveLength(1);

  await page.goto(`${url}/me/bookings`);
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("waits for staff").waitFor();
  await page.getByRole("button", { name: "Cancel booking of Laser 1" }).click();
  await page.getByText("No bookings.").waitFor();

  await page.goto(`${url}/me/choices`);
  await page.getByLabel("Members, by a name I choose").check();
  await page.getByLabel("The name").fill("Fox");
  await page.getByRole("button", { name: "Save" }).first().click();
  await page.getByText("Done").first().waitFor();
  expect(stack.ledger.read.sharing(people.ada)).toMatchObject({ presence: "alias", alias: "Fox" });
  await page.getByRole("button", { name: "Ask to be forgotten" }).click();
  await page.getByText("You have asked to be forgotten.").waitFor();
  expect(stack.ledger.read.erasureRequests().map(({ member }) => member)).toEqual([people.ada]);

  await page.goto(`${url}/me/cards`);
  await page.getByRole("button", { name: "Block now: blue tag" }).click();
  await page.getByRole("button", { name: "I lost it" }).click();
  await page.locator('[data-status="lost"]').waitFor();
  expect(stack.ledger.read.cards(people.ada)[0]?.status).toBe("lost");
  expect(stack.ledger.read.audit(1)[0]).toMatchObject({ actor: `member:${people.ada}`, action: "blockCard" });
  expect(errors.filter((text) => !text.includes("401"))).toEqual([]);
});

const localNow = (hours: number): string =>
  Temporal.Now.zonedDateTimeISO(stack.ledger.read.site().tz).add({ hours }).toPlainDateTime().toString({ smallestUnit: "minute" });

test("a member chooses where notices go, which, and when not, with the keyboard alone", async () => {
  const { page, errors } = await openPage(browser, { width: 1280, height: 900 });
  await signIn(page);
  await page.goto(`${url}/me/choices`);
  await page.getByLabel("Where to").focus();
  await page.keyboard.type("https://ntfy.sh/ada-7f3k9q2m");
  await page.keyboard.press("Enter");
  await page.getByTestId("channel-post").getByText("https://ntfy.sh/ada-7f3k9q2m").waitFor();
  const [channel] = stack.ledger.read.noticeChannels(people.ada);
  const wish = (topic: string) => stack.ledger.read.noticeSettings(people.ada).topics.find((one) => one.topic === topic);
  for (const name of ["My booking begins soon: ntfy", "My trainings end soon: This page"]) {
    await page.getByLabel(name, { exact: true }).focus();
    await page.keyboard.press("Space");
    await page.getByLabel(name, { exact: true }).and(page.locator(":not(:checked)")).waitFor();
  }
  await expect.poll(() => wish("trainings")?.isShown).toBe(false);
  expect(wish("bookings")).toEqual({ topic: "bookings", isShown: true, channels: { [channel?.channel ?? 0]: false } });
  expect(wish("doors"), "not for members").toBeUndefined();
  await page.getByLabel("Quiet from").fill("22:00");
  await page.getByLabel("Quiet until").fill("07:00");
  await page.keyboard.press("Enter");
  await expect.poll(() => stack.ledger.read.noticeSettings(people.ada).quiet).toEqual({ from: "22:00", until: "07:00" });
  await page.getByRole("button", { name: "Send a test: ntfy" }).press("Enter");
  await page.getByText("Koprade: a test").waitFor();
  await page.getByRole("button", { name: "I have seen them (1 new)" }).press("Enter");
  await expect.poll(() => stack.ledger.read.noticeSettings(people.ada).unseen).toBe(0);
  await page.getByLabel("Add a way").selectOption("push");
  await page.getByText("Only this browser can read them.", { exact: false }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await shoot(page, "me-choices-notices-1280");
  await page.getByRole("button", { name: "Remove: ntfy" }).press("Enter");
  await page.getByText("Only to this page.", { exact: false }).waitFor();
  expect(errors.filter((text) => !text.includes("401"))).toEqual([]);
});

test("what a member saves holds theirs and nothing of others, and no command reaches another", async () => {
  const { page } = await openPage(browser, { width: 390, height: 844 });
  await signIn(page);
  const read = (path: string): Promise<string> => page.evaluate(async (of) => (await fetch(of)).text(), path);
  const file = await read("/api/me/file");
  expect(JSON.parse(file)).toMatchObject({ schema: "koprade-member/1", member: people.ada, sessions: [{ label: "Laser 1" }] });
  const csv = await read("/api/me/use/file");
  expect(csv.trim().split("\r\n")).toHaveLength(2);
  for (const text of [file, csv, await read("/api/me"), await read("/api/me/use"), await read("/api/me/trail")])
    expect(text).not.toMatch(/Bo Ek|secret tag|0F0000000/);
  const cardOfBo = stack.ledger.read.cards(people.bo)[0]?.cardKey ?? "";
  const give = (name: string, body: object): Promise<number> =>
    page.evaluate(
      async ([path, text]) =>
        (
          await fetch(path, {
            method: "POST",
            headers: { "content-type": "application/json", "idempotency-key": crypto.getRandomValues(new Uint32Array(2)).join("-") },
            body: text,
          })
        ).status,
      [`/api/commands/${name}`, JSON.stringify(body)] as const,
    );
  expect(await give("blockCard", { card: { cardKey: cardOfBo }, status: "lost", reason: "not mine" })).toBe(403);
  expect(await give("setSharing", { member: people.bo, presence: "members" })).toBe(403);
  expect(await give("askErasure", { member: people.bo })).toBe(403);
  expect(await give("addNoticeChannel", { member: people.bo, way: "post", address: "https://example.org/x" })).toBe(403);
  expect(stack.ledger.read.cards(people.bo)[0]?.status).toBe("active");
});
