/** What a node decided alone and told of late is judged again by the facts of that moment (domain.md §3.6). */
import type { EventBody } from "#contract";
import type { RequestKind } from "./access/types.ts";
import { hubDefaults } from "./defaults.ts";

const begins: ReadonlySet<RequestKind> = new Set(["enter", "start", "handover", "teach", "maintain"]);
type Timed = { readonly evtMs: number; readonly recvMs: number; readonly tqHub: string };

/** Did a node let somebody in alone, and tell of it late? */
export const isBelated = (event: Timed, body: Extract<EventBody, { kind: "access.decided" }>): boolean =>
  body.where === "node" &&
  body.outcome === "grant" &&
  body.member !== 0 &&
  begins.has(body.request) &&
  event.recvMs - event.evtMs > hubDefaults.reachMs &&
  event.tqHub !== "unknown";
