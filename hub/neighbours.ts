/**
 * What a running space tells its neighbours: SpaceAPI, Prometheus, a calendar, Home Assistant. All of it can be switched off and is off at first; none of
 * it can be written to. The simulated building has no neighbours.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { isOpen, openSpans } from "#core";
import { HubError } from "./errors.ts";
import { type CalendarEntry, calendarText } from "./neighbours/calendar.ts";
import { haPicture } from "./neighbours/home-assistant.ts";
import { linkHomeAssistant } from "./neighbours/home-assistant-link.ts";
import { type Decisions, decisionBucketsS, metricsText } from "./neighbours/metrics.ts";
import type { Picture } from "./neighbours/picture.ts";
import { spaceApiDocument } from "./neighbours/space-api.ts";
import type { Clock, Log } from "./ports.ts";
import type { Stack } from "./stack.ts";
import type { Neighbours } from "./views.ts";

const dayMs = 86_400_000;
const calendarDays = 92;

export function neighboursOf(stack: Stack, nowMs: () => number, version: string): Neighbours {
  const { spaceApi, metrics, calendar } = stack.config.neighbours;
  const isReal = !stack.ledger.read.site().demo;
  const decisions = metrics ? countDecisions(stack) : null;
  const picture = painter(stack);
  return {
    spaceApi: () => (spaceApi === null || !isReal ? null : spaceApiDocument(spaceApi, picture(nowMs()))),
    metrics: () => (decisions === null ? null : metricsText(picture(nowMs()), decisions, version)),
    calendar: () => (calendar && isReal ? calendarOf(stack, nowMs()) : null),
  };
}

/** Tells Home Assistant's broker, where the space has one. The returned function ends it. @throws HubError CONFIG_BAD */
export function tellHomeAssistant(stack: Stack, ports: { readonly clock: Clock; readonly log: Log }, version: string): () => Promise<void> {
  const given = stack.config.neighbours.homeAssistant;
  if (given === null || stack.ledger.read.site().demo) return async () => undefined;
  const { caFile, ...account } = given;
  const picture = painter(stack);
  const { site } = stack.config;
  return linkHomeAssistant(
    { ...account, site, ...(caFile === undefined ? {} : { ca: authorityOf(resolve(stack.dir, caFile)) }) },
    { ...ports, picture: () => haPicture(site, version, picture(ports.clock.nowMs())) },
  );
}

function authorityOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new HubError("CONFIG_BAD", `neighbours.homeAssistant.caFile: ${path} cannot be read`, cause);
  }
}

function painter({ ledger, hub }: Stack): (nowMs: number) => Picture {
  let open: { readonly is: boolean | null; readonly sinceMs: number | null } | null = null;
  return (nowMs) => {
    const site = ledger.read.site();
    const is = site.mode === "normal" ? openByHours(ledger, nowMs) : false;
    // Since when is only known of a change that was seen.
    if (open === null || open.is !== is) open = { is, sinceMs: open === null ? null : nowMs };
    return {
      name: site.name,
      zone: site.tz,
      nowMs,
      isOpen: is,
      openSinceMs: open.sinceMs,
      people: hub.peopleIn(),
      members: ledger.read.activeMembers(),
      doors: hub.live.doors(),
      machines: hub.live.machines(),
      nodes: hub.live.nodes(),
    };
  };
}

function hoursOf(ledger: Stack["ledger"]) {
  const { openingHours } = ledger.read.site();
  return ledger.read.schedules().find(({ schedule }) => schedule === openingHours)?.hours;
}

function openByHours(ledger: Stack["ledger"], nowMs: number): boolean | null {
  const hours = hoursOf(ledger);
  return hours === undefined ? null : isOpen(hours, ledger.read.site().tz, nowMs);
}

function calendarOf({ ledger, config }: Stack, nowMs: number): string {
  const { name, tz } = ledger.read.site();
  const hours = hoursOf(ledger);
  const within = { fromMs: nowMs - 7 * dayMs, toMs: nowMs + calendarDays * dayMs };
  const open = hours === undefined ? [] : openSpans([{ fromMs: 0, schedule: hours }], within, tz);
  const entries: CalendarEntry[] = [
    ...open.map(({ fromMs, toMs }) => ({ uid: `open-${fromMs}`, fromMs, toMs, summary: name })),
    ...ledger.read
      .classes(within.fromMs)
      .filter(({ isCancelled, fromMs }) => !isCancelled && fromMs < within.toMs)
      .map((one) => ({ uid: `class-${one.class}`, fromMs: one.fromMs, toMs: one.untilMs, summary: one.label })),
  ];
  return calendarText(name, config.site, nowMs, entries);
}

/** Counts for as long as the hub runs. Bounded: places, outcomes and codes are few, and unknown places have no channel. */
function countDecisions({ ledger }: Stack): Decisions {
  const counts = new Map<string, Decisions["counts"] extends ReadonlyMap<string, infer One> ? One : never>();
  const durations = [...decisionBucketsS, Number.POSITIVE_INFINITY].map(() => 0);
  const sum = { s: 0 };
  ledger.onChange((change) => {
    if (change.kind !== "events") return;
    for (const { node, ch, body } of change.events) {
      if (body.kind !== "access.decided" || node === "hub") continue; // the node that asked tells it in its own words
      const point = ledger.read.resourceAt(node, ch)?.id;
      if (point === undefined) continue;
      const key = `${point} ${body.outcome} ${body.reason}`;
      counts.set(key, { point, result: body.outcome, reason: body.reason, count: (counts.get(key)?.count ?? 0) + 1 });
      const tookS = body.tookMs / 1000;
      sum.s += tookS;
      const bucket = decisionBucketsS.findIndex((bound) => tookS <= bound);
      const at = bucket === -1 ? durations.length - 1 : bucket;
      durations[at] = (durations[at] ?? 0) + 1;
    }
  });
  return {
    counts,
    durations,
    get durationSumS() {
      return sum.s;
    },
  };
}
