/** The tablet at the desk, on a running space: its link, and the little that may be done at it. It acts as `hub:kiosk`. */
import { HubError } from "./errors.ts";
import { give } from "./live-view.ts";
import type { Stack } from "./stack.ts";
import { captureOf } from "./staff/people.ts";
import type { Kiosk, Kiosks } from "./views-kiosk.ts";

const by = "hub:kiosk";
/** A tablet serves one person after another; what was before them is nobody's business. */
const askedMost = 20;

/** @param stacks  the spaces that run here: the real one, and the simulated building beside it */
export function kiosksOf(stacks: () => readonly Stack[], nowMs: () => number): Kiosks {
  /** by kiosk: the cards it waits for, and may ask about */
  const asked = new Map<string, number[]>();
  return {
    kiosk(name, token) {
      for (const stack of stacks()) {
        const row = stack.ledger.read.screenWith(name, token);
        if (row?.boards.includes("kiosk") === true) return kioskOf(stack, row, asked, nowMs);
      }
      return undefined;
    },
  };
}

type Row = { readonly screen: string; readonly languages: Kiosk["languages"]; readonly reader: string | null };

function kioskOf(stack: Stack, row: Row, asked: Map<string, number[]>, nowMs: () => number): Kiosk {
  const { read } = stack.ledger;
  const { screen, languages, reader } = row;
  return {
    name: screen,
    languages,
    picture() {
      const { name, tz, mode, demo } = read.site();
      const machines = read.resources().filter(({ kind }) => kind === "machine");
      return {
        site: { name, zone: tz, mode, simulated: demo },
        machines: machines.map(({ id, label }) => ({ id, label })),
        reader: reader === null ? null : (read.resource(reader)?.label ?? reader),
      };
    },
    async report(machine, reason) {
      if (read.resource(machine)?.kind !== "machine") return false;
      await give(stack, "lockMachine", { machine, kind: "oops", mode: "when_idle", reason }, by);
      return true;
    },
    async awaitCard(member) {
      if (reader === null) throw new HubError("CONFLICT", "no reader stands beside this kiosk");
      if (read.member(member) === undefined) return undefined;
      const { capture, untilMs } = await give(stack, "openCapture", { member, resource: reader, label: "card" }, by);
      asked.set(screen, [...(asked.get(screen) ?? []), capture].slice(-askedMost));
      return { capture, untilMs };
    },
    card(capture) {
      if (asked.get(screen)?.includes(capture) !== true) return undefined;
      const found = captureOf(stack, capture, nowMs());
      return found === undefined ? undefined : { state: found.state, untilMs: found.untilMs };
    },
  };
}
