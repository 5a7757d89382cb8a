/** What a board looks through: the picture, how much of it can be believed, and the words. */

import type { Machine, Picture, Status } from "./wire.ts";
import type { Key, Words } from "./words.ts";

export type { Key };
export type Sight = {
  readonly words: Words;
  readonly picture: Picture;
  /** the hub's wall clock as this page believes it */
  readonly nowMs: number;
  readonly stale: boolean;
  /** never `free` of a machine whose node is away, late, or of a picture that is old */
  statusOf(machine: Machine): Status;
  /** how old what is said of it is, in words */
  ageOf(machine: Machine): string;
};

const believed: ReadonlySet<string> = new Set(["online", "syncing"]);
/** A lockout is the hub's own word, and so is an evacuation: no node has to be there for it. */
const ofTheHub: ReadonlySet<Status> = new Set(["emergency", "locked_out", "out_of_order", "fault", "tamper"]);

export function sightOf(given: {
  readonly words: Words;
  readonly picture: Picture;
  readonly nowMs: number;
  readonly staleMs: number;
}): Sight {
  const { words, picture, nowMs, staleMs } = given;
  const stale = staleMs > 0;
  const nodes = new Map(picture.nodes.map((node) => [node.id, node]));
  return {
    words,
    picture,
    nowMs,
    stale,
    statusOf({ node, status }) {
      if (stale) return "unknown";
      return ofTheHub.has(status) || believed.has(nodes.get(node)?.status ?? "offline") ? status : "unknown";
    },
    ageOf({ node }) {
      const seenMs = nodes.get(node)?.seenMs ?? null;
      return seenMs === null ? words.t("age_none") : words.t("age", { age: words.age(nowMs - seenMs) });
    },
  };
}

/** What people and devices have called a thing: no directions of text, no control characters. */
export const clean = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "");
