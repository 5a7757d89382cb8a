/** Permissions of a large space: the snapshot of one door made and loaded, and who may use which machine when in a week. */
import { createHash, createPublicKey, verify } from "node:crypto";
import { join } from "node:path";
import { manifestBytes, readSnapshot } from "../../hub/contract/index.ts";
import { weeksOf } from "../../hub/foresight.ts";
import { Database } from "../../hub/ledger/database.ts";
import { loadKeys } from "../../hub/ledger/keys.ts";
import { ledgerPath } from "../../hub/ledger/ledger.ts";
import { readSiteFacts } from "../../hub/ledger/site-facts.ts";
import { asCompiled, compileContent, readChannels, seal } from "../../hub/ledger/snapshots.ts";
import { readStandings } from "../../hub/ledger/standings.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { aLedger } from "../support/ledger.ts";
import { type Bench, type Line, ms } from "./lines.ts";
import { cardNumberOf } from "./seed.ts";
import { median } from "./stats.ts";

const machines = 12;
const by = "cli:bench";
const day = (i: number): string => `2027-${String(1 + (i % 12)).padStart(2, "0")}-28`;

export async function measureFacts({ dir, size }: Bench): Promise<Line[]> {
  const folder = join(dir, "facts");
  const ledger = await aLedger(folder, { role: "tool" });
  await furnish(ledger);
  await addMembers(ledger, 0, size.matrixMembers);
  const names = Array.from({ length: machines }, (_, i) => `machine-${i}`);
  const matrix = timed(size.rounds, () => weeksOf({ ledger }, names, Temporal.PlainDate.from("2026-12-14")));
  await addMembers(ledger, size.matrixMembers, size.members);
  const { buildMs, loadMs, kilobytes } = measureSnapshot(folder, ledger, size.rounds);
  await ledger.close();
  const about = `${size.members} members`;
  const line = (what: string, tookMs: number, mostMs: number, more = ""): Line => ({
    what,
    ours: `${ms(tookMs)}${more}`,
    floor: "–",
    ratio: "–",
    target: `≤ ${mostMs} ms`,
    met: tookMs <= mostMs,
  });
  return [
    line(`snapshot of one door, ${about}: read, compiled, signed`, buildMs, 100, ` (${kilobytes} kB)`),
    line(`the same at the node: verified and loaded`, loadMs, 150),
    line(`who may use which of ${machines} machines in each hour of a week, ${size.matrixMembers} members`, matrix, 5000),
  ];
}

function timed(rounds: number, work: () => void): number {
  const took = Array.from({ length: Math.max(3, rounds) }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return median(took);
}

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
  const buildMs = timed(rounds, build);
  const { manifest, bytes } = build();
  const key = createPublicKey({ key: Buffer.from(ledger.keys.signingPublicKey, "base64url"), format: "der", type: "spki" });
  const card = ledger.keys.cardKeyOf(cardNumberOf(1));
  const loadMs = timed(rounds, () => {
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
