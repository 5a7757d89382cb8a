/** The pages of managers on the real hub over a month of a real ledger: looked at, taken apart, closed, revised, taken away as documents. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configSchema } from "../../hub/config.ts";
import { isWhole } from "../../hub/reports/seal.ts";
import { type RunningHub, startHub } from "../../hub/start.ts";
import { systemClock, systemIds, systemLog } from "../../hub/system.ts";
import { accessibilityFaults, buildPages, openBrowser, openPage, shoot } from "../support/browser.ts";
import { anEvent, anId } from "../support/ledger.ts";

const owner = { mail: "owner@example.org", password: "a long enough password", name: "Ilze Owner" };
const by = "cli:test";
const zone = "Europe/Riga";
/** the month before this one: over, whenever the test runs */
const last = Temporal.Now.plainDateISO(zone).toPlainYearMonth().subtract({ months: 1 });
const month = last.toString();
const on = (day: number, hour: number, minute = 0): number =>
  last.toPlainDate({ day }).toZonedDateTime({ timeZone: zone, plainTime: { hour, minute } }).epochMilliseconds;
let dir: string;
let hub: RunningHub;
let browser: Browser;
let desk: Page;
let errors: readonly string[] = [];
let seq = 0;

beforeAll(async () => {
  buildPages();
  dir = await mkdtemp(join(tmpdir(), "koprade-manager-"));
  hub = await startHub({
    ...{ dir, clock: systemClock, ids: systemIds, log: systemLog("error"), version: "test" },
    config: configSchema.parse({ site: "manager", http: { port: 0 }, mqtt: { tlsPort: 0 } }),
    space: "real",
    makeBuilding: () => Promise.reject(new Error("nothing is simulated here")),
    markSimulated: () => undefined,
  });
  await furnish();
  await hub.auth.createUser({ ...owner, role: "owner" });
  browser = await openBrowser();
  ({ page: desk, errors } = await openPage(browser));
  await desk.goto(hub.url);
  await desk.locator("input[name=mail]").fill(owner.mail);
  await desk.locator("input[name=password]").fill(owner.password);
  await desk.keyboard.press("Enter");
  await desk.getByRole("link", { name: "Months" }).waitFor();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await hub?.stop();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/** Two members at two machines on three days, a lockout, a session whose end nobody heard of, an unknown card. */
async function furnish(): Promise<void> {
  const { change } = hub.stack.ledger;
  // so that a correction may be asked for on any day of the month that runs
  const settings = { correctionMs: 40 * 86_400_000 };
  await change.setSite({ name: "Koprades darbnīca", tz: zone, locale: "en", settings }, by);
  await change.addPlan({ plan: "full", label: "Full member", always: true }, by);
  await change.addCourse({ course: "laser", label: "Laser" }, by);
  for (const displayName of ["Ada Ozola", "Bo Ek"]) {
    const { member } = await change.addMember({ displayName }, by);
    await change.setMembership({ member, plan: "full", from: "2024-01-01" }, by);
  }
  await change.addNode({ node: "laser-node", kind: "machine" }, by);
  const laser = { machine: "laser-1", node: "laser-node", ch: "machine", label: "Laser 1", course: "laser" };
  await change.addMachine({ ...laser, riskClass: "B", cutHazard: false }, by);
  for (const day of [3, 10, 17]) await work(1 + (day % 2), day, { isOpen: day === 17 });
}

async function work(member: number, day: number, { isOpen = false } = {}): Promise<void> {
  const [session, run] = [anId(), anId()];
  const mono = (atMs: number): number => atMs - on(1, 0);
  const tell = (atMs: number, body: Parameters<typeof anEvent>[1]) => {
    seq += 1;
    return { ...anEvent(seq, body), ch: "machine", atMono: mono(atMs), atMs, evtMs: atMs };
  };
  await hub.stack.ledger.append("laser-node", [
    tell(on(day, 12), { kind: "mach.session_started", session, decision: anId(), member, provisional: false }),
    tell(on(day, 12), { kind: "mach.powered", on: true }),
    tell(on(day, 12, 30), { kind: "mach.run_started", run, session, startMono: mono(on(day, 12, 30)) }),
    tell(on(day, 13, 30), {
      kind: "mach.run_ended",
      run,
      session,
      endMono: mono(on(day, 13, 30)),
      energyWh: 500,
      peakW: 600,
      uncertainMs: 0,
    }),
    tell(on(day, 14), { kind: "mach.powered", on: false }),
    ...(isOpen ? [] : [tell(on(day, 14), { kind: "mach.session_closed", session, reason: "tap_out", busyMs: 3_600_000, energyWh: 500 })]),
  ]);
}

const file = (query: string) => desk.request.get(`${hub.url}/api/months/${month}/file?${query}`);

test("a month is looked at, taken apart, closed by typing its name, and revised when the log says otherwise", async () => {
  await desk.getByRole("link", { name: "Months" }).click();
  await desk.locator("tbody tr").nth(1).getByRole("link").click();
  const doubts = desk.getByTestId("doubts");
  await doubts.getByText("koprade correction ask").first().waitFor({ state: "attached", timeout: 60_000 });
  await doubts.getByRole("link", { name: "What is behind it" }).first().click();
  const panel = desk.getByRole("dialog");
  await panel.getByText("Rows behind it").waitFor();
  expect(new URL(desk.url()).pathname).toMatch(new RegExp(`^/months/${month}/\\w+`));
  await desk.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  expect(new URL(desk.url()).pathname).toBe(`/months/${month}`);
  expect(await accessibilityFaults(desk)).toEqual([]);

  await desk.getByRole("button", { name: "Close the month" }).click();
  await panel.getByText(/\d+ values?/).waitFor();
  const confirm = panel.getByRole("button", { name: "Close the month" });
  expect(await confirm.isDisabled()).toBe(true);
  await panel.getByLabel(`Type ${month} to confirm`).fill(month);
  await desk.keyboard.press("Enter");
  await desk.getByRole("status").getByText("is closed as No. 1, revision 1.").waitFor();
  const [sealed] = hub.stack.ledger.read.usage.closedMonths(month);
  expect(sealed !== undefined && isWhole(sealed)).toBe(true);
  expect(await desk.locator(".closed code").textContent()).toBe(sealed?.hash);
  expect(sealed?.closedBy).toMatch(/^owner:/);

  await work(1, 20);
  await desk.reload();
  await desk.getByRole("button", { name: "Make a revision" }).click();
  await panel.getByLabel("Why is it revised?").fill("the node delivered late");
  await panel.getByLabel(`Type ${month} to confirm`).fill(month);
  await desk.keyboard.press("Enter");
  await desk.getByRole("status").getByText("revision 2.").waitFor();
  const [newest] = await desk.getByTestId("revisions").locator("> li").all();
  await newest?.getByText("What differs").click();
  await newest?.getByRole("link", { name: "M01/laser-1" }).waitFor();
  expect(await newest?.getByRole("row", { name: "M01/laser-1" }).textContent()).toContain("3 h4 h");
});

test("a number opens what koprade report explain prints, at an address of its own", async () => {
  await desk.goto(`${hub.url}/months/${month}/M01~laser-1`);
  const panel = desk.getByRole("dialog");
  await panel.getByText("Ada Ozola").first().waitFor();
  await panel.getByText(/· Laser 1 ·/).waitFor();
  for (const said of ["unattended_busy", "Known part", "revision 2; the rows as the log says today"])
    expect(await panel.textContent()).toContain(said);
  expect(await panel.locator("tbody tr").count()).toBe(4);
  expect(await accessibilityFaults(desk)).toEqual([]);
  await shoot(desk, "manager-number");
});

test("every document comes in every format, from a thread beside the hub, and what is not there says so", async () => {
  const kinds = { pdf: "%PDF-", xlsx: "PK", csv: "table,row", html: "<!doctype html>", json: "{" };
  for (const [format, begin] of Object.entries(kinds)) {
    const answer = await file(`document=page&format=${format}&language=lv`);
    expect([format, answer.status()]).toEqual([format, 200]);
    expect(answer.headers()["content-disposition"]).toMatch(/^attachment; filename="page-.*-r2-lv\./);
    expect((await answer.body()).subarray(0, 40).toString().toLowerCase()).toContain(begin.toLowerCase());
  }
  const first = (await (await file("document=machines&format=json&revision=1")).json()) as { seal: { revision: number } };
  expect(first.seal.revision).toBe(1);
  expect((await file("document=no-such&format=pdf")).status()).toBe(409);
  expect((await file("document=full&format=docx")).status()).toBe(404);
  expect((await file("document=full&format=pdf&revision=9")).status()).toBe(404);
});

/** Fills the fields of the open dialog by their labels and sends it. */
async function answer(fields: Readonly<Record<string, string>>, submit: string): Promise<void> {
  const dialog = desk.getByRole("dialog");
  for (const [label, value] of Object.entries(fields)) {
    const field = dialog.getByLabel(new RegExp(`^${RegExp.escape(label)}( \\*)?$`));
    if ((await field.evaluate(({ tagName }) => tagName)) === "SELECT") await field.selectOption(value);
    else await field.fill(value);
  }
  await dialog.getByRole("button", { name: submit, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

test("a project is told of, with what was promised, what was reached and what it bought", async () => {
  await desk.goto(`${hub.url}/projects`);
  await desk.getByRole("button", { name: "New project" }).click();
  const [from, through] = [`${month}-01`, "2099-12-31"];
  await answer({ Name: "Tools for all", Funder: "LEADER", "First day": from, "Last day": through }, "Save");
  await desk.getByRole("heading", { name: "Tools for all" }).waitFor();
  expect(new URL(desk.url()).pathname).toBe("/projects/tools-for-all");
  await desk.getByRole("button", { name: "Add an indicator" }).click();
  await answer({ "What it counts": "People", Target: "10" }, "Save");
  await desk.getByRole("button", { name: "Add an indicator" }).click();
  await desk.getByRole("dialog").getByLabel("Source").selectOption("manual");
  await answer({ "What it counts": "Jobs", Target: "2" }, "Save");
  await desk.getByRole("button", { name: "Note what was reached" }).click();
  await answer({ "Reached by then, all in all": "1", Day: `${month}-20`, "Where that can be seen": "Contract 12" }, "Save");
  const rows = desk.getByTestId("indicators");
  await rows.getByRole("row", { name: /People.*20 %/ }).waitFor();
  await rows.getByRole("row", { name: /Jobs.*50 %/ }).waitFor();
  await desk.getByRole("button", { name: "Add a machine" }).click();
  await answer({}, "Add");
  await desk.getByRole("row", { name: /Laser 1.*4 h/ }).waitFor();
  const [project] = hub.stack.ledger.read.projects();
  expect(project).toMatchObject({ project: "tools-for-all", notes: [{ value: 1, evidence: "Contract 12" }] });
  expect((await file("document=project&project=tools-for-all&format=pdf&language=lv")).status()).toBe(200);
});

test("costs and income are entered, and the sheet tells what an hour costs and what would carry it", async () => {
  await desk.goto(`${hub.url}/sustainability/${month}`);
  await desk.getByRole("button", { name: "Enter a cost" }).click();
  await desk.getByRole("dialog").getByLabel("Amount").fill("twelve");
  await desk.getByRole("dialog").getByLabel("Note").fill("lens");
  await desk.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await desk.getByText("Give an amount such as").waitFor();
  await answer({ Amount: "40,00", "What for": "maintenance", Machine: "laser-1" }, "Save");
  await desk.getByRole("button", { name: "Enter an income" }).click();
  await answer({ Amount: "10.50", "From whom": "hours", Machine: "laser-1", Note: "till" }, "Save");
  await desk.getByTestId("lines").getByText("+10.5").waitFor();
  await desk.getByText("This month is closed").waitFor();
  expect(hub.stack.ledger.read.usage.money(`${month}-01`, `${month}-31`)).toMatchObject([
    { kind: "cost", source: "maintenance", cents: 4000, machine: "laser-1" },
    { kind: "income", source: "hours", cents: 1050 },
  ]);
  await desk.goto(`${hub.url}/months/${month}`);
  await desk.getByRole("button", { name: "Make a revision" }).click();
  await answer({ "Why is it revised?": "the lens", [`Type ${month} to confirm`]: month }, "Make a revision");
  await desk.getByRole("status").getByText("revision 3.").waitFor();
  await desk.goto(`${hub.url}/sustainability/${month}`);
  // 40 for four hours of work; 10.50 of 40 came back
  const row = desk.getByRole("row", { name: /Laser 1/ });
  await row.getByRole("link", { name: "10", exact: true }).waitFor();
  await row.getByRole("link", { name: "26.25 %" }).waitFor();
});

test("a correction is granted, a trainer is made and ended, and whoever asks to be forgotten is", async () => {
  const { ledger } = hub.stack;
  const [session] = ledger.read.sessions({ member: 2, limit: 1 });
  const end = { member: 2, session: session?.session ?? "", toMs: (session?.startedMs ?? 0) + 5_400_000 };
  await ledger.change.askCorrection({ ...end, reason: "forgot to log out" }, by);
  await desk.goto(`${hub.url}/corrections`);
  await desk.getByTestId("corrections").getByText("forgot to log out").waitFor();
  await desk.getByRole("button", { name: "Grant" }).click();
  await answer({ "Why?": "the door says the same" }, "Grant");
  await desk.getByText("Nobody waits for an answer.").waitFor();
  expect(ledger.read.corrections().map(({ outcome }) => outcome)).toEqual(["granted"]);

  await desk.goto(`${hub.url}/roles`);
  await desk.getByRole("button", { name: "Add … Trainers" }).click();
  await desk.getByRole("dialog").getByLabel("Member, by name or number").fill("Ada");
  await desk.getByRole("dialog").getByText("Ada Ozola #1").waitFor({ state: "attached" });
  await answer({ Training: "laser" }, "Add");
  await desk.getByTestId("trainer").getByText("Ada Ozola · Laser").waitFor();
  expect(ledger.read.qualifications()).toMatchObject([{ member: 1, role: "trainer", scope: "laser" }]);
  await desk.getByRole("button", { name: "Set roles" }).first().click();
  await desk.getByRole("dialog").getByLabel("Member, by name or number").fill("Ada");
  await desk.getByRole("dialog").getByText("Ada Ozola #1").waitFor({ state: "attached" });
  await desk.getByRole("dialog").getByLabel("Steward").check();
  await answer({}, "Save");
  await desk.getByTestId("roles").getByText("Steward").waitFor();
  expect(ledger.read.member(1)?.roles).toContain("steward");

  await ledger.change.askErasure({ member: 2, reason: "moves away" }, by);
  await desk.goto(`${hub.url}/retention`);
  await desk.getByText("7 days").first().waitFor();
  await desk.getByRole("button", { name: "Erase" }).click();
  const erase = desk.getByRole("dialog").getByRole("button", { name: "Erase" });
  expect(await erase.isDisabled()).toBe(true);
  await answer({ "Type the member's number, 2, to confirm": "2" }, "Erase");
  await desk.getByText("Nobody asks to be forgotten.").waitFor();
  expect(ledger.read.member(2)?.displayName ?? "").toBe("");
});

test.for([
  { width: 1280, locale: "en-GB" },
  { width: 390, locale: "lv-LV" },
])("the pages read well at $width px in $locale", async ({ width, locale }) => {
  const cookies = await desk.context().cookies();
  const { page, errors: seen } = await openPage(browser, { width, height: 844, locale });
  await page.context().addCookies(cookies);
  const paths = ["/months", `/months/${month}`, "/projects", "/projects/tools-for-all", `/sustainability/${month}`];
  for (const path of [...paths, "/corrections", "/roles", "/retention"]) {
    await page.goto(`${hub.url}${path}`);
    await page.locator("main h1").waitFor();
    await page.getByText(locale === "lv-LV" ? "Mirkli" : "One moment").waitFor({ state: "detached" });
    for (const summary of await page.locator("details.chapter > summary").all()) await summary.click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(width);
    expect(await accessibilityFaults(page), path).toEqual([]);
    await shoot(page, `manager${path.replaceAll("/", "-").replace(month, "month")}-${width}`);
  }
  expect(seen).toEqual([]);
  expect(errors).toEqual([]);
  await page.context().close();
});
