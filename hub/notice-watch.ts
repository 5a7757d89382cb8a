/**
 * What only the running hub sees and somebody should hear of: a node that is gone, a machine left on by who went home, a time that runs out,
 * somebody alone at a dangerous machine after hours, and what is wrong with the hub itself. Looked at every half minute; each thing is told
 * once, because its source names it.
 */
import { statfs } from "node:fs/promises";
import { isOpen } from "#core";
import type { Hub } from "./app.ts";
import type { Ledger } from "./ledger/types.ts";
import type { NoticeToTell } from "./ledger/types-rows.ts";
import type { Clock, Log } from "./ports.ts";
import { everyFew } from "./post.ts";
import type { SessionLive } from "./views.ts";

const lookMs = 30_000;
/** Fabman tells of a bridge after three missed heartbeats of a minute. */
const offlineMs = 180_000;
const endsSoonMs = 300_000;
const freeLeast = 0.05;
const mostAtOnce = 50;

export type Watched = {
  readonly ledger: Pick<Ledger, "read" | "noteNotices">;
  readonly hub: { readonly live: Pick<Hub["live"], "nodes" | "sessions">; peopleIn(): number };
  /** what is wrong with the hub now, a sentence each */
  troubles(): readonly string[];
  readonly dir: string;
};

/** The returned function ends it. */
export function watchForNotices(watched: Watched, ports: { readonly clock: Clock; readonly log: Log }): () => Promise<void> {
  const { clock, log } = ports;
  const onTrouble = (error: unknown): void => log.warn({ error: String(error) }, "What to tell people could not be looked at.");
  return everyFew("notice-watch", lookMs, { clock, onTrouble }, async () => {
    const nowMs = clock.nowMs();
    const space = [...((await isDiskFull(watched.dir)) ? ["Less than 5 % of the hub's disk is free."] : [])];
    await watched.ledger.noteNotices(
      [...noticed(watched, nowMs), ...troubled([...watched.troubles(), ...space], nowMs)].slice(0, mostAtOnce),
    );
  });
}

/** What is to be told now, most urgent first. */
export function noticed(watched: Omit<Watched, "troubles" | "dir">, nowMs: number): NoticeToTell[] {
  const sessions = watched.hub.live.sessions();
  return [
    ...aloneAfterHours(watched, sessions, nowMs),
    ...sessions.flatMap((session) => [...endsSoon(session, nowMs), ...leftOn(watched, session)]),
    ...watched.hub.live.nodes().flatMap(({ id, label, status, lastSeenMs }): NoticeToTell[] => {
      if (status !== "offline" || lastSeenMs === null || nowMs - lastSeenMs < offlineMs) return [];
      const facts = { label: label === "" ? id : label, untilMs: lastSeenMs };
      return [{ kind: "node_offline", facts, source: `offline/${id}/${lastSeenMs}`, to: "staff" }];
    }),
  ];
}

/** The same trouble once a month; what is mended and comes back within it stands on the page of staff. */
const troubled = (sentences: readonly string[], nowMs: number): NoticeToTell[] =>
  sentences.map((label) => ({
    ...{ kind: "hub_trouble", facts: { label }, to: "staff" },
    source: `trouble/${new Date(nowMs).toISOString().slice(0, 7)}/${label}`.slice(0, 300),
  }));

function endsSoon({ id, machineLabel: label, who, phase, leaseUntilMs }: SessionLive, nowMs: number): NoticeToTell[] {
  if (leaseUntilMs === null || leaseUntilMs <= nowMs || leaseUntilMs - nowMs > endsSoonMs || phase === "grace") return [];
  return [{ kind: "auto_off", facts: { label, untilMs: leaseUntilMs }, source: `lease/${id}/${leaseUntilMs}`, to: [who.member] }];
}

/** They tapped out at a door after they began, and have not come in again; a job that may run alone is no mistake. */
function leftOn({ ledger }: Pick<Watched, "ledger">, { id, machineLabel: label, who, phase, startedMs }: SessionLive): NoticeToTell[] {
  if (phase === "unattended" || phase === "grace") return [];
  const passed = ledger.read
    .events({ member: who.member, kinds: ["access.decided"], fromMs: startedMs, limit: 50 })
    .find(
      ({ body }) => body.kind === "access.decided" && body.outcome === "grant" && (body.request === "enter" || body.request === "exit"),
    );
  if (passed?.body.kind !== "access.decided" || passed.body.request !== "exit") return [];
  return [{ kind: "left_on", facts: { label }, source: `left-on/${id}/${passed.evtMs}`, to: [who.member] }];
}

/** Where the space has opening hours: one person in, at work at a machine of class A. */
function aloneAfterHours(
  { ledger, hub }: Omit<Watched, "troubles" | "dir">,
  sessions: readonly SessionLive[],
  nowMs: number,
): NoticeToTell[] {
  const { openingHours, tz } = ledger.read.site();
  const hours = ledger.read.schedules().find(({ schedule }) => schedule === openingHours)?.hours;
  if (hours === undefined || isOpen(hours, tz, nowMs) || hub.peopleIn() !== 1) return [];
  return sessions.flatMap(({ id, machine, machineLabel: label, phase }): NoticeToTell[] => {
    const isAtWork = phase !== "unattended" && ledger.read.resource(machine)?.facts.riskClass === "A";
    return isAtWork ? [{ kind: "alone_late", facts: { label }, source: `alone/${id}`, to: "staff" }] : [];
  });
}

async function isDiskFull(dir: string): Promise<boolean> {
  const { bavail, blocks } = await statfs(dir);
  return blocks > 0 && bavail / blocks < freeLeast;
}
