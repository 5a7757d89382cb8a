/** Commands about what holds from a date on, for the reports: backgrounds of members, rates, and work that is planned ahead. */
import type { CommandContext, Handlers } from "./commands.ts";
import { localToday } from "./dates.ts";
import type { ParsedInput } from "./inputs.ts";
import { Refused } from "./refuse.ts";
import { missing, needMachine, needMember } from "./rows.ts";

export const dated: Pick<Handlers, "setBackground" | "setRate" | "planMaintenance" | "cancelMaintenance"> = {
  setBackground(context, input) {
    needMember(context, input.member);
    if (input.founded !== null && input.what !== "enterprise")
      throw new Refused("BAD_INPUT", "founded: only an enterprise is founded.", "Leave it out.");
    context.db.run(
      `INSERT INTO backgrounds (member, what, value, founded, from_date) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (member, what, from_date) DO UPDATE SET value = excluded.value, founded = excluded.founded`,
      input.member,
      input.what,
      input.stated,
      input.founded,
      input.from ?? localToday(context.tz, context.nowMs),
    );
    return {};
  },

  setRate(context, input) {
    needNamed(context, input);
    context.db.run(
      `INSERT INTO rates (rate, name, value, source, from_date) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (rate, name, from_date) DO UPDATE SET value = excluded.value, source = excluded.source`,
      input.rate,
      input.of,
      input.value,
      input.source,
      input.from ?? localToday(context.tz, context.nowMs),
    );
    return {};
  },

  planMaintenance(context, input) {
    const { db, nowMs, actor } = context;
    needMachine(context, input.machine);
    if (input.untilMs <= input.fromMs) throw new Refused("BAD_INPUT", "until: it would end before it begins.", "Give a later end.");
    if (input.fromMs <= nowMs)
      throw new Refused(
        "BAD_INPUT",
        "from: that has begun already, so nobody planned it.",
        "Lock the machine instead: `koprade machine lock`.",
      );
    const maintenance = db.insert(
      "INSERT INTO planned_maintenance (machine, from_ms, until_ms, reason, at_ms, by_actor) VALUES (?, ?, ?, ?, ?, ?)",
      input.machine,
      input.fromMs,
      input.untilMs,
      input.reason,
      nowMs,
      actor,
    );
    return { maintenance };
  },

  /** Before it begins nothing is left of it; later it ends now, and what is past stays planned. */
  cancelMaintenance({ db, nowMs }, { maintenance }) {
    const row = db.one<{ fromMs: number; untilMs: number; cancelledMs: number | null }>(
      "SELECT from_ms AS fromMs, until_ms AS untilMs, cancelled_ms AS cancelledMs FROM planned_maintenance WHERE maintenance = ?",
      maintenance,
    );
    if (row === undefined) throw missing("planned maintenance", maintenance);
    if (row.cancelledMs !== null || row.untilMs <= nowMs)
      throw new Refused("CONFLICT", `Planned maintenance ${maintenance} is over or cancelled already.`, "Plan another one.");
    db.run("UPDATE planned_maintenance SET cancelled_ms = ? WHERE maintenance = ?", nowMs, maintenance);
    return {};
  },
};

const ofMachines: ReadonlySet<string> = new Set(["machine_hour", "service_hours", "service_kwh", "service_days"]);

/** A rate of a machine names it, that of a volunteer's hour a role; the others name nothing. */
function needNamed(context: CommandContext, { rate, of }: ParsedInput<"setRate">): void {
  if (ofMachines.has(rate)) {
    if (of === "") throw new Refused("BAD_INPUT", `of: ${rate} is a machine's.`, "Say of which machine.");
    needMachine(context, of);
  } else if (rate === "volunteer_hour" ? of === "" : of !== "") {
    const sentence = rate === "volunteer_hour" ? "a volunteer's hour is that of a role." : `${rate} is of the whole space.`;
    throw new Refused("BAD_INPUT", `of: ${sentence}`, rate === "volunteer_hour" ? "Give a role such as steward." : "Leave it out.");
  }
}
