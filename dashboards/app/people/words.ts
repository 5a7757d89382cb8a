/** How a member stands, in one word. */
import type { Words } from "../../shared/language.tsx";
import type { PersonRow } from "../staff/wire.ts";

export function personMark(person: Pick<PersonRow, "status" | "hold" | "plan" | "validThrough">, { t }: Words): string {
  const { status, hold, plan, validThrough } = person;
  const today = new Intl.DateTimeFormat("en-CA").format(Date.now());
  if (status !== "active") return t(`person.${status}`);
  if (hold !== null) return t("person.hold");
  return plan === null || (validThrough ?? "9") < today ? t("person.no_membership") : t("person.active");
}

/** A role of the house; one that this page does not know yet stands for itself. */
export function roleWord(role: string, { t, knows }: Words): string {
  const key = `role.${role}`;
  return knows(key) ? t(key) : role;
}
