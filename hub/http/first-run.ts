/** The one-time code that proves who sits at the hub's terminal: it makes the first owner, once. */
import { createHash, randomInt, timingSafeEqual } from "node:crypto";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const lifeMs = 30 * 60_000;
const triesMost = 5;

/** Long beats complicated: no rules about signs. */
export const passwordLengthMin = 10;
export const passwordLengthMax = 128;

export type FirstRunCode = {
  /** for the terminal only, e.g. `7K4Q-M2XP` (40 bits) */
  readonly code: string;
  readonly expiresMs: number;
  /** `spent` after 30 minutes, five wrong tries or use: only a restart of the hub makes another. */
  check(given: string): "right" | "wrong" | "spent";
  spend(): void;
};

export function createFirstRunCode(nowMs: () => number): FirstRunCode {
  const code = Array.from({ length: 8 }, () => alphabet.charAt(randomInt(32))).join("");
  const expiresMs = nowMs() + lifeMs;
  let triesLeft = triesMost;
  return {
    code: `${code.slice(0, 4)}-${code.slice(4)}`,
    expiresMs,
    check(given) {
      if (triesLeft <= 0 || nowMs() >= expiresMs) return "spent";
      triesLeft -= 1;
      if (!timingSafeEqual(digest(readable(given)), digest(code))) return triesLeft > 0 ? "wrong" : "spent";
      triesLeft += 1;
      return "right";
    },
    spend() {
      triesLeft = 0;
    },
  };
}

/** As people type it: any case, spaces or dashes anywhere, O for 0, I and L for 1. */
function readable(given: string): string {
  return given.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
