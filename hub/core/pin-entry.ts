/**
 * Keys of a keypad while a PIN is waited for (domain.md R34). They mean something only after a card that needs one: digits, then `#`;
 * `*` begins again. A PIN of full length ends by itself.
 *
 *   card ─ FACTOR_REQUIRED ─▶ waiting ─ 4 to 8 digits, # ─▶ asked again with it ─ FACTOR_WRONG ─▶ waiting, three times at most
 */

/** What is typed so far; never part of a record. */
export type PinEntry = { readonly digits: string; readonly untilMono: number; readonly triesLeft: number };

const [leastDigits, mostDigits] = [4, 8];
/** As many wrong ones a tap; the hub counts over all taps and readers (app/judge.ts). */
const triesPerTap = 3;

export const openPin = (nowMono: number, windowMs: number): PinEntry => ({
  digits: "",
  untilMono: nowMono + windowMs,
  triesLeft: triesPerTap,
});

/** Each key gives as long again. The second value is a PIN that is to be asked; the first is null when nothing is waited for any more. */
export function pressPin(entry: PinEntry, key: string, nowMono: number, windowMs: number): readonly [PinEntry | null, string | null] {
  if (nowMono >= entry.untilMono) return [null, null];
  const next = { ...entry, untilMono: nowMono + windowMs };
  if (key === "*") return [{ ...next, digits: "" }, null];
  const digits = /^\d$/.test(key) ? entry.digits + key : entry.digits;
  const isEnded = key === "#" || digits.length === mostDigits;
  if (!isEnded) return [{ ...next, digits }, null];
  // too few are a slip of the finger, not a guess
  if (digits.length < leastDigits) return [{ ...next, digits: "" }, null];
  return [{ ...next, digits: "", triesLeft: entry.triesLeft - 1 }, digits];
}
