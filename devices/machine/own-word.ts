/** What an event of this machine makes it know by itself, before the hub has heard of it: what blocks it, and which overrides are over. */
import type { EventBody } from "#contract";
import type { InterlockSession } from "#core";
import type { Node } from "../kit/node.ts";
import type { Lockouts } from "./own-lockouts.ts";
import type { OwnOverrides } from "./own-overrides.ts";

export type OwnWord = { readonly node: Node; readonly ch: string; readonly lockouts: Lockouts; readonly overrides: OwnOverrides };
type Sessions = {
  readonly before: InterlockSession | null;
  readonly now: InterlockSession | null;
  /** the card of who is in charge now */
  readonly card: string | null;
};

export function takeOwnWord({ node, ch, lockouts, overrides }: OwnWord, body: EventBody, { before, now, card }: Sessions): void {
  switch (body.kind) {
    case "mach.oops": {
      const { nowMs, floorMs } = node.nodeClock.read();
      lockouts.note({ kind: "oops" });
      overrides.reported(Math.max(nowMs ?? 0, floorMs));
      return;
    }
    case "mach.session_started":
      lockouts.begin(now?.wants === "maintain");
      overrides.began(node.snapshots.current()?.find(card ?? "")?.profile[ch]?.overrides ?? []);
      return;
    case "mach.resumed":
      lockouts.begin(now?.wants === "maintain");
      return;
    case "mach.session_closed": {
      const wasUsed = body.reason !== "not_used";
      lockouts.begin(false);
      overrides.ended(wasUsed);
      if (now !== null || !wasUsed) return; // another goes on with it: a use ends when it is left
      const checks = node.snapshots.current()?.header.channels[ch]?.check !== undefined;
      lockouts.note({ kind: "used", member: before?.member ?? 0, checks });
      return;
    }
    default:
      return;
  }
}
