/** The life of a month on a real ledger: draft, closed, late events, revision; and paper that says what the tables say. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EventBody } from "../../hub/contract/index.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { commandsOn } from "../../hub/live-view.ts";
import { draftOf } from "../../hub/reports/book.ts";
import type { ProjectFigures } from "../../hub/reports/project.ts";
import { figuresText, hashOf } from "../../hub/reports/seal.ts";
import { shownCell } from "../../hub/reports/show.ts";
import type { MonthReport } from "../../hub/reports/types.ts";
import { createSeries } from "../../hub/series/index.ts";
import type { Stack } from "../../hub/stack.ts";
import { clock, type Desk, openDesk, quiet } from "../hub/cli/desk.ts";
import { anId, bootOf } from "../support/ledger.ts";

const at = (wall: string): number => Temporal.PlainDateTime.from(wall).toZonedDateTime("Europe/Riga").epochMilliseconds;
const bootMs = at("2026-10-31T00:00");
let desk: Desk;
let seq = 0;
const said = async (...words: string[]) => {
  const { code, out, err } = await desk.run(...words);
  expect([code, err], words.join(" ")).toEqual([0, ""]);
  return out;
};

async function withLedger(work: (ledger: Ledger) => Promise<unknown>): Promise<void> {
  const ledger = await openLedger({ dir: desk.dataDir, site: "my-space", tz: "Europe/Riga", role: "tool" }, { clock, log: quiet });
  await work(ledger);
  await ledger.close();
}

type Told = readonly [wall: string, ch: string, body: EventBody];
async function tell(...told: readonly Told[]): Promise<void> {
  const events = told.map(([wall, ch, body]) => {
    seq += 1;
    const atMs = at(wall);
    const time = { atMono: atMs - bootMs, atMs, tq: "synced", evtMs: atMs, recvMs: clock.nowMs(), tqHub: "synced" } as const;
    return { node: "laser-node", boot: bootOf(1), seq, ch, body, ...time };
  });
  await withLedger((ledger) => ledger.append("laser-node", events));
}
const workOf = (session: string, member: number, day: string): Told[] => {
  const run = anId();
  const mono = (wall: string) => at(wall) - bootMs;
  return [
    [`${day}T12:00`, "machine", { kind: "mach.session_started", session, decision: anId(), member, provisional: false }],
    [`${day}T12:00`, "machine", { kind: "mach.powered", on: true }],
    [`${day}T12:30`, "machine", { kind: "mach.run_started", run, session, startMono: mono(`${day}T12:30`) }],
    [
      `${day}T13:30`,
      "machine",
      { kind: "mach.run_ended", run, session, endMono: mono(`${day}T13:30`), energyWh: 500, peakW: 600, uncertainMs: 0 },
    ],
    [`${day}T14:00`, "machine", { kind: "mach.powered", on: false }],
    [`${day}T14:00`, "machine", { kind: "mach.session_closed", session, reason: "tap_out", busyMs: 3_600_000, energyWh: 500 }],
  ];
};

beforeAll(async () => {
  desk = openDesk();
  await desk.makeSite();
  await said("plan", "add", "full", "--label", "Full member");
  await said("course", "add", "laser-basics");
  await said("member", "add", "Kim Trainer", "--roles", "trainer");
  for (const name of ["Ada Ozola", "Bo Berg"]) await said("member", "add", name, "--plan", "full");
  await said("training", "grant", "--member", "Ada Ozola", "--course", "laser-basics", "--by", "Kim Trainer");
  await said("node", "add", "laser-node", "--kind", "machine", "--hub", "hub.local", "--meter", "/dev/ttyUSB1");
  const machine = ["--node", "laser-node", "--ch", "machine", "--risk", "B", "--cut-hazard", "no", "--course", "laser-basics"];
  await said("machine", "add", "laser-1", "--label", "Lāzers", ...machine);
  await said("hours", "set", "Mon-Sun 10:00-20:00");
  await said("report", "group", "Ada Ozola", "--group", "student", "--from", "2026-09-01");
  await said(
    "report",
    "count",
    "12",
    "--on",
    "2026-11-10",
    "--kind",
    "class",
    "--minutes",
    "90",
    "--group",
    "pupil",
    "--machine",
    "laser-1",
  );
  await said("report", "cost", "1200.50", "--on", "2026-11-01", "--source", "energy", "--label", "Electricity");
  await said("report", "income", "5000", "--on", "2026-11-30", "--source", "public", "--label", "Grant");
  expect(await desk.run("report", "cost", "-1", "--on", "2026-11-01", "--source", "energy", "--label", "x")).toMatchObject({ code: 2 });
  await tell(
    ["2026-11-01T00:00", "node", { kind: "node.boot", restart: "start", fw: "1" }],
    ["2026-11-01T00:00", "machine", { kind: "mach.powered", on: false }],
  );
  await tell(...workOf(anId(), 2, "2026-11-10"));
  await tell(["2026-11-30T21:50", "machine", { kind: "mach.fault", cause: "contactor" }]);
  await tell(["2026-11-30T22:00", "machine", { kind: "mach.powered", on: false }]);
});
afterAll(() => desk.remove());

describe("a month", () => {
  it("is a draft until it is closed, and cannot be closed before it is over", async () => {
    expect(await said("report", "2026-11")).toContain("Draft, not closed");
    expect(await desk.run("report", "close", "2026-12")).toMatchObject({ code: 1, err: expect.stringContaining("not over yet") });
    expect(await desk.run("report", "revise", "2026-11", "--reason", "x")).toMatchObject({ code: 1 });
    expect(await desk.run("report", "verify", "2026-11")).toMatchObject({ code: 1, err: expect.stringContaining("not closed yet") });
  });
  it("explains a number by its formula, its parts and the stretches behind it", async () => {
    const out = await said("report", "explain", "2026-11/M09/laser-1");
    expect(out).toMatch(/formula +\|\(busy \+ unattended_busy\) & open & available\| \/ M07/);
    expect(out).toMatch(/numerator +3600000\n/);
    expect(out).toMatch(/denominator +1080000000\n/);
    expect(out).toContain("2026-11-10 12:30 – 2026-11-10 13:30  busy, session");
    expect(await said("report", "explain", "2026-11/V01")).toMatch(/value +1\n/);
    expect(await desk.run("report", "explain", "2026-11/M09/none")).toMatchObject({ code: 1 });
  });
  it("counts nothing that was taken back", async () => {
    const figures = await said("report", "2026-11", "--json");
    const wrong = await said("report", "count", "40", "--on", "2026-11-11", "--kind", "fair");
    expect(await said("report", "2026-11", "--json")).not.toBe(figures);
    await said("report", "undo-count", /Headcount (\d+)/.exec(wrong)?.[1] ?? "", "--reason", "another month");
    expect(await said("report", "2026-11", "--json")).toBe(figures);
  });
  it("is closed from afar with what the log says, and nothing else", async () => {
    await withLedger(async (ledger) => {
      const series = await createSeries({ dir: desk.dataDir, influx: null }, { clock, log: quiet });
      const book = { ledger, series };
      const commands = commandsOn({ ...book, hub: {} } as unknown as Stack, () => clock.nowMs());
      const actor = { id: "x1", name: "Ilze", role: "owner", member: null } as const;
      const close = (figures: string) =>
        commands.give({ name: "closeMonth", input: { month: "2026-11", revision: 1, hash: hashOf(figures), figures }, actor });
      const own = figuresText(draftOf(book, "2026-11", clock.nowMs()));
      await expect(close(own.replace("3600000", "7200000"))).rejects.toMatchObject({ code: "CONFLICT" });
      await expect(commands.give({ name: "closeMonth", input: { month: "2026-11" }, actor })).rejects.toMatchObject({ code: "BAD_INPUT" });
      expect(ledger.read.usage.closedMonths()).toEqual([]);
      await series.close();
    });
  });
  it("is frozen by closing, under a number and a hash that verify", async () => {
    expect(await said("report", "close", "2026-11")).toMatch(/^Closed 2026-11 as No\. 1, revision 1, SHA-256 [0-9a-f]{64}\.\n/);
    expect(await said("report", "2026-11")).toContain("Closed as No. 1, revision 1");
    expect(await said("report", "verify", "2026-11")).toMatch(/as it was closed, in the audit\nThe log says the same today\./);
    expect(await desk.run("report", "close", "2026-11")).toMatchObject({ code: 1, err: expect.stringContaining("closed already") });
    expect(await desk.run("report", "revise", "2026-11", "--reason", "x")).toMatchObject({
      code: 1,
      err: expect.stringContaining("nothing to revise"),
    });
  });
  it("keeps what was closed when names and hours change, and late events go into a second revision with what they changed", async () => {
    const first = await said("report", "2026-11", "--json");
    await said("hours", "set", "Mon-Fri 12:00-14:00");
    await withLedger((ledger) => ledger.change.setMachine({ machine: "laser-1", change: { label: "Other" } }, "cli:test"));
    expect(await said("report", "2026-11", "--json")).toBe(first);
    expect(await said("report", "verify", "2026-11")).toContain("The log says the same today.");
    await tell(...workOf(anId(), 3, "2026-11-20"));
    expect(await said("report", "2026-11", "--json")).toBe(first);
    expect(await said("report", "verify", "2026-11")).toMatch(/Since then \d+ values have changed/);
    const revised = await said("report", "revise", "2026-11", "--reason", "The node delivered late");
    expect(revised).toContain("Closed 2026-11 as No. 2, revision 2");
    expect(revised).toContain("  M01/laser-1: 3600000 → 7200000");
    expect(revised).toMatch(/since then: \d+ late events of laser-node/);
    expect(revised).toContain("since then: addSchedule, ");
    expect(await said("report", "diff", "2026-11")).toMatch(/revision 1 → 2: The node delivered late\n/);
    expect(await said("report", "2026-11", "--revision", "1", "--json")).toBe(first);
    const second = (await desk.json("report", "2026-11")) as MonthReport;
    expect(second.tables.find(({ id }) => id === "machines")?.rows[0]?.slice(0, 5)).toEqual(["Lāzers", 2, 2, 2, 4]);
  });
});

describe("a correction", () => {
  it("that is granted changes the month by a third revision, and never what its node told", async () => {
    const [session] = (await desk.json("correction", "sessions", "Bo Berg")) as { session: string; endedMs: number }[];
    const about = [session?.session ?? "", "--member", "Bo Berg", "--to", "2026-11-20T13:30", "--reason", "left the machine running"];
    expect(await said("correction", "ask", ...about)).toContain("Correction 1 is asked for");
    expect(await desk.run("correction", "grant", "1", "--reason", "seen")).toMatchObject({
      code: 1,
      err: expect.stringContaining("Nobody reviews"),
    });
    expect(await said("report", "verify", "2026-11")).toContain("The log says the same today.");
    expect(await said("report", "check", "2026-11")).toContain(
      "- 1 corrections of sessions wait for an answer.\n    koprade correction list --open",
    );
    await withLedger((ledger) => ledger.change.grantCorrection({ correction: 1, reason: "the door says so" }, "manager:x2"));
    expect(await said("correction", "list", "--member", "Bo Berg")).toContain("granted: the door says so");
    const revised = await said("report", "revise", "2026-11", "--reason", "A correction was granted");
    expect(revised).toMatch(/M02\/laser-1: 14400000 → 12600000/);
    expect(revised).toContain("since then: correction 1 was granted");
    await withLedger(async (ledger) => {
      expect(ledger.read.events({ kinds: ["mach.session_closed"], limit: 1 })[0]?.evtMs).toBe(at("2026-11-20T14:00"));
      const before = ledger.exportProjections();
      await ledger.rebuild();
      expect(ledger.exportProjections()).toBe(before);
      expect(ledger.read.sessions({ member: 3, limit: 1 })[0]).toMatchObject({ endedMs: at("2026-11-20T13:30"), reason: "corrected" });
    });
  });
});

describe("a project", () => {
  it("tells what was promised and reached, and how its machines were used", async () => {
    const term = ["--from", "2026-09-01", "--through", "2030-12-31", "--publicity", "Atbalsta LAD"];
    await said("project", "set", "tools", "--label", "Tools for all", "--funder", "LEADER", ...term);
    await said("project", "fund", "tools", "laser-1", "--from", "2026-11-15");
    const set = (name: string, ...words: string[]) => said("project", "indicator", "tools", name, "--label", name, ...words);
    await set("people", "--target", "10", "--source", "auto", "--metric", "V03");
    await set("hours", "--target", "100", "--source", "auto", "--metric", "M01/laser-1", "--unit", "h");
    await set("pupils", "--target", "20", "--baseline", "2", "--source", "counted", "--group", "pupil");
    await set("jobs", "--target", "2", "--source", "manual");
    await said("project", "note", "tools", "jobs", "1", "--on", "2026-11-30", "--evidence", "Contract 12/2026");
    const noted = await said("project", "note", "tools", "jobs", "5", "--on", "2026-11-30", "--evidence", "wrong");
    await said("project", "undo-note", /Note (\d+)/.exec(noted)?.[1] ?? "", "--reason", "wrong");
    expect(await desk.run("project", "note", "tools", "people", "5", "--on", "2026-11-30", "--evidence", "x")).toMatchObject({ code: 1 });
    const made = (await desk.json("project", "show", "tools", "--through", "2026-11")) as ProjectFigures;
    const reached = Object.fromEntries(made.indicators.map(({ indicator, actual, share }) => [indicator, [actual, share]]));
    expect(reached).toEqual({ people: [2, 0.2], hours: [2, 0.02], pupils: [12, 10 / 18], jobs: [1, 0.5] });
    expect(made.months.at(-1)).toEqual({ month: "2026-11", revision: 3 });
    const [asset] = made.assets;
    expect(asset?.metrics.map(({ id, value }) => [id, id === "M09" ? (value ?? 0) > 0 : value])).toEqual([
      ["M01", 3_600_000],
      ["M09", true],
      ["M16", 1],
    ]);
    expect(await said("project", "show", "tools", "--through", "2026-11")).toContain("manual: Contract 12/2026");
    expect(await said("report", "verify", "2026-11")).toContain("The log says the same today.");
  });
});

describe("a part of the space", () => {
  it("is a zone with the zones in it, or what a project bought: machines and sums of theirs, and nothing about all people", async () => {
    await said("zone", "add", "house", "--label", "House");
    await said("zone", "add", "wood-shop", "--label", "Wood shop", "--within", "house");
    await said("policy", "set", "laser-1", "--zone", "wood-shop");
    const made = (await desk.json("report", "2026-11", "--zone", "house", "--lang", "en")) as MonthReport;
    expect(made.title).toBe("Month report: House");
    expect(made.tables.map(({ id }) => id)).toEqual(expect.arrayContaining(["machines", "incidents", "training", "method"]));
    expect(made.tables.map(({ id }) => id)).not.toEqual(expect.arrayContaining(["people"]));
    const bought = (await desk.json("report", "2026-11", "--of-project", "tools", "--pack", "safety", "--lang", "en")) as MonthReport;
    expect(bought.title).toBe("Safety log: Tools for all");
    expect(bought.tables.find(({ id }) => id === "incidents")?.rows).toEqual([
      ["2026-11-30 21:50", "Lāzers", "Fault", "contactor", null],
      ["2026-11-30 21:50", "Lāzers", "Locked", "fault", null],
    ]);
    const refused = async (...words: string[]) => (await desk.run("report", "2026-11", ...words)).err;
    expect(await refused("--zone", "attic")).toContain('--zone cannot be "attic"; there is house or wood-shop.');
    expect(await refused("--zone", "house", "--machine", "laser-1")).toContain("Give one of --machine, --zone and --of-project.");
    expect(await refused("--zone", "house", "--pack", "people")).toContain("--pack people is about the whole space");
    expect(await refused("--of-project", "roof")).toContain('There is no project "roof"');
  });
});

describe("a number", () => {
  it("is explained by its rows, with names at the console, whatever it counts", async () => {
    const days = await said("report", "explain", "2026-11/V01", "--lang", "en");
    expect(days).toContain("V01 of 2026-11 (revision 3, No. 3; rows as the log says today)");
    expect(days).toContain("  value        2\n");
    expect(days).toMatch(/\n {2}2026-11-10 12:00 {2}session, Ada Ozola \(2\) {2}\(\+1\)\n/);
    expect(await said("report", "explain", "2026-11/M27.trips/laser-1")).toMatch(/2026-11-30 21:50 {2}fault, contactor {2}\(\+1\)/);
    expect(await said("report", "explain", "2026-11/S06")).toMatch(/2026-11-30, income, public, Grant {2}\(\+500000\)/);
    expect(await said("report", "explain", "2026-11/E02")).toMatch(/2026-11-10, class, 12 people, 90 min, pupil {2}\(\+12\)/);
    expect(await said("report", "explain", "2026-11/M01/laser-1", "--lang", "lv")).toContain(
      "formula      |darbā + darbā bez uzraudzības|",
    );
    const { rows } = (await desk.json("report", "explain", "2026-11/T5/laser-basics")) as { rows: unknown[] };
    expect(JSON.stringify(rows)).not.toContain("Ozola");
    expect((await desk.run("report", "explain", "2026-11/M01")).err).toContain("there is M01/laser-1 or M01/all.");
  });
});

describe("paper", () => {
  it.each(["en", "lv", "sv", "nb"])("in %s has every cell of every table, read back with pdftotext", async (lang) => {
    const formats = ["--format", "pdf,json,xlsx,html", "--lang", lang, "--out", lang];
    const { files } = (await desk.json("report", "2026-11", ...formats)) as { files: string[] };
    const pathOf = (end: string) => files.find((path) => path.endsWith(end)) ?? "";
    const words = (text: string) => text.replace(/\s+/g, "");
    const paper = words(execFileSync("pdftotext", ["-layout", pathOf(".pdf"), "-"], { encoding: "utf8" }));
    const raw = words(execFileSync("pdftotext", ["-raw", pathOf(".pdf"), "-"], { encoding: "utf8" }));
    const report = (await desk.json("report", "2026-11", "--lang", lang)) as MonthReport;
    for (const table of report.tables) {
      expect(raw, table.id).toContain(words(table.title));
      for (const row of table.rows) {
        const shown = row.map((cell, i) => words(shownCell(cell, table.columns[i], report.language)));
        for (const cell of shown) expect(`${paper} ${raw}`, `${table.id}: ${cell}`).toContain(cell);
      }
    }
  });
  it("is the same bytes each time it is written, in every format", async () => {
    const write = async (out: string) => {
      const { files } = (await desk.json("report", "2026-11", "--format", "pdf,xlsx,csv,json,html", "--out", out)) as { files: string[] };
      return files.map((path) => readFileSync(path).toString("base64"));
    };
    expect(await write("again")).toEqual(await write("once"));
  });
});

describe("a closed month", () => {
  it("cannot be changed behind its back", async () => {
    const db = new DatabaseSync(join(desk.dataDir, "ledger.sqlite"));
    expect(() => db.exec("UPDATE closed_months SET figures = '{}' WHERE revision = 1")).toThrow("a closed month never changes");
    expect(() => db.exec("DELETE FROM closed_months")).toThrow("a closed month is never deleted");
    db.exec(
      "DROP TRIGGER closed_months_stay; UPDATE closed_months SET figures = replace(figures, '3600000', '3600001') WHERE revision = 1",
    );
    db.close();
    expect(await desk.run("report", "verify", "2026-11")).toMatchObject({ code: 1, out: expect.stringContaining("NOT what was closed") });
  });
});
