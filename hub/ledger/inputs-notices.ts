/** Inputs of the commands about notices: where a member is told, of what, and when not. */
import * as z from "zod";
import { chosenTopics, noticeWays } from "#core";
import { mail, ref, rowId } from "./inputs-common.ts";

const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time such as 22:00");
/** an uncompressed point of P-256 and 16 bytes (RFC 8291 §3), base64url */
const pushKeys = z.strictObject({ p256dh: z.string().regex(/^B[\w-]{86}=?$/), auth: z.string().regex(/^[\w-]{22}(==)?$/) });
const url = z.url({ protocol: /^https?$/ }).max(600);

/** What an address looks like on each way, and what is said of one that does not. */
const addresses = {
  post: [url.max(300), "an address such as https://ntfy.sh/a-name-nobody-guesses"],
  mail: [mail, "a mail address"],
  push: [url, "what the browser's subscription says"],
  telegram: [z.string().regex(/^-?\d{1,20}$/), "the number of a chat with the space's bot"],
  matrix: [z.string().regex(/^![^\s/]{1,250}$/), "the inner number of a room, such as !abc:matrix.org"],
  discord: [url.max(300), "the address of a webhook, https://discord.com/api/webhooks/…"],
  slack: [url.max(300), "the address of a webhook, https://hooks.slack.com/services/…"],
} as const satisfies Record<(typeof noticeWays)[number], readonly [z.ZodType<string>, string]>;

export const noticeInputs = {
  /** another way to reach a member; those who know its address may read along */
  addNoticeChannel: z
    .strictObject({ member: ref, way: z.enum(noticeWays), address: z.string().min(1).max(600), pushKeys: pushKeys.optional() })
    .superRefine(({ way, address, pushKeys: keys }, context) => {
      const [shape, means] = addresses[way];
      if (!shape.safeParse(address).success) context.addIssue({ code: "custom", path: ["address"], message: `is not ${means}` });
      if ((way === "push") !== (keys !== undefined))
        context.addIssue({ code: "custom", path: ["pushKeys"], message: "belong to a browser's subscription, and to nothing else" });
    }),
  removeNoticeChannel: z.strictObject({ member: ref, channel: rowId }),
  /** `channel` null: the member's own page; `wanted` null: as it is for everybody */
  setNoticeTopic: z.strictObject({
    member: ref,
    topic: z.enum(chosenTopics),
    channel: rowId.nullable(),
    wanted: z.boolean().nullable(),
  }),
  /** in these hours only what is urgent is sent; with `dailyAt` everything else waits for that time of the day and comes in one */
  setQuietHours: z.strictObject({
    member: ref,
    hours: z.strictObject({ from: localTime, until: localTime }).nullable(),
    dailyAt: localTime.nullable().default(null),
  }),
  /** they have looked at everything up to this notice */
  seeNotices: z.strictObject({ member: ref, through: rowId }),
  /** sends one to see whether it arrives; without `channel` on every way */
  tryNotices: z.strictObject({ member: ref, channel: rowId.optional() }),
} as const;
