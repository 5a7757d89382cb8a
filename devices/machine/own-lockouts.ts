/** The machine's own word on what blocks it (core/lockouts.ts), kept on the disk: a restart must not forget a member's report. */
import * as z from "zod";
import { type LiveFacts, type LockoutEvent, lockoutsNow, noLockouts, type OwnLockouts, stepLockouts } from "#core";
import type { Node } from "../kit/node.ts";
import type { NodeFiles } from "../kit/node-files.ts";
import type { Log } from "../kit/ports.ts";

const kept = z.object({
  oops: z.boolean(),
  check: z.enum(["none", "due", "rejected"]),
  hubKnows: z.boolean(),
  accepted: z.boolean(),
  lastMember: z.int().min(0),
});

export type Lockouts = {
  note(event: LockoutEvent): void;
  own(): OwnLockouts;
  /** every cause in force */
  now(): LiveFacts["lockouts"];
  /** A session begins; maintenance begins in spite of what stands now, and only what comes afterwards ends it. */
  begin(isMaintenance: boolean): void;
  /** how a session is to end because of the hub's lockouts, or null */
  ending(): "when_idle" | "immediate" | null;
};

export function keepLockouts(given: {
  readonly files: NodeFiles;
  readonly log: Log;
  readonly ch: string;
  readonly restrictions: Node["restrictions"];
  /** its wiring and the policy for it exclude each other: as good as broken */
  readonly isMisfit: () => boolean;
}): Lockouts {
  const { files, log, ch } = given;
  const parsed = kept.safeParse(files.load("lockouts"));
  let tolerated: readonly string[] = [];
  let own: OwnLockouts = parsed.success ? parsed.data : noLockouts;
  const fromHub = () => given.restrictions().lockouts.filter((lockout) => lockout.ch === ch);
  const now = () => lockoutsNow(own, [...fromHub().map(({ kind }) => kind), ...(given.isMisfit() ? ["fault" as const] : [])]);
  return {
    note(event) {
      const next = stepLockouts(own, event);
      if (next === own) return;
      own = next;
      files
        .save("lockouts", own)
        .catch((error: unknown) => log.warn({ cause: String(error) }, "the machine's lockouts could not be saved"));
    },
    own: () => own,
    now,
    begin(isMaintenance) {
      tolerated = isMaintenance ? fromHub().map(nameOf) : [];
    },
    ending() {
      const left = [...tolerated];
      const isNew = (lockout: HubLockout): boolean => {
        const at = left.indexOf(nameOf(lockout));
        if (at >= 0) left.splice(at, 1);
        return at < 0;
      };
      const counts = ({ kind }: HubLockout): boolean => kind !== "check" && now().includes(kind); // a check comes before a use, it ends none
      const holding = fromHub().filter((lockout) => isNew(lockout) && counts(lockout));
      if (holding.length === 0) return null;
      return holding.some(({ mode }) => mode === "immediate") ? "immediate" : "when_idle";
    },
  };
}

type HubLockout = ReturnType<Node["restrictions"]>["lockouts"][number];
/** Two lockouts of the same words are two: each counts once. */
const nameOf = ({ kind, mode, reason }: HubLockout): string => `${kind} ${mode} ${reason}`;
