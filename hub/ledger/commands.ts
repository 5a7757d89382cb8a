/**
 * Runs one permission command: checks the input, writes, appends to the audit and raises the permissions' version, all in one
 * transaction. Runs in the ledger's thread; `permissions` of the callers end up here.
 */
import type { ZodError } from "zod";
import { attendance } from "./attendance.ts";
import { appendAudit, lastOf } from "./audit.ts";
import { needAuthority } from "./authority.ts";
import { bonds } from "./bonds.ts";
import { bookings } from "./bookings.ts";
import { captures } from "./captures.ts";
import { commissioning } from "./commissioning.ts";
import { corrections } from "./corrections.ts";
import type { Database } from "./database.ts";
import { dated } from "./dated.ts";
import { enrolment } from "./enrolment.ts";
import { equipment } from "./equipment.ts";
import { erasure } from "./erasure.ts";
import { exceptions } from "./exceptions.ts";
import { imports } from "./import.ts";
import { type CommandInput, type CommandName, inputs, type ParsedInput, type ResultOf } from "./inputs.ts";
import type { SiteKeys } from "./keys.ts";
import { getMeta, numberMeta, setMeta } from "./meta.ts";
import { notices } from "./notices.ts";
import { overrides } from "./overrides.ts";
import { people } from "./people.ts";
import { places } from "./places.ts";
import { projects } from "./projects.ts";
import { Refused } from "./refuse.ts";
import { removals } from "./removals.ts";
import { keepDatedFacts, reporting } from "./reporting.ts";
import { screens } from "./screens.ts";
import { training } from "./training.ts";
import { webhooks } from "./webhooks.ts";

export type CommandContext = {
  readonly db: Database;
  readonly keys: SiteKeys;
  readonly nowMs: number;
  readonly tz: string;
  readonly actor: string;
};
export type Handlers = { readonly [C in CommandName]: (context: CommandContext, input: ParsedInput<C>) => ResultOf<C> };

const handlers: Handlers = {
  ...people,
  ...imports,
  ...bonds,
  ...training,
  ...bookings,
  ...attendance,
  ...equipment,
  ...enrolment,
  ...places,
  ...removals,
  ...captures,
  ...commissioning,
  ...overrides,
  ...notices,
  ...webhooks,
  ...screens,
  ...exceptions,
  ...reporting,
  ...dated,
  ...corrections,
  ...erasure,
  ...projects,
};
export const commandNames = Object.keys(inputs) as CommandName[];

/** Input of a command, parsed. @throws Refused BAD_INPUT naming the field */
export function parseInput<C extends CommandName>(name: C, input: unknown): ParsedInput<C> {
  const parsed = inputs[name].safeParse(input);
  if (!parsed.success) throw new Refused("BAD_INPUT", `${name}: ${problems(parsed.error)}`);
  return parsed.data as ParsedInput<C>;
}

function problems(error: ZodError): string {
  const lines = error.issues.slice(0, 5).map((issue) => `${issue.path.length > 0 ? `${issue.path.join(".")}: ` : ""}${issue.message}`);
  return lines.join("; ");
}

export type CommandRequest<C extends CommandName = CommandName> = {
  readonly name: C;
  readonly input: CommandInput<C>;
  readonly actor: string;
  /** see ChangeOptions */
  readonly ifVersion?: number;
};

/** @throws Refused, or an error of the disk */
export function runCommand<C extends CommandName>(db: Database, keys: SiteKeys, request: CommandRequest<C>, nowMs: number): ResultOf<C> {
  const input = parseInput(request.name, request.input);
  const actor = request.actor.slice(0, 40);
  return db.transaction(() => {
    const context: CommandContext = { db, keys, nowMs, tz: getMeta(db, "tz") ?? "UTC", actor };
    needAuthority(context, request.name, input);
    if (request.ifVersion !== undefined) needUnchanged(db, request.name, targetOf(input, undefined), request.ifVersion);
    const result = handlers[request.name](context, input);
    keepDatedFacts(context, request.name);
    setMeta(db, "permission_version", numberMeta(db, "permission_version") + 1);
    appendAudit(db, { atMs: nowMs, actor, action: request.name, target: targetOf(input, result), detail: auditDetail(input, keys) });
    return result;
  });
}

/** Two people who change the same thing at once: the second is told what the first has done. @throws Refused CHANGED_MEANWHILE */
function needUnchanged(db: Database, name: CommandName, target: string, version: number): void {
  const last = lastOf(db, target, name);
  if ((last?.n ?? 0) === version) return;
  const done = last === undefined ? "it was never set" : `${last.actor} has set ${last.detail.slice(0, 600)} in entry ${last.n}`;
  throw new Refused("CHANGED_MEANWHILE", `The ${target} is not as you saw it: ${done}.`);
}

const targets = [
  "member",
  "machine",
  "door",
  "node",
  "resource",
  "plan",
  "course",
  "schedule",
  "zone",
  "circuit",
  "class",
  "booking",
  "shift",
  "entry",
  "override",
  "exception",
  "webhook",
  "screen",
  "headcount",
  "maintenance",
  "line",
  "mode",
  "month",
  "correction",
  "project",
  "note",
  "attendance",
  "wish",
  "material",
];
/** What the entry is about: the first name or number that the input or the result carries. */
function targetOf(input: unknown, result: unknown): string {
  for (const value of [input, result]) {
    if (typeof value !== "object" || value === null) continue;
    for (const key of targets) {
      const found = (value as Readonly<Record<string, unknown>>)[key];
      if (typeof found === "string" || typeof found === "number") return `${key} ${found}`;
    }
  }
  return "site";
}

const unwritten: ReadonlySet<string> = new Set([
  "displayName",
  "mail",
  "externalRef",
  "alias",
  "pin",
  "ca",
  "figures",
  "logo",
  "address",
  "pushKeys",
  "url",
  "stated",
  "founded",
]);

/** The input without names and addresses, with card numbers as keyed hashes. Long lists are counted, not copied. */
function auditDetail(input: unknown, keys: SiteKeys): string {
  const text = JSON.stringify(input, (key, value: unknown) => {
    if (unwritten.has(key)) return undefined;
    if (key === "number" && typeof value === "string") return keys.cardKeyOf(value);
    if (key === "rows" && Array.isArray(value)) return value.length;
    return value;
  });
  return text.slice(0, 4000);
}
