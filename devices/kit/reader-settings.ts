/** What a site may change about a card reader and the conversations at it, at doors and machines alike (domain.md §4.6, §4.8). */
import * as z from "zod";
import { type DialogueTimes, dialogueTimes, type ReaderConfig, type ReaderPenalty, readerDefaults, readerPenalty } from "#core";

const ms = (min: number, max: number) => z.int().min(min).max(max).exactOptional();

export const readerSettings = {
  readerLostMs: ms(100, 5000),
  readerSameCardMs: ms(0, 30_000),
  readerHoldMs: ms(1000, 10_000),
  readerConfirmMs: ms(3000, 60_000),
  readerDoubleMs: ms(500, 10_000),
  readerBeforeBootMs: ms(0, 30_000),
  readerRemovalMs: ms(100, 30_000),
  penaltyTries: z.int().min(1).max(255).exactOptional(),
  penaltyWithinMs: ms(1000, 3_600_000),
  penaltyMs: ms(1000, 255_000),
  /** time for the next person: company, hand-over, a check, the student of a sign-off */
  windowMs: ms(5000, 120_000),
  studentMs: ms(10_000, 600_000),
  undoMs: ms(0, 3_600_000),
  freshMs: ms(0, 600_000),
};
type ReaderSettings = { readonly [Key in keyof typeof readerSettings]?: number };

export function readerConfigOf(settings: ReaderSettings): ReaderConfig {
  return {
    ...readerDefaults,
    lostMs: settings.readerLostMs ?? readerDefaults.lostMs,
    sameCardMs: settings.readerSameCardMs ?? readerDefaults.sameCardMs,
    holdMs: settings.readerHoldMs ?? readerDefaults.holdMs,
    confirmMs: settings.readerConfirmMs ?? readerDefaults.confirmMs,
    doubleMs: settings.readerDoubleMs ?? readerDefaults.doubleMs,
    beforeBootMs: settings.readerBeforeBootMs ?? readerDefaults.beforeBootMs,
    removalMs: settings.readerRemovalMs ?? readerDefaults.removalMs,
  };
}

export function penaltyOf({ penaltyTries, penaltyWithinMs, penaltyMs }: ReaderSettings): ReaderPenalty {
  return {
    tries: penaltyTries ?? readerPenalty.tries,
    withinMs: penaltyWithinMs ?? readerPenalty.withinMs,
    penaltyMs: penaltyMs ?? readerPenalty.penaltyMs,
  };
}

export function dialogueTimesOf({ windowMs, studentMs, undoMs, freshMs }: ReaderSettings): DialogueTimes {
  return {
    windowMs: windowMs ?? dialogueTimes.windowMs,
    studentMs: studentMs ?? dialogueTimes.studentMs,
    undoMs: undoMs ?? dialogueTimes.undoMs,
    freshMs: freshMs ?? dialogueTimes.freshMs,
  };
}
