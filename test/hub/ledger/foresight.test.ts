/** Who may use what when: the week's table says, hour by hour, what `koprade why` says of each member; on a real ledger. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { weeksOf, whyOf } from "../../../hub/foresight.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { aLedger, realClock, takeOverAll, temporaryDir } from "../../support/ledger.ts";

const by = "cli:test";
const monday = Temporal.PlainDate.from("2026-10-19"); // its Sunday has 25 hours in Riga
const at = (text: string): number => Temporal.PlainDateTime.from(text).toZonedDateTime("Europe/Riga").epochMilliseconds;
let folder: ReturnType<typeof temporaryDir>;
let ledger: Ledger;

beforeAll(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir, { role: "tool" }, { ...realClock, nowMs: () => at("2026-10-01T12:00") });
  const { change } = ledger;
  const weekday = (startMin: number, endMin: number) => [1, 2, 3, 4, 5].map((day) => ({ weekday: day, startMin, endMin }));
  await change.addSchedule({ schedule: "open", hours: { intervals: weekday(600, 1320), special: [] } }, by);
  await change.addSchedule({ schedule: "evening", hours: { intervals: weekday(1080, 90), special: [] } }, by);
  await change.setSite({ openingHours: "open", roster: true }, by);
  await change.addPlan({ plan: "full", label: "Full" }, by);
  await change.addPlan({ plan: "always", label: "Always", always: true }, by);
  await change.addPlan({ plan: "evening", label: "Evening", always: true, schedule: "evening" }, by);
  await change.addCourse({ course: "laser", label: "Laser", minAge: 16 }, by);
  await change.addNode({ node: "node-1", kind: "machine" }, by);
  const machine = { node: "node-1", label: "Machine", riskClass: "B" as const, cutHazard: false, course: "laser" };
  await change.addMachine({ ...machine, machine: "laser-1", ch: "one", twoPerson: "evening" }, by);
  await change.addMachine({ ...machine, machine: "laser-2", ch: "two", stewardRequired: true, minCreditCents: 100 }, by);
  await takeOverAll(ledger);
  for (let i = 1; i <= 12; i += 1) {
    await change.addMember({ displayName: `Member ${i}` }, by);
    if (i === 1) await change.setRoles({ member: 1, roles: ["trainer", "steward"] }, by);
    const plan = (["full", "always", "evening"] as const)[i % 3] ?? "full";
    const validThrough = i % 4 === 0 ? "2026-10-22" : null;
    await change.setMembership({ member: i, plan, from: i === 7 ? "2026-10-21" : "2026-01-01", validThrough }, by);
    const result = i % 5 === 0 ? ("supervised_only" as const) : ("passed" as const);
    if (i !== 1 && i !== 11) {
      const until = i === 6 ? { validThrough: "2026-10-24" } : {};
      await change.grantTraining({ member: i, course: "laser", signedOffBy: 1, result, on: "2026-10-01", ...until }, by);
    }
  }
  await change.setMember({ member: 9, birthDate: "2010-10-21" }, by);
  await change.addCredit({ member: 2, cents: 500, reason: "paid" }, by);
  await change.addCredit({ member: 3, cents: 500, reason: "paid" }, by);
  await change.addHold({ member: 10, reason: "talk", through: "2026-10-20" }, by);
  await change.addBooking({ machine: "laser-1", member: 2, fromMs: at("2026-10-20T14:00"), untilMs: at("2026-10-20T17:00") }, by);
  await change.addShift({ member: 1, fromMs: at("2026-10-21T12:00"), untilMs: at("2026-10-21T19:30") }, by);
});
afterAll(async () => {
  await ledger.close();
  folder.remove();
});

it.each(["laser-1", "laser-2"])("the week of %s is what every single question says", (name) => {
  const [week] = weeksOf({ ledger }, [name], monday);
  expect(week?.members).toHaveLength(12);
  const differing: string[] = [];
  const seen = new Set<string>();
  for (const { member, answers } of week?.members ?? []) {
    expect(answers).toHaveLength(168);
    answers.forEach((answer, hour) => {
      const whenMs = week?.hoursMs[hour] ?? 0;
      const why = whyOf({ ledger }, member, name, whenMs);
      const expected = why?.outcome === "grant" ? "alone" : why?.outcome === "pending" ? "with_others" : "no";
      seen.add(answer);
      if (answer !== expected) differing.push(`${member} ${new Date(whenMs).toISOString()} ${answer} ${why?.reason}`);
    });
  }
  expect(differing).toEqual([]);
  expect([...seen].sort()).toEqual(name === "laser-1" ? ["alone", "no", "with_others"] : ["alone", "no"]);
});

it("knows no machine that is not there", () => {
  expect(weeksOf({ ledger }, ["laser-9"], monday)[0]?.members).toEqual([]);
});
