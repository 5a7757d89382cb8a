/**
 * What may be told to people who are not there, and by topic to whom (experience.md §8). A topic is what a person switches on or off; a
 * kind is one sentence of it. Quiet by default: what is not `on` is only listed on the member's own page until they want more.
 */
export const noticeKinds = [
  "job_complete",
  "job_failed",
  /** it does no more, and nobody said how it ended: an end told by power is a guess */
  "job_over",
  "job_ended",
  "left_on",
  "auto_off",
  "training_ends",
  "booking_soon",
  "membership_ends",
  "card_blocked",
  "card_used",
  "correction_granted",
  "correction_refused",
  "class_full",
  "booking_asked",
  "machine_free",
  "override_given",
  "machine_faulty",
  "power_unowned",
  "door_forced",
  "door_held",
  "denied_often",
  "alone_late",
  "duress",
  "month_ready",
  "coverage_low",
  "node_offline",
  "hub_trouble",
  "test",
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** Whom a topic is for: everybody, who teaches, who looks after machines, and members with the role staff or steward. */
export type NoticeRole = "member" | "trainer" | "maintainer" | "staff";

type Topic = {
  readonly kinds: readonly NoticeKind[];
  readonly roles: readonly NoticeRole[];
  /** goes out without having been asked for */
  readonly on: boolean;
  /** about somebody's safety: it comes in quiet hours, too, and alone */
  readonly urgent?: true;
  /** cannot be switched off */
  readonly always?: true;
};

const topics = {
  jobs: { kinds: ["job_complete", "job_failed", "job_over", "job_ended"], roles: ["member"], on: true },
  left_on: { kinds: ["left_on", "auto_off"], roles: ["member"], on: true },
  trainings: { kinds: ["training_ends"], roles: ["member"], on: true },
  bookings: { kinds: ["booking_soon"], roles: ["member"], on: true },
  membership: { kinds: ["membership_ends"], roles: ["member"], on: true },
  cards: { kinds: ["card_blocked", "card_used"], roles: ["member"], on: true },
  wishes: { kinds: ["machine_free"], roles: ["member"], on: true },
  corrections: { kinds: ["correction_granted", "correction_refused"], roles: ["member"], on: true },
  classes: { kinds: ["class_full"], roles: ["trainer"], on: true },
  overrides: { kinds: ["override_given"], roles: ["maintainer"], on: true },
  faults: { kinds: ["machine_faulty"], roles: ["maintainer", "staff"], on: true },
  requests: { kinds: ["booking_asked"], roles: ["staff"], on: false },
  denials: { kinds: ["denied_often"], roles: ["staff"], on: false },
  doors: { kinds: ["door_forced", "door_held"], roles: ["staff"], on: true, urgent: true },
  power: { kinds: ["power_unowned"], roles: ["maintainer", "staff"], on: true, urgent: true },
  alone: { kinds: ["alone_late"], roles: ["staff"], on: true, urgent: true },
  duress: { kinds: ["duress"], roles: ["staff"], on: true, urgent: true, always: true },
  months: { kinds: ["month_ready", "coverage_low"], roles: ["staff"], on: false },
  nodes: { kinds: ["node_offline"], roles: ["staff"], on: false },
  hub: { kinds: ["hub_trouble"], roles: ["staff"], on: false },
  test: { kinds: ["test"], roles: [], on: true, urgent: true, always: true },
} as const satisfies Readonly<Record<string, Topic>>;

export type NoticeTopic = keyof typeof topics;
export const noticeTopics: Readonly<Record<NoticeTopic, Topic>> = topics;
const names = Object.keys(topics) as NoticeTopic[];
/** Those that somebody may switch. */
export const chosenTopics = names.filter((topic) => noticeTopics[topic].always !== true);

const topicOf = new Map<NoticeKind, NoticeTopic>(names.flatMap((topic) => noticeTopics[topic].kinds.map((kind) => [kind, topic] as const)));
/** Each kind belongs to one topic. */
export const topicOfKind = (kind: NoticeKind): NoticeTopic => topicOf.get(kind) ?? "test";
export const isUrgent = (kind: NoticeKind): boolean => noticeTopics[topicOfKind(kind)].urgent === true;

/** Ways on which a notice leaves the hub. `post`: plain text with a title, as ntfy and many bridges take it. */
export const noticeWays = ["post", "mail", "push", "telegram", "matrix", "discord", "slack"] as const;
export type NoticeWay = (typeof noticeWays)[number];

/** Minutes since midnight of the space, `07:30` as 450. */
export const minuteOfDay = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

/** Hours in which a member wants peace, `22:00` to `07:00` or within one day; both ends alike: none. */
export function isQuiet(hours: { readonly from: string; readonly until: string } | null, localMinute: number): boolean {
  if (hours === null) return false;
  const [from, until] = [minuteOfDay(hours.from), minuteOfDay(hours.until)];
  return from <= until ? localMinute >= from && localMinute < until : localMinute >= from || localMinute < until;
}
