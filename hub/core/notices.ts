/**
 * What people are told when they are not there (domain.md §3.5, §4.5 "notify at end"; experience.md §8): which end of a session is worth
 * a word, and the words. Nothing that keeps anybody safe depends on a notice. No names: a notice may pass through somebody else's server.
 */
import type { JobState } from "#contract";
import type { Locale } from "./access/explain.ts";
import { type NoticeKind, type NoticeTopic, noticeTopics, topicOfKind } from "./notice-topics.ts";
import { noticeWords } from "./notice-words.ts";
import type { SessionRecord } from "./session.ts";

/** What a notice is about; energy as the meter told it, absent where it told nothing. */
export type NoticeFacts = {
  readonly label: string;
  readonly lastedMs?: number;
  readonly energyWh?: number;
  readonly heatingWh?: number;
  readonly workWh?: number;
  /** UTC ms until or since when */
  readonly untilMs?: number;
  /** last day, `YYYY-MM-DD` in the space's zone */
  readonly day?: string;
  readonly count?: number;
};

/** Whoever left a machine to its job is told of the end; whoever stood there knows. */
export function noticeOfEnd(session: SessionRecord, label: string): { readonly kind: NoticeKind; readonly facts: NoticeFacts } | null {
  if (session.isLeft !== true || session.endMs === null) return null;
  const job = session.jobs?.at(-1);
  const { energyWh, startMs, endMs } = session;
  const parts =
    typeof job?.heatingWh === "number" && typeof job.workWh === "number" ? { heatingWh: job.heatingWh, workWh: job.workWh } : {};
  return { kind: kindOfEnd(session.endReason, job?.state), facts: { label, lastedMs: endMs - startMs, energyWh, ...parts } };
}

function kindOfEnd(reason: SessionRecord["endReason"], last: JobState | undefined): NoticeKind {
  if (reason === "job_failed") return "job_failed";
  if (reason !== "job_complete") return "job_ended";
  return last === "complete" ? "job_complete" : "job_over";
}

const minuteMs = 60_000;

export type NoticeText = { readonly title: string; readonly lines: readonly string[] };

/** A notice in words: a title of one line, and lines that end with why it was sent and how to stop it. `tz`: the space's zone. */
export function noticeText(locale: Locale, kind: NoticeKind, facts: NoticeFacts, tz: string): NoticeText {
  const w = noticeWords[locale];
  const { label, lastedMs, energyWh, heatingWh, workWh, untilMs, day, count } = facts;
  const known = {
    label,
    ...(untilMs === undefined ? {} : { until: wallOf(untilMs, tz) }),
    ...(day === undefined ? {} : { day }),
    ...(count === undefined ? {} : { count: String(count) }),
  };
  const [title, next] = w.kinds[kind];
  const took =
    lastedMs === undefined || energyWh === undefined ? [] : [fill(w.took, { hours: hoursOf(lastedMs), energy: kWhOf(energyWh, locale) })];
  const parts =
    heatingWh === undefined || workWh === undefined
      ? []
      : [fill(w.parts, { heating: kWhOf(heatingWh, locale), work: kWhOf(workWh, locale) })];
  const topic = topicOfKind(kind);
  const why = fill(noticeTopics[topic].always === true ? w.mustStay : w.stop, { why: w.topics[topic][1] });
  return { title: fill(title, known), lines: [...took, ...parts, fill(next, known), why] };
}

/** Several in one, as they wait after quiet hours: a line each, and how to stop them. */
export function digestText(
  locale: Locale,
  notices: readonly { readonly kind: NoticeKind; readonly facts: NoticeFacts }[],
  tz: string,
): NoticeText {
  const w = noticeWords[locale];
  const topics = [...new Set(notices.map(({ kind }) => topicOfKind(kind)))];
  return {
    title: fill(w.digest, { count: String(notices.length) }),
    lines: [
      ...notices.map(({ kind, facts }) => `– ${noticeText(locale, kind, facts, tz).title}`),
      ...topics.map((topic) => fill(noticeTopics[topic].always === true ? w.mustStay : w.stop, { why: w.topics[topic][1] })),
    ],
  };
}

/** What a topic is called where it is switched. */
export const topicName = (locale: Locale, topic: NoticeTopic): string => noticeWords[locale].topics[topic][0];

const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);

const kWhOf = (wh: number, locale: Locale): string =>
  (wh / 1000).toLocaleString(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function hoursOf(ms: number): string {
  const minutes = Math.round(ms / minuteMs);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const wallOf = (ms: number, tz: string): string => {
  const at = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(tz);
  return `${at.toPlainDate()} ${at.toPlainTime().toString({ smallestUnit: "minute" })}`;
};
