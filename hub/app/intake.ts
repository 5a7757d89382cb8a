/** What comes in from the bus: what cannot be used is refused, everything else goes to whom it concerns, one case per topic. */

import { decode, type Message, topicFilter } from "#contract";
import type { Bus, Clock, Ledger, Log, Series } from "../ports.ts";
import type { Answers } from "./answers.ts";
import { boardInWords, boardTrouble } from "./board-words.ts";
import type { CommandDesk } from "./commands.ts";
import type { Enrolment } from "./enrolment.ts";
import type { Ingest } from "./ingest.ts";
import { createLateness } from "./lateness.ts";
import type { Links } from "./links.ts";
import type { Live } from "./live.ts";
import { type Holds, type Pushes, rollbackSentence } from "./pushes.ts";

type Given = {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly ledger: Ledger;
  readonly series: Series;
  readonly site: string;
  readonly links: Links;
  readonly ingest: Ingest;
  readonly live: Live;
  readonly answers: Answers;
  readonly desk: CommandDesk;
  readonly pushes: Pushes;
  readonly enrolment: Enrolment;
};

/** Listens from now on. Gives how many messages could not be used since then. */
export function openIntake(given: Given): () => number {
  const { bus, log, ledger, links, ingest, site } = given;
  const lateness = createLateness(given.clock);
  let refused = 0;
  const newcomers = topicFilter(site, "enrolHello").split("+", 1)[0] ?? "";
  bus.onMessage(({ path, node, bytes }) => {
    if (path.startsWith(newcomers)) {
      if (!given.enrolment.hear(node, path, bytes)) refused += 1;
      return;
    }
    if (links.isShutOut(node)) {
      refused += 1; // before anything is read of it
      return;
    }
    const message = decode(site, path, bytes);
    if (message.ok && message.ids[0] === node) return take(given, node, message, lateness);
    refused += 1;
    const reason = message.ok ? "a message in another node's name" : message.reason;
    if (message.ok) links.step(node, { kind: "offence", what: reason });
    log.warn({ node, path, reason }, "A message could not be used.");
    if (path.endsWith("/evt")) void ingest.poisoned(node, path, bytes, reason);
    else void ledger.quarantine(node, path, bytes, reason).catch(() => log.warn({ node, path }, "Nor could it be kept."));
  });
  bus.onConnection(({ node, connected }) => {
    if (connected) return;
    const link = links.linkOf(node);
    if (link !== undefined) links.step(node, { kind: "gone", boot: link.boot, conn: link.conn });
  });
  return () => refused;
}

type Lateness = ReturnType<typeof createLateness>;

function take(given: Given, node: string, message: Message, lateness: Lateness): void {
  const { links, live } = given;
  const { envelope } = message;
  if (message.topic !== "nodeState") links.heard(node, envelope);
  switch (message.topic) {
    case "events":
      void given.ingest.events(node, envelope, message.body.events);
      return;
    case "channelReported": {
      const machine = live.reported(node, message.ids[1] ?? "", message.body);
      if (machine !== undefined) given.series.state(machine.id, given.clock.nowMs(), machine.status);
      return;
    }
    case "channelTelemetry":
      takeTelemetry(given, node, message, lateness(node, message.envelope));
      return;
    case "accessRequest":
      void given.answers.answer(node, { boot: envelope.boot, conn: envelope.conn }, message.body);
      return;
    case "acknowledgement":
      given.desk.acknowledged(node, message.body);
      return;
    case "snapshotRequest":
      given.pushes.chunks(node, message.body);
      return;
    case "nodeBirth":
      links.step(node, { kind: "birth", boot: envelope.boot, conn: envelope.conn });
      if (message.body.outboxDepth === 0) links.step(node, { kind: "drained" });
      noteHolds(given, node, { config: message.body.configVersion, lock: message.body.lockVersion, snapshot: message.body.snapshot });
      live.born(node, {
        firmware: message.body.fw,
        trouble: given.pushes.born(node, message.body) ? rollbackSentence : null,
        said: message.body,
      });
      return;
    case "nodeState":
      if (message.body.state === "online") links.heard(node, envelope);
      else links.step(node, { kind: "gone", boot: envelope.boot, conn: envelope.conn });
      return;
    case "nodeHeartbeat": {
      if (message.body.outboxDepth === 0) links.step(node, { kind: "drained" });
      if (message.body.holds === undefined)
        links.step(node, { kind: "applied" }); // older than this word: nobody can tell
      else noteHolds(given, node, message.body.holds);
      live.health(node, {
        configVersion: message.body.holds?.config ?? null,
        configTrouble: message.body.configTrouble ?? null,
        ...(message.body.signalDbm === undefined ? {} : { signalDbm: message.body.signalDbm }),
        outboxDepth: message.body.outboxDepth,
        snapshotAgeMs: message.body.snapshotAgeMs,
        uptimeMs: message.body.uptimeMs,
        clockErrorMs: message.body.clockErrorMs,
        boards: message.body.boards.map(boardInWords),
        clock: envelope.tq,
        trouble: boardTrouble(message.body.boards),
      });
      return;
    }
    default:
      return; // the hub's own topics, and enrolment, which has its own desk
  }
}

function noteHolds({ links, pushes }: Given, node: string, holds: Holds): void {
  if (pushes.isApplied(node, holds)) links.step(node, { kind: "applied" });
}

type Telemetry = Extract<Message, { topic: "channelTelemetry" }>;

/** Samples have the times of the node's steady clock, however late they come; the last one carries the meter's reading. */
function takeTelemetry({ live, clock, series }: Given, node: string, message: Telemetry, lateMs: number): void {
  const { t0Mono, stepMs, powerW, energyWh } = message.body;
  const startMs = clock.nowMs() - lateMs - (message.envelope.mono - t0Mono);
  const machine = live.telemetry(node, message.ids[1] ?? "", message.body, startMs);
  if (machine === undefined) return;
  series.power(
    machine.id,
    powerW.map((value, i) => ({ atMs: startMs + i * stepMs, powerW: value, energyWh: i === powerW.length - 1 ? energyWh : null })),
  );
}
