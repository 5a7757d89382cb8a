/** Commands of the reports: closing a month, target groups, headcounts, money; and the keeping of dated facts. */
import type { CommandContext, Handlers } from "./commands.ts";
import { localToday } from "./dates.ts";
import type { CommandName } from "./inputs.ts";
import { getMeta } from "./meta.ts";
import { Refused } from "./refuse.ts";
import { needMachine, needMember } from "./rows.ts";

export const reporting: Pick<Handlers, "closeMonth" | "setTargetGroup" | "addHeadcount" | "addMoney"> = {
  /** The next revision of a month; the first closes it. Refused when another revision came between. */
  closeMonth({ db, nowMs, actor }, input) {
    const last = db.one<{ revision: number }>("SELECT max(revision) AS revision FROM closed_months WHERE month = ?", input.month);
    const revision = (last?.revision ?? 0) + 1;
    if (input.revision !== revision) {
      throw new Refused("CONFLICT", `${input.month} has ${revision - 1} revisions by now.`, "Look at the month again, then repeat.");
    }
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
    if (input.machine !== null) needMachine(context, input.machine);
    context.db.run(
      "INSERT INTO headcounts (on_date, kind, people, minutes, target, municipality, machine) VALUES (?, ?, ?, ?, ?, ?, ?)",
      input.on,
      input.kind,
      input.people,
      input.minutes,
      input.target,
      input.municipality,
      input.machine,
    );
    return {};
  },

  addMoney(context, input) {
    if (input.machine !== null) needMachine(context, input.machine);
    context.db.run(
      "INSERT INTO money_lines (on_date, kind, source, cents, machine, label) VALUES (?, ?, ?, ?, ?, ?)",
      input.on,
      input.kind,
      input.source,
      input.cents,
      input.machine,
      input.label,
    );
    return {};
  },
};

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
      "SELECT id, json_object('label', label) AS value FROM resources WHERE kind = 'machine' ORDER BY id",
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
