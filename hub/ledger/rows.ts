/** What every command asks of the tables: is it there, whose is it; and the refusals when it is not. */
import type { CommandContext } from "./commands.ts";
import { Refused } from "./refuse.ts";

const columnOf = {
  members: "member",
  plans: "plan",
  courses: "course",
  schedules: "schedule",
  nodes: "node",
  resources: "id",
  zones: "zone",
  circuits: "circuit",
  classes: "class",
} as const;
type Table = keyof typeof columnOf;

export function exists({ db }: CommandContext, table: Table, value: string | number): boolean {
  return db.one(`SELECT 1 FROM ${table} WHERE ${columnOf[table]} = ?`, value) !== undefined;
}

export function need(context: CommandContext, table: Table, value: string): void {
  if (!exists(context, table, value)) throw missing(table === "resources" ? "door or machine" : columnOf[table], value);
}

export function needMember(context: CommandContext, member: number): void {
  if (!exists(context, "members", member)) {
    throw new Refused("NOT_FOUND", `There is no member ${member}.`, "`koprade member list` shows all members with their numbers.");
  }
}

export function needMachine({ db }: CommandContext, machine: string): void {
  const row = db.one("SELECT 1 FROM resources WHERE id = ? AND kind = 'machine'", machine);
  if (row === undefined) throw missing("machine", machine);
}

/** A door, a machine or a zone. */
export function needPlace(context: CommandContext, place: string): void {
  if (!exists(context, "resources", place) && !exists(context, "zones", place)) throw missing("door, machine or zone", place);
}

export function missing(what: string, name: string | number): Refused {
  return new Refused("NOT_FOUND", `There is no ${what} "${name}".`, `Check the spelling, or add the ${what} first.`);
}

/** The keyed hash of a card; the number itself goes no further than here. */
export function keyOf(context: CommandContext, card: { readonly number: string } | { readonly cardKey: string }): string {
  return "cardKey" in card ? card.cardKey : context.keys.cardKeyOf(card.number);
}
