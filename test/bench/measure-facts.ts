/**
 * Permissions of a large space: decisions, the snapshot of one door made and loaded, and who may use which machine when in a week.
 * All of it is calculation on one core: what counts is this thread's CPU time, in which nothing else on the machine has a part.
 */
import { createHash, createPublicKey, verify } from "node:crypto";
import { join } from "node:path";
import { manifestBytes, readSnapshot } from "../../hub/contract/index.ts";
import { decide } from "../../hub/core/index.ts";
import { weeksOf } from "../../hub/foresight.ts";
import { Database } from "../../hub/ledger/database.ts";
import { loadKeys } from "../../hub/ledger/keys.ts";
import { ledgerPath } from "../../hub/ledger/ledger.ts";
import { readSiteFacts } from "../../hub/ledger/site-facts.ts";
import { asCompiled, compileContent, readChannels, seal } from "../../hub/ledger/snapshots.ts";
import { readStandings } from "../../hub/ledger/standings.ts";
import type { EveryFacts, Ledger } from "../../hub/ledger/types.ts";
import { aLedger } from "../support/ledger.ts";
import { type Bench, type Line, ms } from "./lines.ts";
import { cardNumberOf } from "./seed.ts";
import { round } from "./stats.ts";

/** with the door forty doors and machines, of which the week's table looks at twelve */
const machines = 39;
const inTable = 12;
const by = "cli:bench";
const day = (i: number): string => `2027-${String(1 + (i % 12)).padStart(2, "0")}-28`;

export async function measureFacts({ dir, size }: Bench): Promise<Line[]> {
  const folder = join(dir, "facts");
  const ledger = await aLedger(folder, { role: "tool" });
  await furnish(ledger);
  await addMembers(ledger, 0, size.matrixMembers);
  const names = Array.from({ length: machines }, (_, i) => `machine-${i}`);
  const matrix = cpuMs(size.rounds, () => weeksOf({ ledger }, names.slice(0, inTable), Temporal.PlainDate.from("2026-12-14")));
  await addMembers(ledger, size.matrixMembers, size.members);
  const perSecond = decisionsPerSecond(ledger.permissions.everyFacts([...names, "front-door"], noonMs), size);
  const { buildMs, loadMs, kilobytes } = measureSnapshot(folder, ledger, size.rounds);
  await ledger.close();
  const about = `${size.members} members`;
  const line = (what: string, tookMs: number, mostMs: number, more = ""): Line => ({
    what,
    ours: `${ms(tookMs)} CPU${more}`,
    floor: "–",
    ratio: "–",
    target: `≤ ${mostMs} ms`,
    met: tookMs <= mostMs,
  });
  return [
    {
      what: `decisions per second on one core, ${about}, ${machines + 1} doors and machines`,
      ours: String(Math.round(perSecond)),
      floor: "–",
      ratio: `${round(1e6 / perSecond)} µs each`,
      target: "≥ 200,000",
      met: perSecond >= 200_000,
    },
    line(`snapshot of one door, ${about}: read, compiled, signed`, buildMs, 100, ` (${kilobytes} kB)`),
    line(`the same at the node: verified and loaded`, loadMs, 150),
    line(`who may use which of ${inTable} machines in each hour of a week, ${size.matrixMembers} members`, matrix, 5000),
  ];
}

/** CPU time of one piece of work, the mean of several after one to warm up: the kernel counts in steps of some milliseconds. */
function cpuMs(rounds: number, work: () => void): number {
  work();
  const times = Math.max(5, 2 * rounds);
  const before = process.threadCpuUsage();
  for (let i = 0; i < times; i += 1) work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000 / times;
}

/** Members tap anywhere, in no order; the question is put together each time, as the hub does. */
function decisionsPerSecond(places: readonly EveryFacts[], size: Bench["size"]): number {
  const count = 20 * size.members;
  const outcomes = new Set<string>();
  const tookMs = cpuMs(size.rounds, () => {
    for (let i = 0; i < count; i += 1) {
      const place = places[i % places.length];
      const person = place?.members[(i * 7919) % place.members.length];
      if (place === undefined || person === undefined) throw new Error("bench: nobody to decide about");
      outcomes.add(decide(question(place, person)).outcome);
    }
  });
  if (!outcomes.has("grant") || !outcomes.has("deny")) throw new Error(`bench: only ${[...outcomes].join()} decided`);
  return (1000 * count) / tookMs;
}

const noonMs = Temporal.ZonedDateTime.from("2026-12-16T12:00[Europe/Riga]").epochMilliseconds;
const question = ({ resource, schedules }: EveryFacts, [member, facts]: EveryFacts["members"][number]): Parameters<typeof decide>[0] => ({
  question: { kind: resource.kind === "door" ? "enter" : "start", ageMs: 20, usable: true },
  clock: { nowMs: noonMs, floorMs: noonMs - 86_400_000, quality: "synced" },
  subject: { member, facts },
  resource,
  schedules,
  live: {
    lockouts: [],
    online: true,
    session: null,
    ancillariesReady: true,
    readerPenaltyUntilMono: null,
    nowMono: 0,
    revoked: false,
    memberSessions: { all: 0, attendedA: 0 },
  },
  mode: "normal",
  nodeAuthorised: true,
  where: { place: "hub" },
});

function measureSnapshot(folder: string, ledger: Ledger, rounds: number): { buildMs: number; loadMs: number; kilobytes: number } {
  const db = new Database(ledgerPath(folder), { readOnly: true });
  const { sign } = loadKeys(folder);
  const nowMs = Date.now();
  const name = { site: "valmiera", epoch: 1, version: 1, issuedMs: nowMs };
  const build = () => {
    const standings = readStandings(db, nowMs);
    const rows = readChannels(db).get("door-node") ?? [];
    return asCompiled(seal(compileContent("door-node", rows, standings, readSiteFacts(db, nowMs), 1), standings, name, sign));
  };
  const buildMs = cpuMs(rounds, build);
  const { manifest, bytes } = build();
  const key = createPublicKey({ key: Buffer.from(ledger.keys.signingPublicKey, "base64url"), format: "der", type: "spki" });
  const card = ledger.keys.cardKeyOf(cardNumberOf(1));
  const loadMs = cpuMs(rounds, () => {
    const { sig, ...unsigned } = manifest;
    const isSigned = verify(null, manifestBytes(name.site, "door-node", unsigned), key, Buffer.from(sig, "base64url"));
    const isWhole = createHash("sha256").update(bytes).digest("hex") === manifest.hash;
    const read = readSnapshot(bytes);
    if (!isSigned || !isWhole || !read.ok || read.snapshot.find(card) === undefined)
      throw new Error("the snapshot does not hold what was put in");
  });
  db.close();
  return { buildMs, loadMs, kilobytes: Math.round(bytes.length / 1000) };
}

/** Opening hours, four plans, six courses, twelve machines, one door. */
async function furnish({ change }: Ledger): Promise<void> {
  const week = (startMin: number, endMin: number) => [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMin, endMin }));
  await change.addSchedule({ schedule: "open", hours: { intervals: week(600, 1320), special: [] } }, by);
  await change.addSchedule({ schedule: "evening", hours: { intervals: week(1020, 60), special: [] } }, by);
  await change.setSite({ openingHours: "open" }, by);
  await change.addPlan({ plan: "full", label: "Full" }, by);
  await change.addPlan({ plan: "always", label: "Always", always: true }, by);
  await change.addPlan({ plan: "evening", label: "Evening", schedule: "evening" }, by);
  for (let i = 0; i < 6; i += 1) await change.addCourse({ course: `course-${i}`, label: `Course ${i}` }, by);
  await change.addNode({ node: "door-node", kind: "door" }, by);
  await change.addDoor({ door: "front-door", node: "door-node", ch: "door", label: "Front", failMode: "secure" }, by);
  await change.addNode({ node: "machine-node", kind: "machine" }, by);
  for (let i = 0; i < machines; i += 1) {
    const machine = { machine: `machine-${i}`, node: "machine-node", ch: `ch-${String(i).padStart(2, "0")}`, label: `Machine ${i}` };
    await change.addMachine({ ...machine, riskClass: "B", cutHazard: false, course: `course-${i % 6}` }, by);
    await change.takeOver({ resource: machine.machine, reason: "a measurement" }, by);
  }
  await change.addMember({ displayName: "Trainer", ref: 1_000_000 }, by);
  await change.setRoles({ member: 1_000_000, roles: ["trainer"] }, by);
}

async function addMembers({ change }: Ledger, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 2000) {
    const rows = Array.from({ length: Math.min(2000, to - start) }, (_, k) => {
      const i = start + k;
      return {
        displayName: `Member ${i}`,
        cards: [cardNumberOf(i + 1)],
        plan: (["full", "always", "evening"] as const)[i % 3] ?? "full",
        from: "2026-01-01",
        validThrough: i % 5 === 0 ? day(i) : null,
        courses: Array.from({ length: 6 }, (_, c) => `course-${c}`).filter((_, c) => (i >> c) % 3 === 0),
      };
    });
    await change.importMembers({ rows, signedOffBy: 1_000_000 }, by);
  }
}
