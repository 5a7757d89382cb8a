/**
 * What a wiring test and learning power look at and try (security.md R5): the channel as it reports itself, what its meter said last, a
 * permit for a moment, and its end. The permit goes the way of every permissive order: sealed, bound to boot and connection, in two steps,
 * with a time to live (domain.md §5.4); at the node it meets the same interlock as a member's, and ends by itself.
 */
import type { Birth, Permit } from "#contract";
import type { Clock, Registry, Resource } from "../ports.ts";
import type { CommandDesk, Outcome } from "./commands.ts";
import type { Links } from "./links.ts";
import type { Live, PowerSample } from "./live.ts";

export type WiringLook = {
  readonly kind: "door" | "machine";
  readonly node: string;
  readonly ch: string;
  /** the node is there */
  readonly online: boolean;
  /** what the channel is wired to, as the node said at its birth; null: it has not been heard since this hub started */
  readonly senses: readonly string[] | null;
  readonly firmware: string | null;
  readonly hardware: string | null;
  readonly configVersion: number;
  /** name of the state the channel is in, and what it senses; null: unknown */
  readonly state: string | null;
  readonly permitted: boolean | null;
  readonly powered: boolean | null;
  readonly open: boolean | null;
  readonly session: boolean;
  /** what was said of its power last, by a report or its meter's samples */
  readonly powerW: number | null;
  /** of the last five minutes, oldest first */
  readonly samples: readonly PowerSample[];
};

export type WiringDesk = {
  /** undefined: there is no such door or machine */
  look(resource: string): WiringLook | undefined;
  /** Permits the machine for a trial, `long` for learning its power. Refused while anybody uses it. Resolves within 6 s. */
  tryPermit(machine: string, long: boolean, actor: string): Promise<Outcome>;
  /** Takes the permit away: as soon as it is idle, or now. Resolves within 3 s. */
  endPermit(machine: string, now: boolean, actor: string): Promise<Outcome>;
};

/** Unused it ends after a minute, idle after one, in any case as soon as it is idle after three. */
const trial: Permit = {
  leaseMs: 180_000,
  idleMs: 60_000,
  graceMs: 0,
  enableMs: 60_000,
  strikeMs: 0,
  shuntMs: 0,
  attended: true,
  holdPolicy: "until_idle",
};

/** Time to warm up, to idle and to work. */
const longTrial: Permit = { ...trial, leaseMs: 900_000, idleMs: 300_000, enableMs: 120_000 };

export function createWiringDesk(given: {
  readonly registry: Registry;
  readonly desk: CommandDesk;
  readonly links: Links;
  readonly live: Live;
  readonly clock: Clock;
}): WiringDesk {
  const { registry, desk, links, live } = given;
  const find = (id: string): Resource | undefined => registry.resources().find((entry) => entry.id === id);
  const atMachine = (id: string, order: Omit<Parameters<CommandDesk["order"]>[2], "ch">): Promise<Outcome> => {
    const resource = find(id);
    if (resource === undefined || resource.kind !== "machine") return Promise.resolve({ status: "missing" });
    return desk.order(resource.node, links.linkOf(resource.node), { ...order, ch: resource.ch });
  };
  return {
    look(id) {
      const resource = find(id);
      return resource === undefined ? undefined : lookAt(resource, links, live);
    },
    tryPermit(machine, long, actor) {
      const resource = find(machine);
      const state = resource === undefined ? undefined : live.reportOf(resource.node, resource.ch)?.body;
      if (state !== undefined && state.session !== null && state.session !== undefined)
        return Promise.resolve({ status: "rejected", sentence: "Somebody is using it." });
      return atMachine(machine, { op: "prepare", permissive: "interlock.enable", permit: long ? longTrial : trial, actor });
    },
    endPermit: (machine, now, actor) => atMachine(machine, { op: now ? "stop_now" : "stop_at_idle", actor }),
  };
}

function lookAt({ kind, node, ch }: Resource, links: Links, live: Live): WiringLook {
  const birth: Birth | undefined = live.careOf(node).birth;
  const report = live.reportOf(node, ch)?.body;
  return {
    kind,
    node,
    ch,
    online: links.linkOf(node) !== undefined,
    senses: birth?.channels.find((channel) => channel.ch === ch)?.can ?? null,
    firmware: birth?.fw ?? null,
    hardware: birth?.hw ?? null,
    configVersion: birth?.configVersion ?? 0,
    state: report?.st ?? null,
    permitted: report?.relay ?? null,
    powered: report?.powered ?? null,
    open: report?.open ?? null,
    session: typeof report?.session === "string",
    powerW: live.powerOf(node, ch),
    samples: live.samplesOf(node, ch),
  };
}
