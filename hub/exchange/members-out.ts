/**
 * All members as a list that `members-in.ts` takes again, here and in another space. Card numbers are not in it: the space keeps none,
 * only keyed hashes that mean nothing elsewhere.
 */
import { csvOf } from "./csv.ts";

/** What is asked of the ledger. */
export type MemberSource = {
  site(): { readonly site: string };
  members(): readonly {
    readonly member: number;
    readonly displayName: string;
    readonly externalRef: string | null;
    readonly mail: string | null;
    readonly locale: string;
    readonly plan: string | null;
    readonly from: string | null;
    readonly validThrough: string | null;
  }[];
  trainings(member: number): readonly {
    readonly course: string;
    readonly result: string;
    readonly revokedMs: number | null;
    readonly validThrough: string | null;
  }[];
};

const head = ["external id", "name", "e-mail", "language", "plan", "from", "through", "trainings"];

export function membersOut(source: MemberSource): { readonly text: string; readonly members: number } {
  const { site } = source.site();
  const members = source.members();
  const rows = members.map((row) => [
    row.externalRef ?? ownRef(site, row.member),
    row.displayName,
    row.mail ?? "",
    row.locale,
    row.plan ?? "",
    row.plan === null ? "" : (row.from ?? ""),
    row.plan === null ? "" : (row.validThrough ?? ""),
    coursesOf(source.trainings(row.member)).join("|"),
  ]);
  return { text: csvOf([head, ...rows]), members: members.length };
}

function coursesOf(trainings: ReturnType<MemberSource["trainings"]>): string[] {
  const passed = trainings.filter(({ result, revokedMs }) => result === "passed" && revokedMs === null).map(({ course }) => course);
  return [...new Set(passed)].sort();
}

/** How a member of a space is called outside of it: the ledger of that space knows its own again by it. */
export const ownRef = (site: string, member: number): string => `koprade:${site}:${member}`;
