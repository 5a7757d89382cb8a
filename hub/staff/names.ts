/** People and things as staff read them. */
import type { Reads } from "../ledger/types.ts";
import type { Person } from "../views.ts";
import type { Named } from "../views-staff.ts";

/** Somebody who was erased has a number and no name. */
export function personOf(read: Pick<Reads, "member">, member: number): Person {
  const name = read.member(member)?.displayName ?? "";
  return { member, name: name === "" ? `#${member}` : name };
}

/** A door or machine by its name; one that is gone stands for itself. */
export const labelOf = (read: Pick<Reads, "resource">, id: string): Named => ({ id, label: read.resource(id)?.label ?? id });
