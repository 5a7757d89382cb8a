/** `koprade notice`: what members are told when they are not there, where it goes, and what of it they want. */
import { chosenTopics, type NoticeTopic, type NoticeWay, noticeText, noticeTopics, noticeWays, topicName } from "#core";
import type { NoticeRow } from "../ledger/types-rows.ts";
import { changing, listing, memberArg, type Site, theMemberArg } from "./change.ts";
import { badUsage, type Noun } from "./command.ts";
import { wholeNumber } from "./values.ts";

const channelArg = { type: "positional", required: true, description: "number of the channel (koprade notice channels)" } as const;
const channelOf = (text: string): number => wholeNumber("<channel>", text, 1, 1e9);

export const notice: Noun = {
  summary: "what members are told when they are not there, where it goes, and what of it they want",
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
          stateOf(row, site),
        ];
      },
    }),
    channels: listing({
      summary: "list where members are told; whoever knows an address may read along",
      args: { member: { type: "string", valueHint: "member", description: "only those of this member" } },
      examples: ["koprade notice channels", "koprade notice channels --member 'Ada Ozola'"],
      header: ["CHANNEL", "MEMBER", "WAY", "ADDRESS", "LAST TRIED"],
      none: "No member is told anywhere but on their own page. Add a way: koprade notice add-channel <member> <way> <address>",
      rows: (given, site) =>
        site.ledger.read.noticeChannels(given.member === undefined ? undefined : site.member("--member", given.member)),
      line: (row, site) => [
        String(row.channel),
        site.name(row.member),
        row.way,
        row.address,
        row.triedMs === null ? "not yet" : `${site.wall(row.triedMs)}${row.problem === null ? "" : `: ${row.problem}`}`,
      ],
    }),
    "add-channel": changing({
      change: "addNoticeChannel",
      summary: "say where else a member is told; a browser adds itself on the page My choices",
      args: {
        member: theMemberArg,
        way: { type: "positional", required: true, description: `one of ${noticeWays.join(", ")}; post is ntfy or a bridge` },
        address: { type: "positional", required: true, description: "https://ntfy.sh/a-name-nobody-guesses, a mail address, a chat …" },
        p256dh: { type: "string", valueHint: "key", description: "of a browser's subscription, with --auth" },
        auth: { type: "string", valueHint: "key", description: "of a browser's subscription, with --p256dh" },
      },
      examples: [
        "koprade notice add-channel 'Ada Ozola' post https://ntfy.sh/ada-7f3k9q2m",
        "koprade notice add-channel 12 mail ada@example.org",
        "koprade notice add-channel 12 telegram 123456789",
        "koprade notice add-channel 12 matrix '!room:matrix.org'",
      ],
      input: (given, site) => ({
        member: site.member("<member>", given.member),
        way: wayOf(given.way),
        address: given.address,
        ...(given.p256dh === undefined || given.auth === undefined ? {} : { pushKeys: { p256dh: given.p256dh, auth: given.auth } }),
      }),
      says: (input, result, site) =>
        `Channel ${result.channel}: notices to ${site.name(input.member)} go there. Try it: koprade notice try ${input.member}`,
    }),
    "remove-channel": changing({
      change: "removeNoticeChannel",
      summary: "tell a member nothing there any more",
      args: { member: theMemberArg, channel: channelArg },
      examples: ["koprade notice remove-channel 'Ada Ozola' 3"],
      input: (given, site) => ({ member: site.member("<member>", given.member), channel: channelOf(given.channel) }),
      says: (input, _result, site) => `Channel ${input.channel} of ${site.name(input.member)} is gone.`,
    }),
    topics: listing({
      summary: "list of what a member is told, and where",
      args: { member: theMemberArg },
      examples: ["koprade notice topics 'Ada Ozola'"],
      header: ["TOPIC", "WHAT", "ON THEIR PAGE", "CHANNELS", "IN QUIET HOURS"],
      none: "There are no topics for this member.",
      rows: (given, site) => site.ledger.read.noticeSettings(site.member("<member>", given.member)).topics,
      line: ({ topic, isShown, channels }, site) => [
        topic,
        topicName(site.ledger.read.site().locale, topic),
        isShown ? "yes" : "no",
        Object.entries(channels)
          .filter(([, isOn]) => isOn)
          .map(([channel]) => channel)
          .join(", ") || "none",
        noticeTopics[topic].urgent === true ? "yes" : "no",
      ],
    }),
    topic: changing({
      change: "setNoticeTopic",
      summary: "say whether a member wants a topic, on their own page or on a channel",
      args: {
        member: theMemberArg,
        topic: { type: "positional", required: true, description: "such as trainings (koprade notice topics <member>)" },
        wanted: { type: "positional", required: true, description: "yes, no, or default: as it is for everybody" },
        channel: { type: "string", valueHint: "channel", description: "number of the channel (default: their own page)" },
      },
      examples: ["koprade notice topic 'Ada Ozola' bookings no --channel 3", "koprade notice topic 12 months yes"],
      input: (given, site) => ({
        member: site.member("<member>", given.member),
        topic: topicOf(given.topic),
        channel: given.channel === undefined ? null : wholeNumber("--channel", given.channel, 1, 1e9),
        wanted: wantedOf(given.wanted),
      }),
      says: (input, _result, site) =>
        `${site.name(input.member)}, ${input.topic}${input.channel === null ? "" : ` on channel ${input.channel}`}: ${input.wanted === null ? "as for everybody" : input.wanted ? "yes" : "no"}.`,
    }),
    quiet: changing({
      change: "setQuietHours",
      summary: "say when a member wants peace; what is about somebody's safety comes all the same",
      args: {
        member: memberArg,
        hours: { type: "positional", required: true, description: "such as 22:00-07:00, or none" },
        daily: { type: "string", valueHint: "time", description: "everything else waits for this time of the day and comes in one" },
      },
      examples: ["koprade notice quiet 22:00-07:00 --member 'Ada Ozola'", "koprade notice quiet none --member 12 --daily 18:00"],
      input: (given, site) => ({
        member: site.member("--member", given.member),
        hours: hoursOf(given.hours),
        dailyAt: given.daily === undefined ? null : timeOf("--daily", given.daily),
      }),
      says: (input, _result, site) => {
        const hours = input.hours === null ? "no quiet hours" : `quiet from ${input.hours.from} to ${input.hours.until}`;
        return `${site.name(input.member)}: ${hours}${input.dailyAt == null ? "" : `, the rest at ${input.dailyAt}`}.`;
      },
    }),
    seen: changing({
      change: "seeNotices",
      summary: "note that a member has seen everything up to a notice",
      args: { member: theMemberArg, notice: { type: "positional", required: true, description: "number of the notice" } },
      examples: ["koprade notice seen 'Ada Ozola' 7"],
      input: (given, site) => ({
        member: site.member("<member>", given.member),
        through: wholeNumber("<notice>", given.notice, 1, Number.MAX_SAFE_INTEGER),
      }),
      says: (input, _result, site) => `${site.name(input.member)} has seen everything up to notice ${input.through}.`,
    }),
    try: changing({
      change: "tryNotices",
      summary: "send a member a notice, to see whether it arrives; the running hub delivers it within 5 s",
      args: { member: theMemberArg, channel: { type: "string", valueHint: "channel", description: "only there (default: everywhere)" } },
      examples: ["koprade notice try 'Ada Ozola'", "koprade notice try 12 --channel 3"],
      input: (given, site) => ({
        member: site.member("<member>", given.member),
        ...(given.channel === undefined ? {} : { channel: wholeNumber("--channel", given.channel, 1, 1e9) }),
      }),
      says: (input, result, site) =>
        `Notice ${result.notice} to ${site.name(input.member)} waits for the hub. Look: koprade notice list --member ${input.member}`,
    }),
  },
  byDefault: "list",
};

function wayOf(text: string): NoticeWay {
  const found = noticeWays.find((way) => way === text);
  if (found !== undefined) return found;
  throw badUsage(`<way> must be one of ${noticeWays.join(", ")}.`);
}

function topicOf(text: string): NoticeTopic {
  const found = chosenTopics.find((topic) => topic === text);
  if (found !== undefined) return found;
  throw badUsage(`<topic> must be one of ${chosenTopics.join(", ")}.`);
}

function wantedOf(text: string): boolean | null {
  if (text === "yes" || text === "no") return text === "yes";
  if (text === "default") return null;
  throw badUsage("<wanted> must be yes, no or default.");
}

const timeOf = (option: string, text: string): string => {
  if (/^([01]\d|2[0-3]):[0-5]\d$/.test(text)) return text;
  throw badUsage(`${option} cannot be "${text}"; give a time such as 22:00.`);
};

function hoursOf(text: string): { readonly from: string; readonly until: string } | null {
  if (text === "none") return null;
  const [from = "", until = "", ...more] = text.split("-");
  if (more.length > 0) throw badUsage(`<hours> cannot be "${text}"; give hours such as 22:00-07:00, or none.`);
  return { from: timeOf("<hours>", from), until: timeOf("<hours>", until) };
}

/** What became of it on each way. */
function stateOf({ deliveries }: NoticeRow, site: Site): string {
  if (deliveries.length === 0) return "on their page";
  return deliveries
    .map(({ way, doneMs, problem }) => {
      if (doneMs !== null) return `${way} ${problem === null ? site.wall(doneMs) : `given up: ${problem}`}`;
      return `${way} waiting${problem === null ? "" : `: ${problem}`}`;
    })
    .join("; ");
}
