/** Refusals of commands: an error with its own sentence and fix, and the way such an error crosses a thread. */
import { errorCatalogue, HubError, type HubErrorCode, sqliteCode, sqliteCodes } from "../errors.ts";
import { isDiskFailure } from "./database.ts";

/** A HubError whose sentence and fix are particular to the case. */
export class Refused extends HubError {
  override readonly fix: string;

  constructor(code: HubErrorCode, sentence: string, fix: string = errorCatalogue[code].fix) {
    super(code);
    this.message = sentence;
    this.fix = fix;
  }
}

export type PlainError = { readonly code: HubErrorCode; readonly sentence: string; readonly fix: string };

/** An error of the ledger's thread as plain data. Disk trouble gets its own code; everything unknown is LEDGER_UNREADABLE. */
export function plainError(error: unknown): PlainError {
  if (error instanceof HubError) return { code: error.code, sentence: error.message, fix: error.fix };
  const detail = error instanceof Error ? error.message : String(error);
  const code: HubErrorCode =
    sqliteCode(error) === sqliteCodes.full ? "DISK_FULL" : isDiskFailure(error) ? "LEDGER_STALLED" : "LEDGER_UNREADABLE";
  return { code, sentence: `${errorCatalogue[code].says} (${detail})`, fix: errorCatalogue[code].fix };
}

export const thrown = (plain: PlainError): Refused => new Refused(plain.code, plain.sentence, plain.fix);
