/** One running space as the pages see it: the live picture, questions about power, decisions and months, and commands. */
import { monthSpan } from "#core";
import { isCommand } from "./command-table.ts";
import { HubError } from "./errors.ts";
import { whyOf } from "./foresight.ts";
import { parseInput } from "./ledger/commands.ts";
import type { CommandInput, CommandName, ResultOf } from "./ledger/inputs.ts";
import type { ChangeOptions } from "./ledger/types.ts";
import { musterOf } from "./muster.ts";
import { draftOf } from "./reports/book.ts";
import { figuresText } from "./reports/seal.ts";
import type { Stack } from "./stack.ts";
import type { Actor, Commands, LiveSnapshot, LiveView, Records, SiteLive } from "./views.ts";

const tracePointsMax = 2000;

export function siteOf(stack: Stack): SiteLive {
  const site = stack.ledger.read.site();
  return { id: stack.config.site, name: site.name, zone: site.tz, language: site.locale, mode: site.mode, simulated: site.demo };
}

export function snapshotOf(stack: Stack): LiveSnapshot {
  const { live } = stack.hub;
  return {
    site: siteOf(stack),
    doors: live.doors(),
    machines: live.machines(),
    sessions: live.sessions(),
    nodes: live.nodes(),
    feed: live.feed(),
  };
}

export function liveView(stack: Stack, nowMs: () => number): LiveView {
  const { hub, ledger, series, desk } = stack;
  return {
    snapshot: () => snapshotOf(stack),
    subscribe: (listen) => hub.live.subscribe(listen),
    async powerTrace(machine, fromMs, toMs) {
      const row = ledger.read.resource(machine);
      if (row === undefined || row.kind !== "machine") return undefined;
      const number = (name: string): number | null => (typeof row.settings[name] === "number" ? row.settings[name] : null);
      return {
        machine,
        label: row.label,
        idleW: number("offW"),
        busyW: number("onW"),
        points: series.recentPower(machine, fromMs, toMs, tracePointsMax),
      };
    },
    muster: async () => musterOf(stack, nowMs()),
    why: async ({ member, at, whenMs }) => whyOf(stack, member, at, whenMs),
    monthReport: (month, language) => desk.ask({ kind: "report", month, language, nowMs: nowMs() }),
    monthFile: (month, language, format) =>
      desk.ask({ kind: "file", month, revision: null, document: "full", project: null, format, language, nowMs: nowMs() }),
    troubles: () => stack.troubles(),
  };
}

/** What a command answers; one that opens readers says also which of them wait. */
export type Given<C extends CommandName> = ResultOf<C> & (C extends "openCapture" ? { readonly readers: readonly string[] } : unknown);

/** What a command needs of a space. */
export type GivenTo = { readonly ledger: Pick<Stack["ledger"], "change">; readonly hub: Pick<Stack["hub"], "capture"> };

/** Gives a command to the ledger, and does at once what only a running hub can do about it. Throws HubError. */
export async function give<C extends CommandName>(
  stack: GivenTo,
  name: C,
  input: CommandInput<C>,
  actor: string,
  options?: ChangeOptions,
): Promise<Given<C>> {
  const result = await stack.ledger.change[name](input, actor, options);
  if (name !== "openCapture") return result as Given<C>;
  const { resource = null } = input as CommandInput<"openCapture">;
  return { ...result, readers: await stack.hub.capture(resource, actor) } as Given<C>;
}

/** An account in the audit: its role and its id, never a name. Members act as their own record, so that the ledger judges what they may. */
export const by = (actor: Actor): string => `${actor.role}:${actor.role === "member" ? (actor.member ?? "none") : actor.id}`.slice(0, 40);

/** Every command of the ledger, for the pages. `beforehand` throws where this space has more to ask of the input. */
export function tableOn(stack: GivenTo, beforehand: (name: CommandName, input: unknown) => void = () => {}): Pick<Commands, "give"> {
  return {
    async give({ name, input, actor, ifVersion }) {
      if (!isCommand(name)) throw new HubError("NOT_FOUND", `no command ${name}`);
      beforehand(name, input);
      return give(stack, name, input as never, by(actor), ifVersion === undefined ? {} : { ifVersion });
    },
  };
}

/** The audit of a space, for what the pages do beside commands. */
export function recordsOf({ ledger }: Pick<Stack, "ledger">): Records {
  return {
    act: ({ actor, action, target, detail = {} }) =>
      ledger.noteAct({ actor: actor === null ? "hub:pages" : by(actor), action, target, detail }),
    lookUp: ({ actor, ...given }) => ledger.noteLookUp({ ...given, actor: by(actor) }),
    lookUps: (member, query) => ledger.read.lookUps(member, query),
    versionOf: (command, target) => (isCommand(command) ? ledger.read.versionOf(command, target) : 0),
  };
}

/** Whoever closes a month from afar closes what the log says, not what they send. @throws HubError CONFLICT */
function needOwnFigures(book: Pick<Stack, "ledger" | "series">, name: "closeMonth" | "draftMonth", input: unknown, madeMs: number): void {
  const { month, figures } = parseInput(name, input);
  if (monthSpan(month, "UTC") !== undefined && figures !== figuresText(draftOf(book, month, madeMs)))
    throw new HubError("CONFLICT", `these are not the figures that the log gives for ${month}`);
}

/** Commands of the pages on one space. */
export function commandsOn(stack: Stack, nowMs: () => number): Pick<Commands, "unlockDoor" | "lockMachine" | "unlockMachine" | "give"> {
  const { hub, ledger } = stack;
  const isMachine = (id: string): boolean => ledger.read.resource(id)?.kind === "machine";
  return {
    ...tableOn(stack, (name, input) => (name === "closeMonth" || name === "draftMonth") && needOwnFigures(stack, name, input, nowMs())),
    unlockDoor: ({ door, actor }) => hub.unlockDoor(door, by(actor)),
    async lockMachine({ machine, reason, mode, actor }) {
      if (!isMachine(machine)) return { status: "missing" };
      await ledger.change.lockMachine({ machine, reason, mode }, by(actor));
      return { status: "applied" };
    },
    async unlockMachine({ machine, actor }) {
      if (!isMachine(machine)) return { status: "missing" };
      await ledger.change.unlockMachine({ machine }, by(actor));
      return { status: "applied" };
    },
  };
}
