/** Drafts of months on a real ledger: made by the hub on the 1st at 06:00 local, once each, also those it slept through. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { openLedger } from "../../hub/ledger/ledger.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { draftMonths } from "../../hub/months.ts";
import type { Clock } from "../../hub/ports.ts";
import { draftOf } from "../../hub/reports/book.ts";
import { figuresText, hashOf } from "../../hub/reports/seal.ts";
import { createSeries } from "../../hub/series/index.ts";
import type { UsageSeries } from "../../hub/series/types.ts";
import { clock, type Desk, openDesk, quiet } from "../hub/cli/desk.ts";
import { bootOf } from "../support/ledger.ts";

const at = (wall: string): number => Temporal.PlainDateTime.from(wall).toZonedDateTime("Europe/Riga").epochMilliseconds;
let desk: Desk;
let nowMs = 0;
/** What the hub's timer would do at its next minute. */
let look = (): void => undefined;
const later: Clock = {
  ...clock,
  nowMs: () => nowMs,
  every(_name, _ms, run) {
    look = run;
    return () => undefined;
  },
};

beforeAll(async () => {
  desk = openDesk();
  await desk.makeSite();
});
afterAll(() => desk.remove());

/** A hub from its start to its stop, with nothing running but what makes drafts. */
async function running(work: (hub: { readonly ledger: Ledger; readonly series: UsageSeries }) => Promise<void>): Promise<void> {
  const ledger = await openLedger({ dir: desk.dataDir, site: "my-space", tz: "Europe/Riga" }, { clock: later, log: quiet });
  const series = await createSeries({ dir: desk.dataDir, influx: null }, { clock: later, log: quiet });
  const stop = draftMonths({ ledger, series, clock: later, log: quiet });
  await work({ ledger, series });
  await stop();
  await series.close();
  await ledger.close();
}
const drafted = (ledger: Ledger): string[] => ledger.read.usage.drafts().map(({ month }) => month);
async function minuteAt(wall: string, ledger: Ledger, expected: readonly string[]): Promise<void> {
  nowMs = at(wall);
  look();
  look();
  await expect.poll(() => drafted(ledger), { timeout: 20_000 }).toEqual(expected);
}

it("are made at six, survive a restart, are made up for when missed, and are kept as the log had them then", async () => {
  nowMs = at("2026-10-20T12:00");
  await running(async ({ ledger }) => {
    const atMs = at("2026-10-15T12:00");
    const time = { atMono: 1, atMs, tq: "synced", evtMs: atMs, recvMs: atMs, tqHub: "synced" } as const;
    await ledger.append("door-node", [
      { node: "door-node", boot: bootOf(1), seq: 1, ch: "node", body: { kind: "node.boot", restart: "start", fw: "1" }, ...time },
    ]);
    await minuteAt("2026-11-01T05:59", ledger, []);
    await minuteAt("2026-11-01T06:00", ledger, ["2026-10"]);
  });
  await running(async ({ ledger, series }) => {
    await minuteAt("2026-11-30T23:00", ledger, ["2026-10"]);
    await minuteAt("2027-02-01T06:00", ledger, ["2026-10", "2026-11", "2026-12", "2027-01"]);
    const [october] = ledger.read.usage.drafts("2026-10");
    expect(october?.madeMs).toBe(at("2026-11-01T06:00"));
    expect(october?.figures).toBe(figuresText(draftOf({ ledger, series }, "2026-10", nowMs)));
    expect(october?.hash).toBe(hashOf(october?.figures ?? ""));
    const made = ledger.read.audit(100).filter(({ action }) => action === "draftMonth");
    expect(made.map(({ actor, target }) => [actor, target])).toEqual(
      ["2027-01", "2026-12", "2026-11", "2026-10"].map((month) => ["hub:months", `month ${month}`]),
    );
  });
});

it("go on to be checked and closed", async () => {
  const said = async (...words: string[]) => (await desk.run(...words)).out;
  expect(await said("report", "list")).toMatch(/2026-10 +draft +0 /);
  expect(await said("report", "draft", "2026-10")).toContain("was made 2026-11-01 06:00; 0 values have changed since.");
  expect(await said("report", "check", "2026-10", "--done")).toMatch(/^2026-10 is checked\.\n/);
  expect(await said("report", "check", "2026-10", "--undo")).toMatch(/^2026-10 is draft\.\n/);
  expect(await said("report", "close", "2026-10")).toContain("Closed 2026-10 as No. 1, revision 1");
  expect(await said("report", "list")).toMatch(/2026-10 +closed +1 /);
  expect(await desk.run("report", "diff", "2026-10")).toMatchObject({ code: 1, err: expect.stringContaining("no two such revisions") });
  expect(await desk.run("report", "check", "2026-10", "--done", "--undo")).toMatchObject({ code: 2 });
});
