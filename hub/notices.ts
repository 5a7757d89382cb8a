/**
 * Delivers notices on the ways their members have chosen. What fails waits in the ledger and is tried again for a day; an address that
 * hangs holds up nobody but itself, and that not for long.
 */
import { digestText, isUrgent, type NoticeWay, noticeText } from "#core";
import type { Config } from "./config.ts";
import type { Ledger } from "./ledger/types.ts";
import type { NoticeDue } from "./ledger/types-rows.ts";
import type { Clock, Log } from "./ports.ts";
import { everyFew } from "./post.ts";
import { discordWay, matrixWay, postWay, slackWay, telegramWay } from "./ways/chat.ts";
import { mailWay } from "./ways/mail.ts";
import { pushWay, type VapidKeys } from "./ways/push.ts";
import type { Way } from "./ways/way.ts";

/** A silent alarm is at its people within two seconds (security.md R48). */
const lookMs = 1000;
const atOnce = 50;

const without =
  (field: string): Way =>
  async () => ({ problem: `this space has none yet: see ${field} in koprade.yaml` });

/** The ways of a space; those that need an account of it say so until it has one. */
export function waysOf({ notices }: Pick<Config, "notices">, keys: () => Promise<VapidKeys>): Readonly<Record<NoticeWay, Way>> {
  const { mail, telegram, matrix, contact } = notices;
  return {
    post: postWay,
    mail: mail === null ? without("notices.mail") : mailWay(mail),
    push: pushWay(keys, `mailto:${contact ?? mail?.from.replace(/^.*<|>$/g, "") ?? "nobody@example.org"}`),
    telegram: telegram === null ? without("notices.telegram") : telegramWay(telegram),
    matrix: matrix === null ? without("notices.matrix") : matrixWay(matrix),
    discord: discordWay,
    slack: slackWay,
  };
}

/** Looks every second for what is due. The returned function ends it, at most one attempt later. */
export function deliverNotices(ports: {
  readonly ledger: Pick<Ledger, "read" | "noteDelivery">;
  readonly ways: Readonly<Record<NoticeWay, Way>>;
  readonly clock: Clock;
  readonly log: Log;
}): () => Promise<void> {
  const { ledger, ways, clock, log } = ports;
  const busy = new Map<number, Promise<void>>();
  const onTrouble = (error: unknown): void => log.warn({ error: String(error) }, "Notices wait: the ledger does not answer.");
  const deliver = async (due: NoticeDue, tz: string, ending: AbortSignal): Promise<boolean> => {
    const { channel, way } = due;
    const notices = due.notices.map(({ notice }) => notice);
    const { problem, isGone = false } = await ways[way](messageOf(due, tz), ending);
    if (ending.aborted) return false; // not their fault: it is sent at the next start
    if (problem !== null) log.warn({ channel, way, problem }, "A notice could not be delivered.");
    await ledger.noteDelivery({ channel, notices, problem, isGone });
    return problem === null;
  };
  /** What is for one channel goes one by one; after a failure the rest of it waits for the next look. */
  const walk = async (lane: readonly NoticeDue[], tz: string, ending: AbortSignal): Promise<void> => {
    for (const due of lane) if (ending.aborted || !(await deliver(due, tz, ending))) return;
  };
  const end = everyFew("notices", lookMs, { clock, onTrouble }, async (ending) => {
    const { tz } = ledger.read.site();
    for (const [channel, lane] of Map.groupBy(ledger.read.noticesDue(clock.nowMs()), (due) => due.channel)) {
      if (busy.has(channel) || busy.size >= atOnce) continue;
      const work = walk(lane, tz, ending)
        .catch(onTrouble)
        .finally(() => busy.delete(channel));
      busy.set(channel, work);
    }
  });
  return async () => {
    await end();
    await Promise.all(busy.values());
  };
}

function messageOf({ channel, address, pushKeys, locale, notices }: NoticeDue, tz: string): Parameters<Way>[0] {
  const [only, ...more] = notices;
  const text = only !== undefined && more.length === 0 ? noticeText(locale, only.kind, only.facts, tz) : digestText(locale, notices, tz);
  return {
    ...{ address, pushKeys, text },
    isUrgent: notices.some(({ kind }) => isUrgent(kind)),
    id: `koprade-${channel}-${notices[0]?.notice ?? 0}-${notices.length}`,
  };
}
