/** What a member sees of themselves, put together from the ledger for one number and no other. */
import { isUrgent, localDateAt, noticeText, noticeWays, topicName } from "#core";
import type { ClassRow, TrainingRow } from "./ledger/types-rows.ts";
import { musterOf } from "./muster.ts";
import type { Stack } from "./stack.ts";
import type { Language } from "./views.ts";
import type { Me, MeView, MyNext, MyNotices, MySession, MyTrail, MyTraining } from "./views-me.ts";
import { openHoursOf } from "./wall-view.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const useMs = 396 * dayMs;
const sessionsMost = 1000;
const trailMost = 10_000;
const trailShown = 200;

export function meView(stackNow: () => Stack, nowMs: () => number): MeView {
  const known = <T>(member: number, make: (stack: Stack) => T): T | undefined => {
    const stack = stackNow();
    return stack.ledger.read.member(member) === undefined ? undefined : make(stack);
  };
  return {
    me: (member, language) => known(member, (stack) => meOf(stack, member, language, nowMs())),
    use: (member) => known(member, (stack) => ({ sessions: sessionsOf(stack, member, nowMs()), zone: stack.ledger.read.site().tz })),
    pushKey: () => stackNow().pushKey(),
    trail: (member) => known(member, (stack) => trailOf(stack, member)),
    everything: (member, language) => known(member, (stack) => everythingOf(stack, member, language, nowMs())),
    useCsv: (member) => known(member, (stack) => csvOf(sessionsOf(stack, member, nowMs()))),
  };
}

function meOf(stack: Stack, member: number, language: Language, nowMs: number): Me {
  const { read } = stack.ledger;
  const site = read.site();
  const row = read.member(member);
  const trainings = trainingsOf(stack, member, nowMs);
  const labels = labelsOf(stack);
  const trained = new Set(trainings.filter(({ state }) => state === "valid").map(({ course }) => course));
  const courseOf = new Map(read.resources().map(({ id, course }) => [id, course]));
  return {
    member,
    name: row?.displayName ?? "",
    zone: site.tz,
    space: site.name,
    plan: read.plans().find(({ plan }) => plan === row?.plan)?.label ?? null,
    validThrough: row?.validThrough ?? null,
    ...openHoursOf(stack, nowMs),
    next: nextOf(stack, member, nowMs),
    machines: stack.hub.live.machines().map(({ id, label, status }) => {
      const course = courseOf.get(id) ?? null;
      return { id, label, status, isTrained: course === null || trained.has(course) };
    }),
    trainings,
    cards: read.cards(member).map(({ cardKey, label, status, statusSinceMs, validThrough }) => ({
      ...{ cardKey, label, status, validThrough },
      sinceMs: statusSinceMs,
    })),
    bookings: read
      .bookings(nowMs)
      .filter((one) => one.member === member && one.state !== "cancelled")
      .map(({ booking, machine, fromMs, untilMs, state }) => ({ booking, label: labels.get(machine) ?? machine, fromMs, untilMs, state })),
    balanceCents: read.credit(member).balanceCents,
    present: presentOf(stack, nowMs),
    sharing: { presence: read.sharing(member).presence, alias: read.sharing(member).alias },
    notices: noticesOf(stack, member, language),
    asksErasure: read.erasureRequests().some((one) => one.member === member),
  };
}

const noticesShown = 50;

function noticesOf({ ledger: { read }, config }: Stack, member: number, language: Language): MyNotices {
  const { tz } = read.site();
  const { quiet, dailyAt, unseen, seen, topics } = read.noticeSettings(member);
  const { mail, telegram, matrix } = config.notices;
  const missing = new Set<string>([mail === null ? "mail" : "", telegram === null ? "telegram" : "", matrix === null ? "matrix" : ""]);
  return {
    latest: read
      .notices({ member, limit: 200 })
      .filter(({ isShown }) => isShown)
      .slice(0, noticesShown)
      .map(({ notice, atMs, kind, facts, deliveries }) => ({
        ...{ notice, atMs, ...noticeText(language, kind, facts, tz), isUrgent: isUrgent(kind), isNew: notice > seen },
        sent: [deliveries.filter(({ doneMs, problem }) => doneMs !== null && problem === null).length, deliveries.length],
      })),
    unseen,
    channels: read.noticeChannels(member).map(({ member: _me, ...row }) => row),
    ways: noticeWays.filter((way) => !missing.has(way)),
    topics: topics.map(({ topic, isShown, channels }) => ({
      ...{ topic, name: topicName(language, topic), isOnPage: isShown },
      on: channels,
    })),
    quiet,
    dailyAt,
  };
}

const labelsOf = ({ ledger }: Stack): ReadonlyMap<string, string> => new Map(ledger.read.resources().map(({ id, label }) => [id, label]));

function nextOf({ ledger, ...stack }: Stack, member: number, nowMs: number): MyNext | null {
  const { read } = ledger;
  const labels = labelsOf({ ledger, ...stack });
  const all: MyNext[] = [
    ...read
      .bookings(nowMs)
      .filter((one) => one.member === member && (one.state === "confirmed" || one.state === "checked_in"))
      .map(({ machine, fromMs, untilMs }) => ({ kind: "booking" as const, label: labels.get(machine) ?? machine, fromMs, untilMs })),
    ...read
      .classes(nowMs)
      .filter((one) => !one.isCancelled && one.enrolled.includes(member))
      .map(({ label, fromMs, untilMs }) => ({ kind: "class" as const, label, fromMs, untilMs })),
    ...read
      .shifts(nowMs)
      .filter((one) => one.member === member)
      .map(({ zone, fromMs, untilMs }) => ({ kind: "shift" as const, label: zone ?? "", fromMs, untilMs })),
  ];
  return all.sort((a, b) => a.fromMs - b.fromMs)[0] ?? null;
}

/** Every course that is taught or was passed: how it stands, and the way to it. */
function trainingsOf({ ledger }: Stack, member: number, nowMs: number): MyTraining[] {
  const { read } = ledger;
  const today = localDateAt(read.site().tz, nowMs);
  const rows = read.trainings(member);
  const courses = read.courses();
  const classes = read.classes(nowMs).filter((one) => !one.isCancelled);
  const machines = read.resources();
  const labelOf = new Map(courses.map(({ course, label }) => [course, label]));
  const stateOf = (course: string): Pick<MyTraining, "state" | "validThrough"> =>
    standing(
      rows.filter((one) => one.course === course),
      today,
    );
  const teachers = read
    .qualifications()
    .filter((one) => one.role === "trainer" && (one.from ?? "") <= today && (one.through ?? "9") >= today && one.member !== member);
  return courses.map(({ course, label, prerequisites }) => ({
    course,
    label,
    ...stateOf(course),
    machines: machines.filter((one) => one.course === course).map((one) => one.label),
    needs: prerequisites.filter((one) => stateOf(one).state !== "valid").map((one) => labelOf.get(one) ?? one),
    teachers: [
      ...new Set(
        teachers.filter(({ scope }) => scope === null || scope === course).map((one) => read.member(one.member)?.displayName ?? ""),
      ),
    ]
      .filter((name) => name !== "")
      .slice(0, 5),
    nextClass: classOf(classes.find((one) => one.course === course)),
  }));
}

function standing(rows: readonly TrainingRow[], today: string): Pick<MyTraining, "state" | "validThrough"> {
  const last = rows.filter(({ revokedMs, result }) => revokedMs === null && result !== "failed").at(-1);
  if (last === undefined) return { state: "missing", validThrough: null };
  const { validThrough, suspendedMs, result } = last;
  if (suspendedMs !== null) return { state: "suspended", validThrough };
  if (validThrough !== null && validThrough < today) return { state: "expired", validThrough };
  return { state: result === "passed" ? "valid" : "supervised", validThrough };
}

const classOf = (one: ClassRow | undefined): MyTraining["nextClass"] =>
  one === undefined
    ? null
    : { label: one.label, fromMs: one.fromMs, freeSeats: one.seats === null ? null : Math.max(0, one.seats - one.enrolled.length) };

/** A number of all, and the names of those who have chosen to be seen (experience.md §P11: nobody, unless they chose otherwise). */
function presentOf(stack: Stack, nowMs: number): Me["present"] {
  const { people } = musterOf(stack, nowMs);
  const names = people.flatMap(({ member, name, outMs }) => {
    const { presence, alias } = stack.ledger.read.sharing(member);
    if (outMs !== null || presence === "nobody") return [];
    return [presence === "alias" ? (alias ?? "") : name];
  });
  return { count: stack.hub.peopleIn(), names: names.filter((name) => name !== "").sort() };
}

function sessionsOf({ ledger }: Stack, member: number, nowMs: number): MySession[] {
  const { read } = ledger;
  const labels = new Map(read.resources().map(({ id, label }) => [id, label]));
  const { tz } = read.site();
  const rates = read.usage.rates().filter(({ rate }) => rate === "machine_hour");
  const corrections = read.corrections({ member });
  const rateOf = (machine: string, day: string): number | null =>
    rates.findLast(({ of, from }) => of === machine && from <= day)?.value ?? null;
  return read.sessions({ member, fromMs: nowMs - useMs, limit: sessionsMost }).map((one) => {
    const asked = corrections.find(({ session }) => session === one.session);
    const centsPerHour = rateOf(one.machine, localDateAt(tz, one.startedMs));
    return {
      session: one.session,
      label: labels.get(one.machine) ?? one.machine,
      startedMs: one.startedMs,
      endedMs: one.endedMs,
      busyMs: one.busyMs,
      energyWh: one.energyWh,
      cents: centsPerHour === null ? null : Math.round((centsPerHour * one.busyMs) / hourMs),
      correction: asked === undefined ? null : { toMs: asked.toMs, reason: asked.reason, outcome: asked.outcome, answer: asked.answer },
    };
  });
}

/** By role, never by name: whoever works here has a right of their own. */
/** Newest first: who changed what the space has on them, and who looked at it and why. */
/** Nothing that a member can be made to show tells of a second PIN (security.md R48). */
const plainly: Readonly<Record<string, string>> = { setDuressPin: "setPin", clearDuressPin: "clearPin" };

function trailOf({ ledger: { read } }: Stack, member: number): MyTrail {
  const who = (actor: string): string => (actor === `member:${member}` ? "self" : (actor.split(":")[0] ?? ""));
  const changes = read
    .audit(trailMost)
    .filter(({ target }) => target === `member ${member}`)
    .map(({ atMs, actor, action }) => ({ atMs, who: who(actor), what: plainly[action] ?? action, reason: null }));
  const looks = read
    .lookUps(member, { limit: trailShown })
    .map(({ atMs, actor, what, reason }) => ({ atMs, who: who(actor), what, reason }));
  return [...changes, ...looks].sort((a, b) => b.atMs - a.atMs).slice(0, trailShown);
}

function everythingOf(stack: Stack, member: number, language: Language, nowMs: number): object {
  const { read } = stack.ledger;
  const { present: _others, machines: _building, ...me } = meOf(stack, member, language, nowMs);
  return {
    schema: "koprade-member/1",
    madeAt: new Date(nowMs).toISOString(),
    record: read.member(member),
    ...me,
    memberships: read.memberships(member),
    trainingRecords: read.trainings(member),
    holds: read.blocks(member).map(({ by: _by, ...row }) => row),
    guardians: read.guardians(member),
    credit: read.credit(member),
    sessions: sessionsOf(stack, member, nowMs),
    corrections: read.corrections({ member }),
    events: read
      .events({ member, limit: 10_000 })
      .map(({ evtMs, node, ch, body }) => ({ at: new Date(evtMs).toISOString(), node, ch, body })),
    trail: trailOf(stack, member),
  };
}

/** A cell that begins like a formula is text for a spreadsheet, too (OWASP: CSV injection). */
const cell = (text: string): string => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

function csvOf(sessions: readonly MySession[]): string {
  const rows = sessions.map(({ label, startedMs, endedMs, busyMs, energyWh, cents }) =>
    [
      cell(label),
      new Date(startedMs).toISOString(),
      endedMs === null ? "" : new Date(endedMs).toISOString(),
      (busyMs / 60_000).toFixed(1),
      (energyWh / 1000).toFixed(3),
      cents === null ? "" : (cents / 100).toFixed(2),
    ].join(","),
  );
  return `${["machine,start,end,busy_min,energy_kwh,cost_eur", ...rows].join("\r\n")}\r\n`;
}
