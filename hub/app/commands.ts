/**
 * What people make the building do. Permissive commands take two steps, so that a stored copy can never act: `prepare` asks,
 * the node answers with a challenge, `commit` must bring it back within 2 s (domain.md §5.4). Unknown is not failed: without
 * an answer in 3 s the outcome is `unconfirmed`.
 */
import type { Acknowledgement, Command, SiteSettings } from "#contract";
import { hubDefaults, registerWith } from "#core";
import type { Clock, Ids } from "../ports.ts";
import type { Wire } from "./wire.ts";

export type Outcome =
  | { readonly status: "applied" | "verified" | "unconfirmed" | "missing" }
  | { readonly status: "rejected"; readonly sentence: string };

export type Link = { readonly boot: string; readonly conn: number };
type Order = Pick<Command, "op" | "ch" | "actor"> &
  Partial<Pick<Command, "permit">> & { readonly permissive?: NonNullable<Command["permissive"]> };

const answerLimitMs = 3000;
const waitingMax = 200;

export type CommandDesk = {
  /** Sends one order to a connected node and waits for what became of it. `link` undefined: the node is not there. */
  order(node: string, link: Link | undefined, order: Order): Promise<Outcome>;
  /** A node's acknowledgement has come. */
  acknowledged(node: string, ack: Acknowledgement): void;
};

export function createCommandDesk(given: { wire: Wire; clock: Clock; ids: Ids; settings: () => SiteSettings }): CommandDesk {
  const { wire, clock, ids } = given;
  const waiting = new Map<string, (ack: Acknowledgement | undefined) => void>();

  /** One message and its acknowledgement, or undefined after the limit. The waiter is there before the message leaves. */
  const ask = (node: string, command: Command): Promise<Acknowledgement | undefined> => {
    if (waiting.size >= waitingMax) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const id = ids.ulid();
      const key = `${node} ${id}`;
      const settle = (ack: Acknowledgement | undefined): void => {
        cancel();
        waiting.delete(key);
        resolve(ack);
      };
      const cancel = clock.after("command answer", answerLimitMs, () => settle(undefined));
      waiting.set(key, settle);
      void wire.sendSealed("command", node, command, id).then((taken) => {
        if (!taken) settle(undefined);
      });
    });
  };

  return {
    async order(node, link, order) {
      if (link === undefined) return { status: "unconfirmed" };
      const { commandTtlPermissiveMs, commandTtlMs } = registerWith(hubDefaults, given.settings());
      const ttlMs = order.op === "prepare" || order.op === "reset" ? commandTtlPermissiveMs : commandTtlMs;
      const issued = (): Command => ({ ...order, issuedMs: clock.nowMs(), ttlMs, boot: link.boot, conn: link.conn });
      const first = await ask(node, issued());
      if (first === undefined) return { status: "unconfirmed" };
      if (first.status !== "challenge" || first.challenge === null) return outcome(first);
      const second = await ask(node, { ...issued(), op: "commit", challenge: first.challenge });
      return second === undefined ? { status: "unconfirmed" } : outcome(second);
    },
    acknowledged(node, ack) {
      waiting.get(`${node} ${ack.of}`)?.(ack);
    },
  };
}

function outcome(ack: Acknowledgement): Outcome {
  if (ack.status === "applied") return { status: "applied" };
  // taken in, or met before: what became of it is not said (I6)
  if (ack.status === "accepted" || ack.status === "duplicate") return { status: "unconfirmed" };
  if (ack.status === "verified") return { status: "verified" };
  return { status: "rejected", sentence: `The node refused: ${ack.code ?? ack.status}.` };
}
