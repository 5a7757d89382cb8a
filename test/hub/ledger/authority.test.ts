/** Who may give which command: every kind of caller × every command, as told here, not as the ledger's own table has it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authority } from "../../../hub/ledger/authority.ts";
import { runCommand } from "../../../hub/ledger/commands.ts";
import { type CommandName, inputs } from "../../../hub/ledger/inputs.ts";
import { nowMs, openSpace, type People, type Space } from "../../support/every-command.ts";
import { temporaryDir } from "../../support/ledger.ts";

/** Beside the owner, the console and the hub, who may give every command. */
const told: readonly (readonly [who: string, commands: string])[] = [
  ["", "setRoles renewCardKeys"],
  [
    "manager",
    `importMembers eraseMember addPlan addCourse reviseCourse withdrawRevision addQualification endQualification addSchedule setSite addNode setNode
     renewNodeSecret openEnrolment closeEnrolment adoptNode rekeyNode confirmKeys replaceNode addMachine setMachine addDoor setDoor addZone removeZone addCircuit removeCircuit addAccessory removeAccessory
     removePlan removeCourse removeSchedule removeNode removeMachine removeDoor draftMonth checkMonth closeMonth grantCorrection refuseCorrection addMoney undoMoney setRate takeOver
     setProject removeProject fundAsset unfundAsset setIndicator removeIndicator
     addWebhook setWebhook removeWebhook addScreen renewScreen removeScreen`,
  ],
  [
    "manager staff",
    `addMember setMember assignCard restoreCard openCapture clearPin clearDuressPin setMembership endMembership clearHold liftRestriction setGuardian
     removeGuardian addCredit undoCredit addClass cancelClass restoreClass setNextStep setTargetGroup setBackground undoHeadcount undoMaterial cancelMaintenance
     noteIndicator undoIndicatorNote`,
  ],
  [
    "manager staff self",
    "setPin setDuressPin addNoticeChannel removeNoticeChannel setNoticeTopic setQuietHours seeNotices tryNotices askCorrection setSharing askErasure takeBackErasure",
  ],
  ["manager staff steward", "addHold signWaiver setGuest addBooking confirmBooking restoreBooking enrol setMode addHeadcount noteMaterial"],
  ["manager staff steward", "closeException reopenException"],
  [
    "manager staff steward self",
    "blockCard addGuest endGuest requestBooking cancelBooking checkIn withdraw attend undoAttendance addWish endWish endOverride",
  ],
  ["manager staff steward maintainer", "restrict lockMachine assignLockout unassignLockout"],
  ["manager staff maintainer", "unlockMachine endCommissioning planMaintenance"],
  ["manager maintainer", "commission"],
  ["manager staff keyholder", "addShift endShift"],
  ["manager staff trainer", "grantTraining revokeTraining restoreTraining suspendTraining resumeTraining undoTraining"],
  ["manager account maintainer", "addOverride"], // in the maintainer's own name, at the laser; a steward's own are tried below
];
const everything = "owner console hub manager staff steward keyholder trainer maintainer self";
const oracle = new Map(told.flatMap(([who, commands]) => commands.split(/\s+/).map((command) => [command, who.split(" ")] as const)));

/** Each caller, and what it is in the space of the inputs. */
const callers = (people: People): readonly (readonly [what: string, actor: string, is: string])[] => [
  ["the console", "cli:kim", everything],
  ["the hub", "hub:first-run", everything],
  ["the owner's account", "owner:x1", everything],
  ["a manager's account", "manager:x2", "manager"],
  ["a staff account", "staff:x3", "staff account"],
  ["a member of staff", `member:${people.desk}`, "staff"],
  ["a member of staff on hold", `member:${people.heldDesk}`, ""],
  ["a steward on duty", `member:${people.duty}`, "steward"],
  ["a steward off duty, whose shift the command is about", `member:${people.offDuty}`, "keyholder"],
  ["a trainer of the course", `member:${people.trainer}`, "trainer"],
  ["a trainer of another course", `member:${people.woodTrainer}`, ""],
  ["a maintainer of the machine", `member:${people.maintainer}`, "maintainer"],
  ["a maintainer of another machine", `member:${people.sawMaintainer}`, ""],
  ["the member whom it is about", `member:${people.ada}`, "self"],
  ["another member", `member:${people.cid}`, ""],
  ...[
    "",
    "kim",
    "root",
    "cli:",
    "cli: kim",
    "user:7",
    "api:key",
    "member:",
    "member:1x",
    "member:99",
    "node:node-1",
    "owner:a b",
    "Staff:x",
  ].map((actor) => [`an actor called "${actor}"`, actor, ""] as const),
];

let folder: ReturnType<typeof temporaryDir>;
let space: Space;
beforeAll(() => {
  folder = temporaryDir();
  space = openSpace(folder.dir);
  space.db.leavesNothing = true;
});
afterAll(() => {
  space.db.close();
  folder.remove();
});

const names = Object.keys(inputs) as CommandName[];
const give = (name: CommandName, actor: string) => runCommand(space.db, space.keys, { name, input: space.inputs[name], actor }, nowMs);
const written = () => space.db.one<{ n: number }>("SELECT total_changes() AS n")?.n;

describe("every command", () => {
  it("stands in the ledger's table and in this one", () => {
    expect([...oracle.keys()].sort()).toEqual([...names].sort());
    expect(Object.keys(authority).sort()).toEqual([...names].sort());
  });

  it.each(names)("%s is done for the console, audited, and raises the version", (name) => {
    let entry: unknown;
    const version = space.db.one<{ v: string }>("SELECT value AS v FROM meta WHERE key = 'permission_version'")?.v ?? "0";
    space.db.onWritten = () => {
      entry = space.db.one(
        "SELECT action, actor, (SELECT value FROM meta WHERE key = 'permission_version') AS version FROM audit ORDER BY n DESC LIMIT 1",
      );
    };
    give(name, "cli:kim");
    expect(entry).toEqual({ action: name, actor: "cli:kim", version: String(Number(version) + 1) });
    space.db.onWritten = () => undefined;
  });

  it.each(names)("%s is given by those who may, and by nobody else, who changes nothing", (name) => {
    const may = oracle.get(name) ?? [];
    for (const [what, actor, is] of callers(space.people)) {
      const allowed = is === everything || is.split(" ").some((kind) => kind !== "" && may.includes(kind));
      const before = written();
      let outcome = "done";
      try {
        give(name, actor);
      } catch (error) {
        outcome = error instanceof Error && "code" in error ? String(error.code) : String(error);
      }
      expect([what, outcome]).toEqual([what, allowed ? "done" : "FORBIDDEN"]);
      if (!allowed) expect([what, written()]).toEqual([what, before]);
    }
  });
});

describe("whoever gave an override", () => {
  it("may end it, in a role that ends no other's", () => {
    const { maintainer, sawMaintainer } = space.people;
    const end = (actor: string, override: number) =>
      runCommand(space.db, space.keys, { name: "endOverride", input: { override }, actor }, nowMs);
    space.db.leavesNothing = false;
    const { override } = runCommand(
      space.db,
      space.keys,
      { name: "addOverride", input: space.inputs.addOverride, actor: `member:${maintainer}` },
      nowMs,
    );
    expect(() => end(`member:${sawMaintainer}`, override)).toThrow("may not give the command endOverride");
    expect(() => end(`member:${maintainer}`, 1)).toThrow("may not give the command endOverride");
    expect(end(`member:${maintainer}`, override)).toEqual({});
    space.db.leavesNothing = true;
  });
});

describe("a steward", () => {
  const override = (actor: string, by: number) => {
    const input = { ...space.inputs.addOverride, by, codes: ["IN_USE" as const] };
    return runCommand(space.db, space.keys, { name: "addOverride", input, actor }, nowMs);
  };
  it("overrides in their own name, on duty", () => {
    const { duty, offDuty } = space.people;
    expect(override(`member:${duty}`, duty)).toEqual({ override: 3 });
    expect(() => override(`member:${duty}`, offDuty)).toThrow("own name");
    expect(() => override(`member:${offDuty}`, offDuty)).toThrow("may not give the command");
    expect(() => override("cli:kim", offDuty)).toThrow("may not override IN_USE");
  });
});
