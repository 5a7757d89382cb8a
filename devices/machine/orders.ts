/** What the hub may order of a machine, after every barrier of domain.md §5.4. */
import type { InterlockEvent } from "#core";
import type { AckCode, Order, OrderDone } from "../kit/commands.ts";
import type { Node } from "../kit/node.ts";
import type { Lockouts } from "./own-lockouts.ts";

type Bare<E> = E extends { readonly nowMono: number } ? Omit<E, "nowMono"> : never;
export type OrdersGiven = {
  readonly node: Node;
  readonly ch: string;
  readonly step: (event: Bare<InterlockEvent>) => void;
  readonly lockouts: Lockouts;
  readonly identify: () => void;
  readonly isPermitted: () => boolean;
};

/** A remote enable answers when its record is durable: later than the gate's own limit it was refused. */
const appliedLimitMs = 2500;

export function obey(given: OrdersGiven, order: Order, done: OrderDone): void {
  if (order.ch !== given.ch) done("rejected", "BAD_ARGS");
  else if (order.kind === "permissive") enable(given, order, done);
  else {
    const code = plain(given, order.op);
    if (code === null) done("applied", null);
    else done("rejected", code);
  }
}

function plain(given: OrdersGiven, op: Extract<Order, { kind: "plain" }>["op"]): AckCode | null {
  const { step, lockouts, node, ch } = given;
  switch (op) {
    case "stop_now":
      step({ kind: "end", reason: "forced", mode: "immediate" });
      return null;
    case "stop_at_idle":
      step({ kind: "end", reason: "forced", mode: "when_idle" });
      return null;
    case "acknowledge":
    case "reset": // the hub's half of the two steps out of a fault; the other is a maintainer's at the machine
      lockouts.note({ kind: "cleared" });
      step({ kind: "cleared" });
      return null;
    case "capture":
      node.authoriser.capture(ch);
      return null;
    case "identify":
      given.identify();
      return null;
    case "relock":
    case "reload":
    case "resend":
      return "UNKNOWN_OP";
  }
}

function enable(given: OrdersGiven, order: Extract<Order, { kind: "permissive" }>, done: OrderDone): void {
  const { node, step, lockouts } = given;
  if (node.mode() !== "normal" || lockouts.now().length > 0) done("rejected", "INHIBITED");
  else if (order.what !== "interlock.enable" || order.permit === null) done("rejected", "BAD_ARGS");
  else {
    const member = /^\d{1,10}$/.test(order.actor) ? Number(order.actor) : 0;
    const { ids, outbox, runtime } = node;
    step({ kind: "remote_permit", member, session: ids.ulid(), decision: ids.ulid(), permit: order.permit });
    outbox.whenDurable(appliedLimitMs, () =>
      runtime.input(() => (given.isPermitted() ? done("applied", null) : done("rejected", "INHIBITED"))),
    );
  }
}
