/** From the settings of a door or machine (contract/settings.ts) to the constants of its reader and of the conversations at it. */
import type { ReaderSettings } from "#contract";
import { type DialogueTimes, dialogueTimes, type ReaderConfig, type ReaderPenalty, readerDefaults, readerPenalty } from "#core";

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
