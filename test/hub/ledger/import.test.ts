/** Lists of members that come a second time: whoever is known is changed, nobody is added twice, and no name decides. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCsv } from "../../../hub/exchange/csv.ts";
import { planImport } from "../../../hub/exchange/members-in.ts";
import { membersOut, ownRef } from "../../../hub/exchange/members-out.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { aLedger, temporaryDir } from "../../support/ledger.ts";

const by = "cli:test";
let ledger: Ledger;
let folder: ReturnType<typeof temporaryDir>;

beforeEach(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir);
  await ledger.change.addPlan({ plan: "full", label: "Full" }, by);
  await ledger.change.addCourse({ course: "saw", label: "Saw" }, by);
});
afterEach(async () => {
  await ledger.close();
  folder.remove();
});

type Rows = Parameters<Ledger["change"]["importMembers"]>[0]["rows"];
const take = (rows: Rows, signedOffBy?: number) =>
  ledger.change.importMembers({ rows, ...(signedOffBy === undefined ? {} : { signedOffBy }) }, by);

test("known again by their number there, then by mail, never by name", async () => {
  const first = await take([
    { displayName: "Ada", externalRef: "F-1", mail: "Ada@B.lv", plan: "full", from: "2026-01-01" },
    { displayName: "Bo", mail: "bo@b.lv" },
    { displayName: "Bo" },
  ]);
  expect(first.outcomes).toEqual(["added", "added", "added"]);
  const [ada, bo] = first.members as [number, number, number];
  const again = await take([
    { displayName: "Ada Ozola", externalRef: "F-1", mail: "new@b.lv", plan: "full", from: "2026-01-01" },
    { displayName: "Bo", mail: "BO@b.lv", externalRef: "F-2", cards: ["em4100:0A1B2C3D4E"] },
    { displayName: "Bo" },
  ]);
  expect(again.outcomes).toEqual(["changed", "changed", "added"]);
  expect(again.members.slice(0, 2)).toEqual([ada, bo]);
  expect(ledger.read.member(ada)).toMatchObject({ displayName: "Ada Ozola", mail: "new@b.lv", plan: "full", from: "2026-01-01" });
  expect(ledger.read.member(bo)).toMatchObject({ externalRef: "F-2", cards: 1 });
  const third = await take([{ displayName: "Bo", mail: "bo@b.lv", cards: ["em4100:0A1B2C3D4E"] }]);
  expect(third).toEqual({ members: [bo], outcomes: ["same"] });
});

test("a family with one address is told apart by numbers, and without them is not guessed", async () => {
  const family = { mail: "home@b.lv" };
  const { members } = await take([
    { displayName: "Ada", externalRef: "1", ...family },
    { displayName: "Bo", externalRef: "2", ...family },
  ]);
  expect(new Set(members).size).toBe(2);
  expect(ledger.read.knownAs({ displayName: "Ada", ...family })).toMatchObject({
    problem: expect.stringContaining("share its mail address"),
  });
  await expect(take([{ displayName: "Ada", ...family }])).rejects.toMatchObject({
    message: `Row 1: members ${members.join(" and ")} share its mail address.`,
  });
  expect((await take([{ displayName: "Cy", externalRef: "3", ...family }])).outcomes).toEqual(["added"]);
  await expect(ledger.change.setMember({ member: members[0] as number, externalRef: "2" }, by)).rejects.toMatchObject({
    code: "CONFLICT",
  });
});

test("one address under another name is not taken for the same person: nobody gets somebody else's trainings", async () => {
  const { members } = await take([{ displayName: "Ada", mail: "home@b.lv" }]);
  const bo = { displayName: "Bo", mail: "home@b.lv", externalRef: "2", cards: ["em4100:0A1B2C3D4E"] };
  await expect(take([bo])).rejects.toMatchObject({ message: `Row 1: member ${members[0]} has its mail address under another name.` });
  expect(ledger.read.knownAs(bo)).toMatchObject({ problem: expect.stringContaining("under another name") });
  expect(ledger.read.member(members[0] as number)).toMatchObject({ displayName: "Ada", cards: 0, externalRef: null });
  expect((await take([{ displayName: " ADA ", mail: "home@b.lv" }])).members).toEqual(members);
});

test("what the list does not say stays, and a lost card does not come back", async () => {
  const { members } = await take([{ displayName: "Ada", externalRef: "1", locale: "lv", mail: "a@b.lv", cards: ["em4100:0A1B2C3D4E"] }]);
  const ada = members[0] as number;
  await ledger.change.blockCard({ card: { number: "em4100:0A1B2C3D4E" }, status: "lost", reason: "bus" }, by);
  expect((await take([{ displayName: "Ada", externalRef: "1", cards: ["em4100:0A1B2C3D4E"] }])).outcomes).toEqual(["same"]);
  expect(ledger.read.member(ada)).toMatchObject({ locale: "lv", mail: "a@b.lv", cards: 0 });
});

test("a list the space wrote changes nothing when it comes back, and makes the same people elsewhere", async () => {
  const trainer = (await take([{ displayName: "Kim", externalRef: "T" }])).members[0] as number;
  await ledger.change.setRoles({ member: trainer, roles: ["trainer"] }, by);
  await take(
    [
      {
        displayName: '=Ozola, "Ada"',
        mail: "a@b.lv",
        locale: "lv",
        plan: "full",
        from: "2026-01-01",
        validThrough: "2026-12-31",
        courses: ["saw"],
      },
      { displayName: "Bo" },
    ],
    trainer,
  );
  const out = membersOut(ledger.read);
  expect(out.members).toBe(3);
  const rowsFor = (to: Ledger): Rows => {
    const read = readCsv(new TextEncoder().encode(out.text));
    if (!read.ok) throw new Error(read.sentence);
    const plan = planImport(read.records, {
      plan: (text) => text,
      course: (text) => text,
      usualPlan: null,
      card: () => ({ refused: "there is none" }),
      holder: () => null,
      known: (row) => to.read.knownAs(row),
      keyOf: (number) => number,
    });
    if (!plan.ok) throw new Error(plan.sentence);
    return plan.results.flatMap((result) => (result.ok ? [result.row] : []));
  };
  expect((await take(rowsFor(ledger), trainer)).outcomes).toEqual(["same", "same", "same"]);
  expect(membersOut(ledger.read).text).toBe(out.text);

  const other = temporaryDir();
  const second = await aLedger(other.dir, { site: "elsewhere" });
  await second.change.addPlan({ plan: "full", label: "Full" }, by);
  await second.change.addCourse({ course: "saw", label: "Saw" }, by);
  const boss = (await second.change.addMember({ displayName: "Boss" }, by)).member;
  await second.change.setRoles({ member: boss, roles: ["trainer"] }, by);
  const rows = rowsFor(second);
  expect((await second.change.importMembers({ rows, signedOffBy: boss }, by)).outcomes).toEqual(["added", "added", "added"]);
  expect((await second.change.importMembers({ rows, signedOffBy: boss }, by)).outcomes).toEqual(["same", "same", "same"]);
  const theirs = second.read.members().find(({ mail }) => mail === "a@b.lv");
  expect(theirs).toMatchObject({ displayName: '=Ozola, "Ada"', locale: "lv", plan: "full", validThrough: "2026-12-31" });
  expect(theirs?.externalRef).toBe(ownRef(ledger.read.site().site, 2));
  await second.close();
  other.remove();
});

test("whoever was erased is not brought back by an old list", async () => {
  const { members } = await take([{ displayName: "Ada", mail: "a@b.lv" }]);
  const ada = members[0] as number;
  const ref = ownRef(ledger.read.site().site, ada);
  await ledger.change.eraseMember({ member: ada, reason: "asked" }, by);
  await expect(take([{ displayName: "Ada", externalRef: ref }])).rejects.toMatchObject({
    message: `Row 1: there is no member ${ada} any more.`,
  });
  expect(ledger.read.knownAs({ displayName: "Ada", mail: "a@b.lv" })).toBeNull();
});
