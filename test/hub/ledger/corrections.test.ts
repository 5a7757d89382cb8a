/** Corrections: whose session, within which time, answered by whom; what was told stays, and every answer stands. */
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "../../../hub/ledger/commands.ts";
import { readCorrections } from "../../../hub/ledger/corrections.ts";
import type { CommandInput, CommandName } from "../../../hub/ledger/inputs.ts";
import { readNotices } from "../../../hub/ledger/notices.ts";
import { makeReads } from "../../../hub/ledger/reads.ts";
import { nowMs, openSpace, type Space } from "../../support/every-command.ts";
import { temporaryDir } from "../../support/ledger.ts";

const hour = 3_600_000;
const folder = temporaryDir();
let space: Space;
let ada: number;
beforeEach(() => {
  space = openSpace(folder.dir);
  ada = space.people.ada;
});
afterAll(() => folder.remove());

const give = <C extends CommandName>(name: C, input: CommandInput<C>, actor = "manager:x2", atMs = nowMs) =>
  runCommand(space.db, space.keys, { name, input, actor }, atMs);
const ask = (change: Partial<CommandInput<"askCorrection">> = {}, actor = `member:${ada}`, atMs = nowMs) =>
  give("askCorrection", { ...space.inputs.askCorrection, ...change }, actor, atMs);
const session = () => space.inputs.askCorrection.session;
const told = () => space.db.one("SELECT start_ms, end_ms FROM sessions WHERE session = ?", session());

describe("asking", () => {
  it.each([
    ["before it began", -2 * hour, "a session ends after it begins"],
    ["in the future", 1, "a session ends after it begins"],
    ["as it is recorded", -hour / 2, "that is the end that is recorded"],
  ])("refuses an end %s", (_what, offMs, sentence) => {
    expect(() => ask({ toMs: nowMs + offMs })).toThrow(sentence);
  });
  it("is for sessions of one's own, by oneself or by staff for somebody", () => {
    const { cid } = space.people;
    expect(() => ask({ member: cid }, `member:${cid}`)).toThrow(`Member ${cid} has no session`);
    expect(() => ask({}, `member:${cid}`)).toThrow("may not give the command askCorrection");
    expect(ask({}, "staff:x3")).toEqual({ correction: 3 });
  });
  it("waits for its answer before it can be asked again", () => {
    ask();
    expect(() => ask({ toMs: nowMs - 1.5 * hour })).toThrow("Correction 3 asks for that session already.");
    give("refuseCorrection", { correction: 3, reason: "seen" });
    expect(ask({ toMs: nowMs - 1.5 * hour })).toEqual({ correction: 4 });
  });
  it("ends with the window after the month, which the space can set", () => {
    const lastMs = Date.parse("2026-12-14T21:59:59.999Z"); // the 14th day of December in Riga
    expect(ask({}, "staff:x3", lastMs)).toEqual({ correction: 3 });
    give("refuseCorrection", { correction: 3, reason: "seen" });
    expect(() => ask({}, "staff:x3", lastMs + 1)).toThrow("Corrections of that month were taken until 2026-12-14.");
    give("setSite", { settings: { correctionMs: 30 * 24 * hour } });
    expect(ask({}, "staff:x3", lastMs + 1)).toEqual({ correction: 4 });
  });
});

describe("an answer", () => {
  it("is given by a manager, and never by whoever asked", () => {
    ask({}, "manager:x2");
    expect(() => give("grantCorrection", { correction: 3, reason: "seen" })).toThrow("Nobody reviews what they have asked for themselves.");
    for (const actor of ["staff:x3", `member:${ada}`, `member:${space.people.desk}`])
      expect(() => give("grantCorrection", { correction: 3, reason: "seen" }, actor)).toThrow("may not give the command");
    give("grantCorrection", { correction: 3, reason: "seen" }, "manager:x4");
    expect(() => give("refuseCorrection", { correction: 3, reason: "no" }, "manager:x4")).toThrow("Correction 3 is granted already.");
    expect(() => give("refuseCorrection", { correction: 9, reason: "no" })).toThrow('There is no correction "9"');
  });
  it("changes no record: who asks for sessions hears the corrected end, and what its node told is there still", () => {
    const before = told();
    const reads = makeReads(space.db, () => nowMs);
    const toMs = nowMs - 1.5 * hour;
    ask({ toMs });
    const end = () => reads.sessions({ member: ada, limit: 10 }).find((row) => row.session === session());
    expect(end()).toMatchObject({ endedMs: nowMs - hour / 2, reason: "tap_out" });
    give("grantCorrection", { correction: 3, reason: "the door says so" });
    expect(end()).toMatchObject({ endedMs: toMs, reason: "corrected" });
    expect(told()).toEqual(before);
    const fromMs = toMs + 1;
    expect(reads.sessions({ member: ada, fromMs, limit: 10 }).map((row) => row.session)).not.toContain(session());
    ask({ toMs: toMs + 1000 });
    give("grantCorrection", { correction: 4, reason: "again" });
    expect(end()).toMatchObject({ endedMs: toMs + 1000 });
  });
  it("is told to the member, counted by when it was given, and in the audit", () => {
    ask({}, `member:${ada}`, nowMs - 1);
    give("grantCorrection", { correction: 1, reason: "seen" });
    give("refuseCorrection", { correction: 2, reason: "the machine ran until then" });
    expect(readNotices(space.db, ada, 2).map(({ kind, facts }) => [kind, facts.label])).toEqual([
      ["correction_refused", "Machine"],
      ["correction_granted", "Machine"],
    ]);
    expect(readCorrections(space.db, { member: ada }).map(({ outcome, answer }) => [outcome, answer])).toEqual([
      [null, null],
      ["refused", "the machine ran until then"],
      ["granted", "seen"],
    ]);
    expect(readCorrections(space.db, { open: true }).map(({ correction }) => correction)).toEqual([3]);
    const { usage } = makeReads(space.db, () => nowMs);
    expect(usage.correctionCounts(nowMs - 1, nowMs)).toEqual({ asked: 1, granted: 0, refused: 0 });
    expect(usage.correctionCounts(nowMs, nowMs + 1)).toEqual({ asked: 2, granted: 1, refused: 1 });
    const actions = space.db.all<{ action: string; target: string }>("SELECT action, target FROM audit ORDER BY n DESC LIMIT 1");
    expect(actions).toEqual([{ action: "refuseCorrection", target: "correction 2" }]);
  });
  it("cannot be changed in the file either", () => {
    give("grantCorrection", { correction: 1, reason: "seen" });
    expect(() => space.db.run("UPDATE corrections SET to_ms = 0 WHERE correction = 1")).toThrow("an answer to a correction stands");
    expect(() => space.db.run("DELETE FROM corrections")).toThrow("a correction is never deleted");
  });
});
