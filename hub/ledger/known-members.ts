/** By what a member is known again when a list from another system comes (experience.md §9.4): their number there, else their mail address. */
import type { Database } from "./database.ts";
import { getMeta } from "./meta.ts";
import { Refused } from "./refuse.ts";

type Marks = { readonly displayName: string; readonly externalRef?: string | undefined; readonly mail?: string | undefined };

/** Whom a row of a list is about, if they are known already. @throws Refused when that cannot be told */
export function knownMember(db: Database, { displayName, externalRef, mail }: Marks): number | undefined {
  const own = ownNumber(db, externalRef);
  if (own !== undefined) {
    if (db.one("SELECT 1 FROM members WHERE member = ? AND display_name <> ''", own) !== undefined) return own;
    throw new Refused("NOT_FOUND", `there is no member ${own} any more.`, "Leave the row out, or clear its number to add them anew.");
  }
  const numbered = db.one<{ member: number }>("SELECT member FROM members WHERE external_ref = ?", externalRef ?? null);
  if (numbered !== undefined || mail === undefined) return numbered?.member;
  // Whoever has another number there is somebody else, who shares the address.
  const found = db.all<{ member: number; name: string }>(
    `SELECT member, display_name AS name FROM members
     WHERE mail = ? AND (?2 IS NULL OR external_ref IS NULL OR external_ref = ?2) ORDER BY member LIMIT 2`,
    mail.toLowerCase(),
    externalRef ?? null,
  );
  const [only] = found;
  if (only === undefined) return undefined;
  if (found.length === 1 && plain(only.name) === plain(displayName)) return only.member;
  // Whoever shares an address must not get somebody else's trainings: a card at the blade is not guessed.
  if (found.length === 1)
    throw new Refused(
      "CONFLICT",
      `member ${only.member} has its mail address under another name.`,
      "If they are one person, correct the name there first; if not, give each the number they have in the other system.",
    );
  throw new Refused(
    "CONFLICT",
    `members ${found.map(({ member }) => member).join(" and ")} share its mail address.`,
    "Give the numbers they have in the other system.",
  );
}

/** Letter case and spaces make no other name. */
const plain = (name: string): string => name.normalize("NFC").toLowerCase().replace(/\s+/g, " ").trim();

/** The same, to be asked before an import. */
export function knownAs(db: Database, row: Marks): number | null | { readonly problem: string } {
  try {
    return knownMember(db, row) ?? null;
  } catch (error) {
    if (error instanceof Refused) return { problem: `${error.message} ${error.fix ?? ""}`.trim() };
    throw error;
  }
}

/** A list that this space wrote itself names its members by their numbers here: `koprade:SITE:NUMBER`. */
export function ownNumber(db: Database, externalRef: string | undefined): number | undefined {
  const [, site, member] = /^koprade:([a-z0-9-]+):(\d{1,10})$/.exec(externalRef ?? "") ?? [];
  return site !== undefined && site === getMeta(db, "site") ? Number(member) : undefined;
}
