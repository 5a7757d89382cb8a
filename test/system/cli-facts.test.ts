/** Every rarer fact is set from the command line, says what it did, shows in its list, and can be taken back. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { fields } from "../../hub/cli/policy-fields.ts";
import { Database } from "../../hub/ledger/database.ts";
import { inputs } from "../../hub/ledger/inputs.ts";
import { ledgerPath, openLedger } from "../../hub/ledger/ledger.ts";
import { clock, type Desk, openDesk, quiet } from "../hub/cli/desk.ts";
import { lines } from "../support/fact-lines.ts";
import { policyValues } from "../support/policy-values.ts";

let desk: Desk;
beforeAll(async () => {
  desk = openDesk();
  await desk.makeSite();
  writeFileSync(join(desk.dataDir, "koprade.yaml"), "mqtt:\n  bridge: { url: mqtt://127.0.0.1:1 }\n");
  for (const line of [
    "plan add full",
    "member add Kim --roles steward",
    "member add Ada --plan full",
    "node add node-1 --kind machine --hub hub.local --meter /dev/ttyUSB1",
    "course add basics",
  ]) {
    expect((await desk.run(...line.split(" "))).err, line).toBe("");
  }
});
afterAll(() => desk.remove());

it.each([
  ["did", () => lines],
  ["sets aside, and what became of a card", () => overriding],
  ["changed for good", () => standing],
])(
  "says what each command %s",
  async (_what, given) => {
    for (const [line, sentence] of given()) {
      const { code, out, err } = await desk.run(...line.split(" ").map((word) => word.replace("@", " ")));
      expect([code, err], line).toEqual([0, ""]);
      expect(out, line).toContain(sentence);
    }
  },
  300_000,
);

/** At noon on a Wednesday; of age, and the waiver is no longer asked for, so that only the hours refuse. */
const overriding: readonly [string, string][] = [
  ["member set Ada --born 1990-05-17", "Ada (2) is changed."],
  ["waiver require none", "No waiver"],
  ["node add node-2 --kind machine --hub hub.local --meter /dev/ttyUSB2", "node-2"],
  ["machine add saw-1 --node node-2 --ch saw --risk C --cut-hazard no --course none", "Added saw-1"],
  ["wiring take-over saw-1 --reason trusted", "saw-1 counts as taken over"],
  ["hours add nights Wed@20:00-22:00", "nights"],
  ["policy set saw-1 --hours nights", "nights"],
  ["override list", "No override is in force."],
  ["override add --member Ada --at saw-1 --by Kim --for 90m --reason class", "OUTSIDE_OPENING_HOURS set aside for Ada (2) at saw-1"],
  ["why --member Ada --at saw-1", "Set aside: OUTSIDE_OPENING_HOURS."],
  ["why --member Ada --at saw-1 --when 2026-12-09T13:30", "deny OUTSIDE_OPENING_HOURS"],
  ["override list", "2026-12-09T13:30  class"],
  ["override end 1", "Override 1 has ended."],
  ["exception list", "No node has allowed anything"],
  ["card assign em4100:0A1B2C3D4E --member Ada --label blue --from 2026-12-01 --through 2027-12-31", "The card belongs to Ada (2) now."],
  ["card block --member Ada --label blue --as stolen --reason bag", "The card of Ada (2) is blocked as stolen."],
];

/** All options of a kind at once. */
function policyLine(id: string, kind: "door" | "machine", others: Readonly<Record<string, string>>): string {
  const options = Object.keys(fields).filter((option) => (fields[option]?.only ?? kind) === kind);
  return ["policy set", id, ...options.map((option) => `--${option} ${others[option] ?? policyValues[option]}`)].join(" ");
}

/** What stands on the wall and on the books: places, nodes, memberships, the space itself, reports. */
const standing: readonly [string, string][] = [
  ["site set --name Lab --locale lv --tz Europe/Riga --adult-age 21 --set windowMs=20000,undoMs=", "The space is changed."],
  ["site show", "adultAge           21"],
  ["site show", "settings           windowMs=20000"],
  ["hours set Wed@12:00-20:00 --closed 2026-12-24 --other 2026-12-31@10-14,18:00-2:00 --reason feast", "2026-12-24  closed: feast"],
  ["hours show", "2026-12-31  10:00–14:00, 18:00–02:00: feast"],
  ["hours clear", "open always"],
  [
    "membership set Ada --plan full --from 2027-01-01 --through 2027-12-31 --grace-days 7",
    "Ada (2) has full from 2027-01-01 through 2027-12-31.",
  ],
  ["membership list Ada", "full  2027-01-01  2027-12-31  7"],
  ["membership end Ada", "The membership of Ada (2) ends after 2026-12-09."],
  ["membership list Ada", "full  2026-12-09  2026-12-09  0"],
  ["membership set Ada --plan full", "Ada (2) has full from 2026-12-09 on."],
  ["node add node-3 --kind door --hub hub.local --label Yard", "node-3"],
  ["node revoke node-3", "node-3 is revoked"],
  ["node list", "revoked"],
  ["node release node-3", "node-3 was revoked, and may come back."],
  ["node release node-3", "node-3 was not cut off."],
  ["node hold node-3", "waits outside"],
  ["node show node-3", "pending"],
  ["node release node-3", "node-3 was pending, and may come back."],
  ["node renew node-3 --hub hub.local --out again", "node-3"],
  ["node prepare --kind door --reader-kind wiegand --hub hub.local", "node run --config node.yaml"],
  ["node window open --min 5", "New nodes may say hello for 5 min"],
  ["node window close", "The window is closed"],
  ["door add gate --node node-3 --fail-mode safe", "Added gate"],
  ["hours add late Mon-Sun@22:00-06:00 --closed 2026-12-24", "2026-12-24  closed: holiday"],
  ["circuit add feed-3 --watts 3600", "carries 3600 W"],
  ["zone add shop", "Zone shop is there."],
  ["zone add yard --within shop", "Zone yard is there."],
  [policyLine("gate", "door", { node: "node-3" }), "gate: label Other"],
  [policyLine("saw-1", "machine", {}), "saw-1: label Other"],
  ["policy show saw-1", 'lease: {"leaseMs":3600000,"idleMs":540000,"graceMs":20000,"enableMs":45000}'],
  ["policy show saw-1", 'booking: {"mode":"required","leadMs":600000,"noShowMs":1200000}'],
  ["policy set gate --set rex=unlocks,readerHoldMs=", "rex=unlocks"],
  ["policy show gate", 'settings: {"rex":"unlocks"}'],
  ["policy show gate", 'door: {"strikeMs":7000,"shuntMs":40000,"extendedShuntMs":200000}'],
  ["policy show gate", 'asks: ["credit","check_in"]'],
  ["policy set saw-1 --booking-lead-min 15", "booking-lead-min 15"],
  ["policy show saw-1", 'booking: {"mode":"required","leadMs":900000,"noShowMs":1200000}'],
  ["policy next-step saw-1 --code BOOKING_REQUIRED --text Ask --locale en", "saw-1, BOOKING_REQUIRED, en: Ask"],
  ["policy next-step saw-1 --code BOOKING_REQUIRED --text Jautā --locale lv", "lv: Jautā"],
  ["policy next-step saw-1 --code BOOKING_REQUIRED --text none", "en: the usual sentence again"],
  ["policy show saw-1", 'nextStep: {"BOOKING_REQUIRED":{"lv":"Jautā"}}'],
  ["policy next-step saw-1 --code BOOKING_REQUIRED --text none --locale lv", "lv: the usual sentence again"],
  ["policy show saw-1", "nextStep: {}"],
  ["plan add night --label Night --always --covers gate,saw-1 --hours late --stop-unattended", "Plan night covers gate, saw-1."],
  ["duty add Kim --zone shop --from 2026-12-11T17:00 --until 2026-12-11T22:00", "Shift 3: Kim (1)"],
  ["machine lock saw-1 --kind fault --now --reason worn", "locked out at once (fault: worn)"],
  ["machine unlock saw-1 --kind fault --reason mended", "free again"],
  ["member role Ada staff", "staff"],
  ["card restore --member Ada --label blue --reason found", "The card of Ada (2) works again."],
  ["card block em4100:0A1B2C3D4E --as returned --reason left", "The card of Ada (2) is blocked as returned."],
  ["card restore em4100:0A1B2C3D4E --reason back", "The card of Ada (2) works again."],
  ["member set Ada --locale lv --status active --more-time yes", "Ada (2) is changed."],
  [
    "member add Uldis --number 700 --locale lv --card em4100:0A1B2C3D4F --plan full --from 2026-12-01 --through 2027-11-30 --grace-days 3",
    "Added Uldis as member 700.",
  ],
  ["membership list Uldis", "full  2026-12-01  2027-11-30  3"],
  ["card list Uldis", "active"],
  ["training grant --member Ada --course basics --by Kim --on 2026-12-09 --through 2027-12-01", "passed in basics"],
  ["trainer remove Kim --after 2027-12-31", "no longer trainer of every course after 2027-12-31."],
  ["booking add saw-1 --member Ada --from 2026-12-12T18:00 --until 2026-12-12T20:00", "saw-1 for Ada (2)"],
  ["report cost 12.50 --on 2026-11-10 --source energy --label power --machine saw-1", "Line 1: 12.50 of energy on 2026-11-10."],
  [
    "report count 12 --on 2026-11-10 --kind class --minutes 90 --group pupil --municipality Ogre --age 15-25 --school Ogres@tehnikums --machine saw-1 --class laser-night --seats 14 --new 3 --volunteers yes --rated 8,35",
    "Headcount 1: 12 on 2026-11-10 (class).",
  ],
  ["report entries 2026-11", "12 people, 90 min"],
  ["report undo-count 1 --reason twice", "Headcount 1 is taken back."],
  ["report undo-money 1 --reason wrong", "Line 1 is taken back."],
  ["report material 420 --machine saw-1 --on 2026-11-10 --label PLA", "Material 1: 420 g of PLA on 2026-11-10."],
  ["report entries 2026-11", "420 g"],
  ["report undo-material 1 --reason spool", "Material 1 is taken back."],
  ["report entries 2026-11", "Nothing was entered by hand."],
  ["report background Ada --what enterprise --is LV40003000000 --founded 2025-02-01 --from 2026-09-01", "LV40003000000"],
  ["report rate --rate machine_hour --is 600 --of saw-1 --from 2026-11-01 --source board", "machine_hour of saw-1 is 600"],
  ["report entries 2026-11", "machine_hour"],
  ["machine plan-maintenance saw-1 --from 2026-12-14T12:00 --until 2026-12-14T16:00 --reason belt", "Planned maintenance 1: saw-1"],
  ["report entries 2026-12", "until 2026-12-14T16:00"],
  ["machine cancel-maintenance 1", "over or cancelled"],
  ["report draft 2026-10", "The draft of 2026-10 is made."],
  ["report check 2026-10 --done", "2026-10 is checked."],
  ["report list", "checked"],
  ["report check 2026-10 --undo", "2026-10 is draft."],
  [
    "project set tools --label Tools --funder LEADER --from 2026-01-01 --through 2027-12-31 --number 7 --programme CLLD --publicity Thanks",
    "Project tools lasts from 2026-01-01",
  ],
  ["project fund tools saw-1 --from 2026-11-01", "saw-1 belongs to tools from 2026-11-01."],
  ["project indicator tools jobs --label Jobs --target 2 --source manual", "jobs: from 0 to 2, manual."],
  ["project note tools jobs 1 --on 2026-11-30 --evidence contract", "Note 1: jobs reached 1 by 2026-11-30."],
  ["project notes tools", "contract"],
  ["project undo-note 1 --reason twice", "Note 1 is taken back."],
  ["project list", "LEADER"],
  ["project unfund tools saw-1", "saw-1 does not belong to tools."],
  ["project drop-indicator tools jobs", "jobs is no indicator of tools any more."],
  ["project set other --label Other --funder LEADER --from 2026-01-01 --through 2027-12-31", "Project other"],
  ["project remove other", "Project other is removed."],
  ["correction list", "No correction was asked for."],
  ["report group Ada --group student --from 2026-09-01", "student"],
  ["plan remove night", "Plan night is removed."],
  ["course remove intro", "Course intro is removed."],
  ["hours remove nights", "Schedule nights is removed."],
  ["node add plug-1 --kind hosted --out plug-1", "give them to the program that speaks for it"],
  ["node discover --families", "tasmota: Tasmota plugs, relays and readers. Can be: relay, meter, reader."],
  [
    "node adopt tasmota:plug-2=relay+meter --machine saw-1 --bridge",
    "plug-2 is hosted from now on, and saw-1 hangs on its channel machine.",
  ],
  ["policy set saw-1 --node node-2 --ch saw", "saw-1"],
  ["node revoke plug-2", "plug-2 is revoked"],
  ["node remove plug-2", "plug-2 is removed."],
  ["node add nod-4 --kind machine --hub hub.local", "Node nod-4 may join."],
  ["machine add sawe --node nod-4 --ch saw --risk A --cut-hazard yes --course none", "Added sawe"],
  ["machine remove sawe", "sawe is removed."],
  ["door add gaet --node nod-4 --fail-mode safe", "Added gaet"],
  ["door remove gaet", "gaet is removed."],
  ["node revoke nod-4", "nod-4 is revoked"],
  ["node remove nod-4", "nod-4 is removed."],
  ["audit list --about nod-4 --by cli:kim --limit 1", 'removeNode  node nod-4  {"node":"nod-4"}'],
  ["audit", "2026-12-09T12:00  cli:kim  removeNode"],
  ["audit verify", "The record is whole: "],
];

it.each([
  ["override add --member Ada --at saw-1 --by Kim --for 2w --reason x", 2, "--for cannot be"],
  ["override add --member Kim --at laser-1 --by Ada --reason x", 1, "can be overridden by nobody"],
  ["override add --member Ada --at saw-1 --by Kim --codes LATE --reason x", 2, '"LATE" is no refusal'],
  ["exception close 9 --reason x", 1, 'There is no open exception "9".'],
  ["card assign --member Ada", 2, "or --tap"],
  ["card assign em4100:0A1B2C3D4E --member Ada --tap", 2, "leave the rest out"],
  ["card assign --member Ada --tap", 1, "no hub is running"],
  ["card block --member Kim --reason x", 1, "no such card that works"],
  ["policy set laser-1", 2, "Say what to change"],
  ["policy set laser-1 --offline none", 2, "--offline cannot be none"],
  ["policy set laser-1 --passage late", 2, "--passage is for doors; laser-1 is a machine."],
  ["policy set laser-1 --assurance 4", 2, "from 1 to 3"],
  ["policy set laser-1 --zone attic", 1, 'There is no zone "attic".'],
  ["credit add --member Ada --amount much --reason x", 2, "--amount cannot be"],
  ["booking confirm 99", 1, 'There is no booking "99".'],
  ["mode panic --reason x", 2, "<mode> cannot be"],
  ["guest set Jo", 2, "Say what to change"],
  ["hours set Wed@12-20 --other 2026-12-31", 2, '--other cannot hold "2026-12-31"'],
  ["hours set Wed@12-20 --other 2026-12-31@10-25", 2, "write such as"],
  ["hours set Wed@12-20 --closed 2026-12-31 --other 2026-12-31@10-14", 2, "2026-12-31 is named twice"],
  ["member add Una --number 700", 1, "Member 700 exists already."],
  ["card restore --member Kim --reason x", 1, "has no such card that is blocked"],
  ["site set", 2, "Say what to change"],
  ["site set --tz Mars", 2, '"Mars" is no time zone'],
  ["plan remove full", 1, "Plan full is in use: a membership of member 2."],
  ["machine remove saw-1", 1, "koprade policy set saw-1 --disabled yes"],
  ["node remove node-3", 1, "Node node-3 is in use: door gate."],
  ["membership set Ada --plan gold", 1, 'There is no plan "gold".'],
  ["membership end Jo", 1, "has no membership that lasts beyond"],
  ["node revoke node-9", 1, 'There is no node "node-9".'],
  ["policy next-step saw-1 --code LATE --text x", 2, '"LATE" is no refusal'],
  ["policy set laser-1 --label none", 2, "--label cannot be none"],
  ["policy set laser-1 --asks weather", 2, '--asks cannot be "weather"'],
  ["policy set laser-1 --sharing none", 2, "--sharing cannot be none"],
  ["training grant --member Kim --course basics --by Ada", 1, "was no trainer of basics"],
])("refuses `koprade %s`", async (line, exit, sentence) => {
  const { code, err } = await desk.run(...line.split(" ").map((word) => word.replace("@", " ")));
  expect([code, err]).toEqual([exit, expect.stringContaining(sentence)]);
});

/** Given elsewhere, or only while a hub runs: what a walk over a folder cannot give. */
const elsewhere: Readonly<Record<string, string>> = {
  adoptNode: "`node adopt` needs a node that says hello (enrolment.test.ts)",
  rekeyNode: "`node rekey` needs a node that is there (enrolment.test.ts)",
  confirmKeys: "the hub's own, when a node has come with its new keys (enrolment.test.ts)",
  replaceNode: "`node replace` gives another box the place of one that was adopted (enrolment.test.ts)",
  addMember: "`member add` gives importMembers, which adds the card and the membership in the same step",
  openCapture: "`card assign --tap` needs a reader (facts-reach.test.ts)",
  closeException: "`exception close` needs a node that was alone (facts-reach.test.ts)",
  reopenException: "`exception reopen` likewise",
  commission: "`wiring test` needs a node and a person at it (wiring.test.ts)",
  draftMonth: "`report draft` is given here; its figures are not in the record (report-drafts.test.ts)",
  askCorrection: "`correction ask` needs a session (report-life.test.ts)",
  grantCorrection: "`correction grant` likewise, and somebody else who asked for it",
  refuseCorrection: "`correction refuse` likewise (corrections.test.ts)",
  eraseMember: "`member erase` is for good (erasure.test.ts)",
  closeMonth: "`report close` needs a month of events (report-life.test.ts)",
};

/** The record leaves names, addresses and secrets out; `member import --by` reads a file (cli.test.ts). */
const unrecorded = [
  // `node adopt` of a foreign device gives it (hosted-reach.test.ts)
  "accounts",
  "displayName",
  "mail",
  "externalRef",
  "pin",
  "address",
  "pushKeys",
  "url",
  "logo",
  "signedOffBy",
  "stated",
  "founded",
  "alias",
];

/** With what a machine or door begins `policy set` can change, so that the change shows that it can be given. */
const commandOf = (name: string): string => ({ addMachine: "setMachine", addDoor: "setDoor" })[name] ?? name;
const fieldsOf = ({ shape }: z.ZodObject): [string, z.ZodType][] =>
  Object.entries(shape as Record<string, z.ZodType>).flatMap(([field, type]) =>
    field === "change" && type instanceof z.ZodObject ? fieldsOf(type) : [[field, type]],
  );

it("has given every command that the ledger knows, and every field of each a value that it would not have had anyway", async () => {
  const ledger = await openLedger({ dir: desk.dataDir, site: "my-space", tz: "Europe/Riga" }, { clock, log: quiet });
  const entries = ledger.read.audit(10_000);
  await ledger.close();
  const commands = Object.entries(inputs).filter(([name]) => !(name in elsewhere));
  const types = new Map(
    commands.flatMap(([name, input]) => fieldsOf(input).map(([field, type]) => [`${commandOf(name)}.${field}`, type] as const)),
  );
  const given = new Set<string>();
  for (const { action, detail } of entries) {
    given.add(action);
    const { change, ...others } = JSON.parse(detail);
    for (const [field, value] of Object.entries({ ...others, ...change })) {
      const type = types.get(`${action}.${field}`);
      if (!(type instanceof z.ZodDefault && isDeepStrictEqual(value, type.def.defaultValue))) given.add(`${action}.${field}`);
    }
  }
  const known = [...commands.map(([name]) => name), ...types.keys()];
  expect(known.filter((name) => !given.has(name) && !unrecorded.some((field) => name.endsWith(`.${field}`)))).toEqual([]);
});

it("tells of an entry that somebody has changed in the file", async () => {
  const db = new Database(ledgerPath(desk.dataDir));
  db.run("UPDATE audit SET actor = 'nobody' WHERE n = 7");
  db.close();
  expect(await desk.run("audit", "verify")).toMatchObject({ code: 1, out: expect.stringContaining("Entry 7 does not follow") });
});
