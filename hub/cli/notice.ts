/** `koprade notice`: what members are told when they are not there, and where it goes. */
import { noticeText } from "#core";
import type { NoticeRow } from "../ledger/types-rows.ts";
import { changing, listing, theMemberArg } from "./change.ts";
import { badUsage, type Noun } from "./command.ts";
import { wholeNumber } from "./values.ts";

export const notice: Noun = {
  summary: "what members are told when they are not there, and where it goes",
  verbs: {
    list: listing({
      summary: "list what was told: a job that was left has ended, a rule is set aside on your machine",
      args: {
        member: { type: "string", valueHint: "member", description: "only those to this member" },
        limit: { type: "string", default: "50", valueHint: "number", description: "at most so many, the newest" },
      },
      examples: ["koprade notice list", "koprade notice list --member 'Ada Ozola' --json"],
      header: ["NOTICE", "TO", "WHEN", "WHAT", "DELIVERED"],
      none: "Nobody was told anything yet.",
      rows: (given, site) => {
        const limit = wholeNumber("--limit", given.limit, 1, 10_000);
        return site.ledger.read.notices({
          limit,
          ...(given.member === undefined ? {} : { member: site.member("--member", given.member) }),
        });
      },
      line: (row, site) => {
        const { locale, tz } = site.ledger.read.site();
        return [
          String(row.notice),
          site.name(row.member),
          site.wall(row.atMs),
          noticeText(locale, row.kind, row.facts, tz).title,
          state(row, site.wall),
        ];
      },
    }),
    address: changing({
      change: "setNoticeAddress",
      summary: "say where a member's notices go, such as a topic of ntfy on their phone; none takes it away",
      args: {
        member: theMemberArg,
        address: { type: "positional", required: true, description: "https://ntfy.sh/a-name-nobody-guesses, or none" },
      },
      examples: ["koprade notice address 'Ada Ozola' https://ntfy.sh/ada-7f3k9q2m", "koprade notice address 12 none"],
      input: (given, site) => ({ member: site.member("<member>", given.member), address: addressOf(given.address) }),
      says: (input, _result, site) =>
        input.address === null
          ? `Notices to ${site.name(input.member)} are kept here and go nowhere.`
          : `Notices to ${site.name(input.member)} go there. Try it: koprade notice try ${input.member}`,
    }),
    addresses: listing({
      summary: "list whose notices go where; whoever knows an address may read along",
      args: {},
      examples: ["koprade notice addresses"],
      header: ["MEMBER", "ADDRESS"],
      none: "No member has an address. Give one: koprade notice address <member> <address>",
      rows: (_given, site) => site.ledger.read.noticeAddresses(),
      line: (row, site) => [site.name(row.member), row.address],
    }),
    try: changing({
      change: "tryNotices",
      summary: "send a member a notice, to see whether it arrives; the running hub delivers it within 5 s",
      args: { member: theMemberArg },
      examples: ["koprade notice try 'Ada Ozola'"],
      input: (given, site) => ({ member: site.member("<member>", given.member) }),
      says: (input, result, site) =>
        `Notice ${result.notice} to ${site.name(input.member)} waits for the hub. Look: koprade notice list --member ${input.member}`,
    }),
  },
  byDefault: "list",
};

function addressOf(text: string): string | null {
  if (text === "none") return null;
  if (/^https?:\/\/[^\s/]+\/\S*$/.test(text)) return text;
  throw badUsage("<address> must be an address such as https://ntfy.sh/a-name-nobody-guesses, or none.");
}

function state(row: NoticeRow, wall: (ms: number) => string): string {
  if (row.doneMs !== null) return row.problem === null ? wall(row.doneMs) : `given up: ${row.problem}`;
  if (!row.hasAddress) return "kept here: no address";
  return row.problem === null ? "waiting" : `waiting: ${row.problem}`;
}
