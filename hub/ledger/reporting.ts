/** Commands of the reports: closing a month, target groups, headcounts, money; and the keeping of dated facts. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { monthSpan } from "#core";
import type { CommandContext, Handlers } from "./commands.ts";
import { localToday } from "./dates.ts";
import type { CommandName } from "./inputs.ts";
import { getMeta } from "./meta.ts";
import { tellDraft } from "./notice-rules.ts";
import { Refused } from "./refuse.ts";
import { missing, need, needMachine, needMember } from "./rows.ts";

type Reporting = Pick<
  Handlers,
  | "draftMonth"
  | "checkMonth"
  | "closeMonth"
  | "setTargetGroup"
  | "addHeadcount"
  | "addMoney"
  | "undoHeadcount"
  | "undoMoney"
  | "noteMaterial"
  | "undoMaterial"
>;

export const reporting: Reporting = {
  /** What was known when the month was over. A draft is made once; whoever wants a newer one looks at the month itself. */
  draftMonth(context, input) {
    const { db, nowMs } = context;
    needClosable(context, input);
    const sql = "INSERT INTO month_drafts (month, made_ms, hash, figures) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
    if (db.run(sql, input.month, nowMs, input.hash, input.figures) === 0)
      throw new Refused("CONFLICT", `${input.month} has its draft already.`, "Look at the month as it is now, then close it.");
    tellDraft(context, input.month);
    return {};
  },

  checkMonth({ db, nowMs, actor }, { month, checked }) {
    if (db.one("SELECT 1 FROM month_drafts WHERE month = ?", month) === undefined)
      throw new Refused("NOT_FOUND", `${month} has no draft yet.`, "It is made on the 1st at 06:00, or by `koprade report draft`.");
    const done = checked ? { nowMs, actor } : { nowMs: null, actor: null };
    db.run("UPDATE month_drafts SET checked_ms = ?, checked_by = ? WHERE month = ?", done.nowMs, done.actor, month);
    return {};
  },

  /** The next revision of a month; the first closes it. Refused when another revision came between. */
  closeMonth(context, input) {
    const { db, nowMs, actor } = context;
    needClosable(context, input);
    const last = db.one<{ revision: number }>("SELECT max(revision) AS revision FROM closed_months WHERE month = ?", input.month);
    const revision = (last?.revision ?? 0) + 1;
    if (input.revision !== revision) {
      throw new Refused("CONFLICT", `${input.month} has ${revision - 1} revisions by now.`, "Look at the month again, then repeat.");
    }
    if (revision > 1 && input.reason === "")
      throw new Refused("BAD_INPUT", "reason: a revision needs one.", "Say why the closed month is made anew.");
    const number = db.insert(
      "INSERT INTO closed_months (month, revision, closed_ms, closed_by, reason, hash, figures) VALUES (?, ?, ?, ?, ?, ?, ?)",
      input.month,
      revision,
      nowMs,
      actor,
      input.reason,
      input.hash,
      input.figures,
    );
    return { number, revision };
  },

  setTargetGroup(context, input) {
    needMember(context, input.member);
    context.db.run(
      "INSERT INTO member_groups (member, target, from_date) VALUES (?, ?, ?) ON CONFLICT (member, from_date) DO UPDATE SET target = excluded.target",
      input.member,
      input.target,
      input.from ?? localToday(context.tz, context.nowMs),
    );
    return {};
  },

  addHeadcount(context, input) {
    if (input.on > localToday(context.tz, context.nowMs))
      throw new Refused("BAD_INPUT", `on: ${input.on} is still to come.`, "Count people when they have come.");
    if (input.firstTimers !== null && input.firstTimers > input.people)
      throw new Refused(
        "BAD_INPUT",
        "firstTimers: more than there were people.",
        "Count those among the people who came for the first time.",
      );
    if (input.machine !== null) needMachine(context, input.machine);
    if (input.class !== null) need(context, "classes", input.class);
    const headcount = context.db.insert(
      `INSERT INTO headcounts (on_date, kind, people, minutes, target, municipality, age_band, school, machine, seats, first_timers, volunteer_led, ratings, ratings_sum, class)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      input.on,
      input.kind,
      input.people,
      input.minutes,
      input.target,
      input.municipality,
      input.ageBand,
      input.school,
      input.machine,
      input.seats,
      input.firstTimers,
      input.volunteerLed === null ? null : Number(input.volunteerLed),
      input.ratings?.n ?? null,
      input.ratings?.sum ?? null,
      input.class,
    );
    return { headcount };
  },

  addMoney(context, input) {
    if (input.machine !== null) needMachine(context, input.machine);
    const line = context.db.insert(
      "INSERT INTO money_lines (on_date, kind, source, cents, machine, label) VALUES (?, ?, ?, ?, ?, ?)",
      input.on,
      input.kind,
      input.source,
      input.cents,
      input.machine,
      input.label,
    );
    return { line };
  },

  noteMaterial(context, input) {
    needMachine(context, input.machine);
    if (input.on > localToday(context.tz, context.nowMs))
      throw new Refused("BAD_INPUT", `on: ${input.on} is still to come.`, "Note what was used when it has been.");
    const sql = "INSERT INTO materials (on_date, machine, grams, label) VALUES (?, ?, ?, ?)";
    return { material: context.db.insert(sql, input.on, input.machine, input.grams, input.label) };
  },

  undoHeadcount: (context, input) => undo(context, "headcounts", "headcount", input.headcount, input.reason),
  undoMoney: (context, input) => undo(context, "money_lines", "cost or income", input.line, input.reason),
  undoMaterial: (context, input) => undo(context, "materials", "material", input.material, input.reason),
};

function undo(
  { db, nowMs, actor }: CommandContext,
  table: "headcounts" | "money_lines" | "materials",
  what: string,
  id: number,
  reason: string,
): Record<never, never> {
  const row = db.one<{ undoneMs: number | null }>(`SELECT undone_ms AS undoneMs FROM ${table} WHERE rowid = ?`, id);
  if (row === undefined) throw missing(what, id);
  if (row.undoneMs !== null) throw new Refused("CONFLICT", `The ${what} ${id} is taken back already.`, "Enter it again if it was right.");
  db.run(`UPDATE ${table} SET undone_ms = ?, undone_by = ?, undone_reason = ? WHERE rowid = ?`, nowMs, actor, reason, id);
  return {};
}

type Closing = { readonly month: string; readonly hash: string; readonly figures: string };

/** A month is closed for ever: what is sealed must be figures of that month, whole, and the month over. */
function needClosable({ tz, nowMs }: CommandContext, { month, hash, figures }: Closing): void {
  const span = monthSpan(month, tz);
  if (span === undefined) throw new Refused("BAD_INPUT", `month: ${month} is no month.`, "Give a month such as 2026-03.");
  if (span.toMs > nowMs) throw new Refused("CONFLICT", `${month} is not over yet.`, "It can be closed when it is.");
  if (createHash("sha256").update(figures).digest("hex") !== hash)
    throw new Refused(
      "BAD_INPUT",
      "hash: the figures have another SHA-256.",
      "Send figures and hash as `koprade report close` makes them.",
    );
  const parsed = sealable.safeParse(jsonOf(figures));
  const wrong = parsed.success
    ? Object.entries({ month, zone: tz }).find(([field, value]) => parsed.data[field as "month" | "zone"] !== value)?.[0]
    : (parsed.error.issues[0]?.path.join(".") ?? "");
  if (wrong !== undefined)
    throw new Refused(
      "BAD_INPUT",
      `figures: no figures of ${month} (${wrong || "no JSON object"}).`,
      "Let `koprade report close` make them.",
    );
}

/** What every version of the figures begins with (reports/types.ts); a month that is not over has an `untilMs`. */
const sealable = z.looseObject({
  schema: z.string().regex(/^koprade-month-figures\/\d{1,3}$/),
  month: z.string(),
  zone: z.string(),
  siteName: z.string(),
  simulated: z.boolean(),
  untilMs: z.null(),
  ...Object.fromEntries(
    ["doubts", "machines", "all", "doors", "refusals", "training", "money", "trust"].map((list) => [list, z.array(z.looseObject({}))]),
  ),
  people: z.looseObject({ metrics: z.array(z.looseObject({})) }),
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const changesHours: ReadonlySet<CommandName> = new Set(["addSchedule", "setSite"]);
const changesMachines: ReadonlySet<CommandName> = new Set(["addMachine", "setMachine"]);

/** After a command: writes down what holds from now on, where it differs from what held before. */
export function keepDatedFacts(context: CommandContext, command: CommandName): void {
  const { db } = context;
  if (changesHours.has(command)) {
    const schedule = getMeta(db, "opening_hours");
    const hours = schedule === null ? undefined : db.one<{ hours: string }>("SELECT hours FROM schedules WHERE schedule = ?", schedule);
    keep(context, "opening_hours", "", hours?.hours ?? "null");
  }
  if (changesMachines.has(command)) {
    for (const row of db.all<{ id: string; value: string }>(
      `SELECT id, json_object('label', label, 'course', course, 'enforced', settings ->> 'enforced', 'leftPowered',
         settings ->> 'leftPowered', 'leftOnAfterMs', settings ->> 'leftOnAfterMs') AS value
       FROM resources WHERE kind = 'machine' ORDER BY id`,
    )) {
      keep(context, "machine", row.id, row.value);
    }
  }
}

function keep({ db, nowMs }: CommandContext, what: "opening_hours" | "machine", name: string, value: string): void {
  const last = db.one<{ value: string }>("SELECT value FROM dated_facts WHERE what = ? AND name = ? ORDER BY id DESC LIMIT 1", what, name);
  if (last?.value === value || (last === undefined && value === "null")) return;
  db.run("INSERT INTO dated_facts (what, name, value, from_ms) VALUES (?, ?, ?, ?)", what, name, value, nowMs);
}
