/** What the terminal may ask of a running hub over its control socket. */
import { type ControlHandlers, readersMax } from "./cli/control.ts";
import { HubError } from "./errors.ts";
import { hubWordsOf } from "./ledger/offers.ts";
import { give } from "./live-view.ts";
import type { RunningHub } from "./start.ts";

export function controlHandlers(hub: Pick<RunningHub, "stack">, version: string): ControlHandlers {
  const sinceMs = Date.now();
  const { stack } = hub;
  return {
    status: async () => ({
      version,
      sinceMs,
      troubles: [...stack.troubles()],
    }),
    nodes: async () =>
      stack.hub.live.nodes().map(({ id, label, status, lastSeenMs, outboxDepth, snapshotAgeMs, clock, trouble }) => {
        const { firmware, health, uncertainPct } = stack.hub.live.careOf(id);
        const { uptimeMs = null, clockErrorMs = null, boards = [], configVersion = null, configTrouble = null, signalDbm } = health ?? {};
        const sent = stack.hub.sentConfig(id);
        return {
          signal: signalDbm === null ? ("wired" as const) : (signalDbm ?? null),
          config: { applied: configVersion, sent: sent?.version ?? null, sentMs: sent?.sinceMs ?? null, trouble: configTrouble },
          ...{ id, label, status, lastSeenMs, outboxDepth, snapshotAgeMs, firmware, trouble },
          ...{ clock, clockErrorMs, uptimeMs, boards: [...boards], uncertainPct },
        };
      }),
    async rekey({ node, actor }) {
      if (stack.broker === null) throw new HubError("CONFLICT", "your own broker keeps the nodes' passwords: use `koprade node renew`");
      const boxKey = stack.hub.boxKeyOf(node);
      if (boxKey === undefined) return { sent: false };
      await stack.ledger.change.rekeyNode({ node, boxKey, ca: stack.tls?.caPem ?? null }, actor);
      return { sent: true };
    },
    newcomers: async () => ({
      untilMs: stack.ledger.read.enrolUntilMs(),
      hubWords: hubWordsOf(stack.ledger.keys.signingPublicKey),
      waiting: stack.hub.newcomers().map(({ fp, words, sinceMs, adoptedAs, hello }) => {
        const { publicKey, model, fw, serial, wants, channels } = hello;
        return {
          fp,
          words,
          sinceMs,
          adoptedAs,
          publicKey,
          model,
          fw,
          serial,
          wants,
          channels: channels.map(({ ch, kind }) => ({ ch, kind })),
        };
      }),
    }),
    identify: ({ node, actor }) => stack.hub.identify(node, actor),
    async look({ resource }) {
      const look = stack.hub.wiring.look(resource);
      return look === undefined ? null : { ...look, senses: look.senses === null ? null : [...look.senses], samples: [...look.samples] };
    },
    tryPermit: ({ machine, long, actor }) => stack.hub.wiring.tryPermit(machine, long, actor),
    endPermit: ({ machine, now, actor }) => stack.hub.wiring.endPermit(machine, now, actor),
    orderDoor: ({ door, order, actor }) => stack.hub.orderDoor(door, order, actor),
    unlockDoor: ({ door, actor }) => stack.hub.unlockDoor(door, actor),
    async capture({ member, resource, label, actor }) {
      const { capture, readers } = await give(stack, "openCapture", { member, resource, label }, actor);
      return { capture, readers: readers.slice(0, readersMax) };
    },
  };
}
