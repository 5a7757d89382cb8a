/** A person is erased on a real ledger: the name is nowhere, no month can be joined with another, and closed months count as they did. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { EventBody } from "../../hub/contract/index.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { clock, type Desk, openDesk, quiet } from "../hub/cli/desk.ts";
import { anId, bootOf } from "../support/ledger.ts";

const at = (wall: string): number => Temporal.PlainDateTime.from(wall).toZonedDateTime("Europe/Riga").epochMilliseconds;
let desk: Desk;
let seq = 0;
const [ada, bo] = [1, 2];
const said = async (...words: string[]): Promise<string> => {
  const { code, out, err } = await desk.run(...words);
  expect([code, err], words.join(" ")).toEqual([0, ""]);
  return out;
};
async function withLedger(work: (ledger: Ledger) => Promise<unknown>): Promise<void> {
  const ledger = await openLedger({ dir: desk.dataDir, site: "my-space", tz: "Europe/Riga", role: "tool" }, { clock, log: quiet });
  await work(ledger);
  await ledger.close();
}
type Told = readonly [wall: string, body: EventBody];
const tell = (told: readonly Told[]): Promise<void> =>
  withLedger((ledger) =>
    ledger.append(
      "saw-node",
      told.map(([wall, body]) => {
        seq += 1;
        const time = { atMono: at(wall) - at("2026-08-01T00:00"), atMs: at(wall), evtMs: at(wall), recvMs: at(wall) };
        return { node: "saw-node", boot: bootOf(1), seq, ch: "machine", body, tq: "synced", tqHub: "synced", ...time } as const;
      }),
    ),
  );
function use(member: number, from: string, until: string): Told[] {
  const [session, decision] = [anId(), anId()];
  return [
    [from, { kind: "mach.session_started", session, decision, member, provisional: false }],
    [until, { kind: "mach.session_closed", session, reason: "tap_out", busyMs: 0, energyWh: 0 }],
  ];
}

beforeAll(async () => {
  desk = openDesk();
  await desk.makeSite();
  await said("plan", "add", "full", "--label", "Full member");
  for (const name of ["Ada Ozola", "Bo Berg"]) await said("member", "add", name, "--plan", "full", "--from", "2026-08-01");
  await said("card", "assign", "em4100:0F00184E31", "--member", "Ada Ozola");
  await said("node", "add", "saw-node", "--kind", "machine", "--hub", "hub.local", "--meter", "/dev/ttyUSB1");
  const machine = ["--node", "saw-node", "--ch", "machine", "--risk", "B", "--cut-hazard", "no", "--course", "none"];
  await said("machine", "add", "saw-1", ...machine);
  await said("report", "group", "Ada Ozola", "--group", "student", "--from", "2026-08-01");
  await tell([
    ["2026-08-01T00:00", { kind: "node.boot", restart: "start", fw: "1" }],
    ...use(ada, "2026-08-10T12:00", "2026-08-10T13:00"),
    ...use(ada, "2026-08-20T12:00", "2026-08-20T13:00"),
    ...use(bo, "2026-09-05T12:00", "2026-09-05T13:00"),
    // over the end of a month: one number, or one person would be two
    ...use(ada, "2026-09-30T23:30", "2026-10-01T01:00"),
    ...use(ada, "2026-10-15T12:00", "2026-10-15T13:00"),
    ...use(bo, "2026-10-16T12:00", "2026-10-16T13:00"),
  ]);
  for (const month of ["2026-08", "2026-09", "2026-10", "2026-11"]) await said("report", "close", month);
});
afterAll(() => desk.remove());

it("needs to be told that it is for good", async () => {
  expect(await desk.run("member", "erase", "Ada Ozola", "--reason", "asked")).toMatchObject({ code: 2 });
});

it("leaves closed months as they were closed, and the log says the same of them", async () => {
  expect(await said("member", "erase", "Ada Ozola", "--reason", "asked by mail", "--for-good")).toContain("Member 1 is erased.");
  for (const month of ["2026-08", "2026-09", "2026-10", "2026-11"])
    expect(await said("report", "verify", month), month).toContain("The log says the same today.");
});

it("leaves the name nowhere, and a number of its own for each period", async () => {
  await withLedger(async (ledger) => {
    const { read } = ledger;
    expect(read.members().map(({ displayName }) => displayName)).toEqual(["Bo Berg"]);
    expect(read.cards(ada)).toEqual([]);
    expect(read.sessions({ member: ada, limit: 10 })).toEqual([]);
    const who = read
      .sessions({ limit: 10 })
      .reverse()
      .map(({ member }) => member);
    expect(who.map((member) => (member === bo ? "bo" : who.indexOf(member)))).toEqual([0, 0, "bo", 3, 3, "bo"]);
    expect(read.events({ member: ada, limit: 10 })).toEqual([]);
    const before = ledger.exportProjections();
    await ledger.rebuild();
    expect(ledger.exportProjections()).toBe(before);
    expect(read.brokenAudit()).toBeNull();
  });
  const bytes = ["ledger.sqlite", "ledger.sqlite-wal"].flatMap((file) => {
    try {
      return [readFileSync(join(desk.dataDir, file)).toString("latin1")];
    } catch {
      return [];
    }
  });
  expect(bytes[0]).not.toContain("Ada Ozola");
});

it("goes on with what its node tells later of others", async () => {
  await tell(use(bo, "2026-12-02T12:00", "2026-12-02T13:00"));
  await withLedger(async ({ read }) => {
    expect(read.sessions({ member: bo, limit: 10 })).toHaveLength(3);
    expect(read.sessions({ member: ada, limit: 10 })).toEqual([]);
  });
});
