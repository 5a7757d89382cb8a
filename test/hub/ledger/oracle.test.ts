/** Random commands on the real ledger beside a small model of them: the same answers, the same facts, everything undone again. */
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HubError } from "../../../hub/errors.ts";
import { runCommand } from "../../../hub/ledger/commands.ts";
import { applyConsequences } from "../../../hub/ledger/consequences.ts";
import { Database } from "../../../hub/ledger/database.ts";
import { appendEvents } from "../../../hub/ledger/events.ts";
import type { CommandInput, CommandName } from "../../../hub/ledger/inputs.ts";
import { loadKeys, makeKeys, type SiteKeys } from "../../../hub/ledger/keys.ts";
import { memberFactsAt } from "../../../hub/ledger/member-facts.ts";
import { setMeta } from "../../../hub/ledger/meta.ts";
import { migrate } from "../../../hub/ledger/migrations.ts";
import { exportProjections, Projections } from "../../../hub/ledger/projections.ts";
import { makeReads } from "../../../hub/ledger/reads.ts";
import { anEvent, anId, bootOf, temporaryDir } from "../../support/ledger.ts";
import {
  codes,
  dayMs,
  kinds,
  Model,
  modes,
  type Outcome,
  overrideMs,
  results,
  type Step,
  statuses,
  steward,
  waitMs,
  whats,
} from "./oracle-model.ts";

const noon = Date.parse("2026-11-25T10:00:00Z");
const hour = 3_600_000;
const members = [1, 2, steward];
const by = "cli:test";
const reason = "for the record";
let folder: ReturnType<typeof temporaryDir>;
let keys: SiteKeys;
let files = 0;
beforeAll(() => {
  folder = temporaryDir();
  makeKeys(folder.dir);
  keys = loadKeys(folder.dir);
});
afterAll(() => folder.remove());

const day = (offset: number): string => Temporal.PlainDate.from("2026-11-25").add({ days: offset }).toString();
const card = (n: number) => ({ number: `em4100:0F0000000${n}` });
const slot = (n: number) => ({ fromMs: noon + (48 + n) * hour, untilMs: noon + (49 + n) * hour });

/** The real ledger: its own file, its own commands, events and projections. */
class Real {
  readonly db: Database;
  private readonly projections = new Projections();
  private seq = 0;
  nowMs = noon;

  constructor() {
    files += 1;
    this.db = new Database(join(folder.dir, `${files}.sqlite`));
    this.db.exec("PRAGMA synchronous = OFF"); // nobody pulls a plug here
    migrate(this.db);
    setMeta(this.db, "tz", "Europe/Riga");
    for (const displayName of ["Ada", "Bo", "Sten"]) this.give("addMember", { displayName });
    this.give("setRoles", { member: steward, roles: ["steward", "trainer"] });
    this.give("addCourse", { course: "laser", label: "Laser" });
    this.give("addPlan", { plan: "full", label: "Full" });
    this.give("addNode", { node: "node-1", kind: "machine" });
    const laser = { machine: "laser", node: "node-1", ch: "ch-1", label: "Laser", riskClass: "C" as const, cutHazard: false };
    this.give("addMachine", { ...laser, course: "laser" });
  }

  give(...[name, input]: Given): void {
    runCommand(this.db, keys, { name, input, actor: by }, this.nowMs);
  }

  do(step: Step): Outcome {
    try {
      this.perform(step);
      return "ok";
    } catch (error) {
      if (error instanceof HubError) return error.code as Outcome;
      throw error;
    }
  }

  private perform(step: Step): void {
    const { what, member, a } = step;
    if (what === "session") this.session(member);
    else if (what === "wait") this.nowMs = Math.min(this.nowMs + (waitMs[a] ?? 1000), noon + dayMs);
    else this.give(...commandOf(step, this.nowMs));
  }

  /** Somebody uses the machine for a moment. */
  private session(member: number): void {
    const session = anId();
    const at = { boot: bootOf(1), evtMs: this.nowMs, atMs: this.nowMs, recvMs: this.nowMs };
    const bodies = [
      { kind: "mach.session_started", session, decision: anId(), member, provisional: false },
      { kind: "mach.session_closed", session, reason: "tap_out", busyMs: 1, energyWh: 1 },
    ] as const;
    this.db.transaction(() => {
      for (const body of bodies) {
        this.seq += 1;
        const { fresh } = appendEvents(this.db, "node-1", [anEvent(this.seq, body, at)], this.nowMs);
        this.projections.apply(this.db, "node-1", fresh);
        applyConsequences(this.db, keys, "node-1", fresh);
      }
    });
  }

  view(): object {
    const read = makeReads(this.db, () => this.nowMs);
    const people = members.map((member) => {
      const facts = memberFactsAt(this.db, member, "laser", this.nowMs)?.subject?.facts;
      if (facts === undefined) throw new Error("no facts");
      const { fromMs, untilMs } = facts.membership;
      return {
        member,
        status: facts.member,
        hold: facts.hold,
        restricted: facts.restricted,
        inMembership: facts.membership.state === "held" && (fromMs ?? 0) <= this.nowMs && (untilMs === null || untilMs > this.nowMs),
        competence: facts.competence.level,
        waiver: this.db.one<{ waiver: number | null }>("SELECT waiver FROM members WHERE member = ?", member)?.waiver,
        credit: read.credit(member).balanceCents,
        overrides: (facts.overrides ?? []).map((each) => [each.codes[0], each.untilMs]),
      };
    });
    const cards = [0, 1, 2, 3].flatMap((n) => {
      const held = read.card(keys.cardKeyOf(card(n).number));
      return held === undefined ? [] : [[n, held.member, held.status]];
    });
    return {
      people,
      cards,
      lockouts: [...new Set(read.lockouts("laser").map(({ kind }) => kind))].sort(),
      bookings: read
        .bookings(0)
        .sort((x, y) => x.booking - y.booking)
        .map(({ member, state }) => [member, state]),
      mode: read.site().mode,
    };
  }

  close(): void {
    this.db.close();
  }
}

type Given = { readonly [C in CommandName]: readonly [name: C, input: CommandInput<C>] }[CommandName];

/** The step in the ledger's own words. */
function commandOf(step: Step, nowMs: number): Given {
  const { what, member, a, b } = step;
  switch (what) {
    case "addHold":
      return ["addHold", { member, reason }];
    case "clearHold":
      return ["clearHold", { member }];
    case "restrict":
      return ["restrict", { member, place: "laser", reason }];
    case "liftRestriction":
      return ["liftRestriction", { member, place: "laser" }];
    case "suspend":
      return ["setMember", { member, status: "suspended" }];
    case "activate":
      return ["setMember", { member, status: "active" }];
    case "signWaiver":
      return ["signWaiver", { member, revision: a === 0 ? null : a }];
    case "setMembership":
      return ["setMembership", { member, plan: "full", from: day(a - 1), validThrough: b === 3 ? null : day(a - 2 + b) }];
    case "endMembership":
      return ["endMembership", { member, lastDay: day(a - 1) }];
    case "assignCard":
      return ["assignCard", { member, card: card(a) }];
    case "blockCard":
      return ["blockCard", { card: card(a), status: statuses[b] ?? "lost", reason }];
    case "restoreCard":
      return ["restoreCard", { card: card(a), reason }];
    case "grantTraining":
      return ["grantTraining", { member, course: "laser", signedOffBy: steward, result: results[a % 3] ?? "passed" }];
    case "undoTraining":
      return ["undoTraining", { member, course: "laser" }];
    case "revokeTraining":
    case "restoreTraining":
    case "suspendTraining":
    case "resumeTraining":
      return [what, { member, course: "laser", reason }];
    default:
      return thingOf(step, nowMs);
  }
}

function thingOf({ what, member, a, b }: Step, nowMs: number): Given {
  const kind = kinds[a % 3] ?? "oops";
  switch (what) {
    case "lockMachine":
      return ["lockMachine", { machine: "laser", kind, reason }];
    case "unlockMachine":
      return ["unlockMachine", { machine: "laser", ...(b === 0 ? {} : { kind }) }];
    case "addBooking":
      return ["addBooking", { machine: "laser", member, ...slot(a) }];
    case "cancelBooking":
    case "restoreBooking":
      return [what, { booking: a + 1 }];
    case "addCredit":
      return ["addCredit", { member, cents: (a + 1) * 100, reason }];
    case "undoCredit":
      return ["undoCredit", { entry: a + 1, reason }];
    case "addOverride": {
      const untilMs = nowMs + (overrideMs[b % 3] ?? hour);
      return ["addOverride", { member, resource: "laser", by: steward, codes: [codes[a] ?? "IN_USE"], untilMs, reason }];
    }
    case "endOverride":
      return ["endOverride", { override: a + 1 }];
    case "setMode":
      return ["setMode", { mode: modes[a % 3] ?? "normal", reason }];
    default:
      throw new Error(`no command for ${what}`);
  }
}

const small = fc.integer({ min: 0, max: 3 });
const stepOf = (some: readonly string[]): fc.Arbitrary<Step> =>
  fc.record({ what: fc.constantFrom(...some), member: fc.constantFrom(1, 1, 2, steward), a: small, b: small });
const step = stepOf(whats);
/** A few kinds of commands at a time, so that they meet one another, and time passes. */
const themes = [/Training$/, /Card$/, /Membership$/, /Booking$/, /Credit$/, /Machine$/, /Override$|Hold$|^activate$|^suspend$|session/];
const history = fc
  .oneof(
    fc.constantFrom(...themes).map((theme) => whats.filter((what) => theme.test(what))),
    fc.subarray(whats, { minLength: 2, maxLength: 12 }),
  )
  .chain((some) => fc.array(stepOf([...some, "wait"]), { maxLength: 40, size: "max" }));

function together(steps: readonly Step[], check: (real: Real, model: Model) => void): void {
  const real = new Real();
  const model = new Model(noon, members);
  try {
    for (const each of steps) {
      expect([each, real.do(each)]).toEqual([each, model.do(each)]);
      expect([each, real.view()]).toEqual([each, model.view()]);
    }
    check(real, model);
  } finally {
    real.close();
  }
}

/** A command, the one that takes it back, and what must have happened for it to change anything. */
const pairs: readonly (readonly [what: string, undo: string, before: string])[] = [
  ["addHold", "clearHold", "wait"],
  ["restrict", "liftRestriction", "wait"],
  ["suspend", "activate", "wait"],
  ["blockCard", "restoreCard", "assignCard"],
  ["grantTraining", "undoTraining", "wait"],
  ["revokeTraining", "restoreTraining", "grantTraining"],
  ["suspendTraining", "resumeTraining", "grantTraining"],
  ["lockMachine", "unlockMachine", "wait"],
  ["cancelBooking", "restoreBooking", "addBooking"],
  ["addCredit", "undoCredit", "wait"],
  ["addOverride", "endOverride", "wait"],
];

describe("random commands", () => {
  it("are answered and do what the model says; projections are the same when rebuilt from the log", () => {
    let count = 0;
    fc.assert(
      fc.property(history, (steps) => {
        together(steps, ({ db }) => {
          const before = exportProjections(db);
          db.transaction(() => new Projections().rebuild(db));
          expect(exportProjections(db)).toBe(before);
          count += steps.length;
        });
      }),
      { numRuns: 100 },
    );
    console.log(`oracle: ${count} random steps, 0 differences`);
  }, 120_000);

  it.each(pairs)(
    "%s is taken back by %s, whatever was before (%s)",
    (what, undo, first) => {
      let tried = 0;
      fc.assert(
        fc.property(history, step, (steps, given) => {
          const real = new Real();
          try {
            for (const each of steps.slice(0, 15)) real.do(each);
            real.do({ ...given, what: first });
            real.do({ ...given, what: "wait", a: 0 }); // what happens in one millisecond is taken back in one
            const before = real.view();
            if (isMixed(real, what, given)) return;
            const last = (table: string) => (real.db.one<{ n: number | null }>(`SELECT max(rowid) AS n FROM ${table}`)?.n ?? 0) - 1;
            if (real.do({ ...given, what }) !== "ok" || JSON.stringify(real.view()) === JSON.stringify(before)) return;
            const a = what === "addCredit" ? last("credit") : what === "addOverride" ? last("overrides") : given.a;
            expect(real.do({ ...given, what: undo, a, b: 1 })).toBe("ok");
            expect(real.view()).toEqual(before);
            tried += 1;
          } finally {
            real.close();
          }
        }),
        { numRuns: 25 },
      );
      expect(tried).toBeGreaterThan(0);
    },
    60_000,
  );
});

/** A card that is blocked already, or another record that is suspended: undoing the second would undo the first too. */
function isMixed({ db }: Real, what: string, { member, a }: Step): boolean {
  if (what === "suspendTraining")
    return db.one("SELECT 1 FROM records WHERE member = ? AND suspended_ms IS NOT NULL", member) !== undefined;
  const cardKey = keys.cardKeyOf(card(a).number);
  return what === "blockCard" && db.one("SELECT 1 FROM cards WHERE card_key = ? AND status <> 'active'", cardKey) !== undefined;
}
