/**
 * The four barriers between a command on the bus and an output (domain.md §5.4). A command that passes them all is handed to
 * the node; everything else becomes an answer that says which barrier it met.
 *
 *   sealed (HMAC) ─ never retained ─ this boot, this connection ─ not seen before ─ in time, or by challenge ─ node
 */
import type { Acknowledgement, Command, Permit } from "#contract";

export type AckCode = NonNullable<Acknowledgement["code"]>;
export type Answer = Omit<Acknowledgement, "of">;
export type PermissiveOp = NonNullable<Command["permissive"]>;

/** What reaches the node. Permissive orders have passed prepare, challenge and commit. */
export type Order =
  | {
      readonly kind: "permissive";
      readonly what: PermissiveOp;
      readonly ch: string;
      readonly actor: string;
      readonly permit: Permit | null;
    }
  | { readonly kind: "plain"; readonly op: Exclude<Command["op"], "prepare" | "commit">; readonly ch: string; readonly actor: string };

/** Tells what became of an order: the output was driven, or why not. */
export type OrderDone = (status: "applied" | "rejected", code: AckCode | null) => void;

export type CommandGate = {
  /** A decoded, authentic command. Answers at once, or later through `reply` when the output has been driven. */
  take(id: string, command: Command, isRetained: boolean, reply: (answer: Answer) => void): void;
  /** A new connection: outstanding challenges are void. */
  reset(): void;
};

export type CommandGateGiven = {
  readonly boot: string;
  readonly conn: () => number;
  readonly monoMs: () => number;
  /** UTC by the hub's beacons, or null when unknown */
  readonly nowMs: () => number | null;
  readonly nonce: () => string;
  /** Carries the order out; `done` tells what became of it. */
  readonly carryOut: (order: Order, done: OrderDone) => void;
};

export const challengeMs = 2000;
const idsKept = 256;
const challengesMax = 8;
/** Late or not, these only make the world safer. */
const restrictive: ReadonlySet<Command["op"]> = new Set(["stop_at_idle", "stop_now", "relock"]);

type Challenge = { readonly ch: string; readonly what: PermissiveOp; readonly untilMono: number };

export function createCommandGate(given: CommandGateGiven): CommandGate {
  const seen = new Map<string, Answer>();
  const challenges = new Map<string, Challenge>();

  const remember = (id: string, answer: Answer) => {
    seen.set(id, answer);
    if (seen.size > idsKept) for (const oldest of seen.keys()) return void seen.delete(oldest);
  };
  const challengeFor = (command: Command): Answer => {
    if (command.permissive === undefined) return rejected("BAD_ARGS");
    for (const [nonce, { untilMono }] of challenges) if (untilMono < given.monoMs()) challenges.delete(nonce);
    if (challenges.size >= challengesMax) return rejected("INHIBITED");
    const challenge = given.nonce();
    challenges.set(challenge, { ch: command.ch, what: command.permissive, untilMono: given.monoMs() + challengeMs });
    return { status: "challenge", code: null, challenge };
  };
  /** A commit spends its challenge, whether or not it is in time. */
  const orderOf = (command: Command): Order | AckCode => {
    if (command.op !== "commit") {
      return command.op === "prepare" ? "BAD_ARGS" : { kind: "plain", op: command.op, ch: command.ch, actor: command.actor };
    }
    const nonce = command.challenge ?? "";
    const challenge = challenges.get(nonce);
    challenges.delete(nonce);
    if (challenge === undefined) return "NONCE_UNKNOWN";
    if (given.monoMs() > challenge.untilMono) return "CHALLENGE_EXPIRED";
    if (challenge.ch !== command.ch || (command.permissive !== undefined && command.permissive !== challenge.what)) return "BAD_ARGS";
    return { kind: "permissive", what: challenge.what, ch: command.ch, actor: command.actor, permit: command.permit ?? null };
  };
  const barrierOf = (command: Command): Answer | null => {
    if (command.boot !== given.boot) return rejected("WRONG_BOOT");
    return command.conn === given.conn() ? null : rejected("WRONG_CONNECTION");
  };
  const isLate = (command: Command) => {
    const nowMs = given.nowMs();
    return !restrictive.has(command.op) && nowMs !== null && nowMs > command.issuedMs + command.ttlMs;
  };

  return {
    take(id, command, isRetained, reply) {
      if (isRetained) return; // permissive or not: a retained command has no sender who waits for an answer
      const earlier = seen.get(id);
      const barrier = barrierOf(command) ?? (earlier === undefined ? null : { ...earlier, status: "duplicate" as const });
      if (barrier !== null) {
        reply(barrier);
        return;
      }
      const answer = (given: Answer) => {
        remember(id, given);
        reply(given);
      };
      if (isLate(command)) answer({ status: "expired", code: "TTL_EXPIRED", challenge: null });
      else if (command.op === "prepare") answer(challengeFor(command));
      else {
        const order = orderOf(command);
        if (typeof order === "string") answer(rejected(order));
        else {
          remember(id, { status: "accepted", code: null, challenge: null });
          given.carryOut(order, (status, code) => answer({ status, code, challenge: null }));
        }
      }
    },
    reset: () => challenges.clear(),
  };
}

function rejected(code: AckCode): Answer {
  return { status: "rejected", code, challenge: null };
}
