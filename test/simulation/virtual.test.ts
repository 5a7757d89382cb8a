/** Whole evenings of the building in virtual time: the same seed is the same evening, and what may never happen never does. */
import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { eventBody } from "#contract";
import { cast } from "../../simulators/people.ts";
import { runVirtual, type VirtualRun } from "../../simulators/virtual.ts";

type Told = { readonly node: string; readonly seq: number; readonly body: z.infer<typeof eventBody> };

function toldIn(run: VirtualRun): Told[] {
  return run.trace.flatMap((line) => {
    const match = /^\d+ (\S+) (\d+) -?\d+ (\{.*\})$/.exec(line);
    return match === null ? [] : [{ node: match[1] ?? "", seq: Number(match[2]), body: eventBody.parse(JSON.parse(match[3] ?? "")) }];
  });
}

/** May this person start this? From the cast alone: an oracle that shares nothing with the rules. */
function mayStart(member: number, node: string): boolean {
  const person = cast[member - 1];
  if (person === undefined || person.membership !== "good") return false;
  return node === "door-node" || person.trainedFor.some((kind) => node === `${kind}-node`);
}

describe("the building in virtual time", () => {
  it("tells the same story for the same seed, to the byte, and another for another", async () => {
    const [first, again, other] = [
      await runVirtual({ seed: 7, hours: 6 }),
      await runVirtual({ seed: 7, hours: 6 }),
      await runVirtual({ seed: 8, hours: 6 }),
    ];
    console.log(
      `6 h: ${first.events} events, ${first.grants} grants, ${first.refusals} refusals, ${first.sessions} sessions, trace ${first.sha256.slice(0, 16)}`,
    );
    expect(again.sha256).toBe(first.sha256);
    expect(other.sha256).not.toBe(first.sha256);
    expect(first.sessions).toBeGreaterThan(5);
    expect(first.refusals).toBeGreaterThan(5);
  });

  it("over 12 seeds grants nobody who may not, refuses nobody who may, closes each session once and loses no event", async () => {
    let decided = 0;
    let sessions = 0;
    for (let seed = 100; seed < 112; seed += 1) {
      const told = toldIn(await runVirtual({ seed, hours: 3 }));
      const open = new Map<string, string>();
      const lastSeq = new Map<string, number>();
      for (const { node, seq, body } of told) {
        expect(seq, `seed ${seed}: ${node} has a hole before ${seq}`).toBe((lastSeq.get(node) ?? 0) + 1);
        lastSeq.set(node, seq);
        if (node === "hub") continue;
        if (body.kind === "access.decided" && body.reason !== "IN_USE") {
          decided += 1;
          expect(body.outcome === "grant", `seed ${seed}: ${node} ${JSON.stringify(body)}`).toBe(mayStart(body.member, node));
        }
        if (body.kind === "mach.session_started") {
          sessions += 1;
          expect([...open.values()], `seed ${seed}: two sessions at ${node}`).not.toContain(node);
          open.set(body.session, node);
        }
        if (body.kind === "mach.session_closed")
          expect(open.delete(body.session), `seed ${seed}: ${body.session} closed without being open`).toBe(true);
      }
      expect([...open], `seed ${seed}: sessions that nobody closed`).toEqual([]);
    }
    console.log(`12 seeds × 3 h: ${decided} decisions against the oracle, 0 wrong; ${sessions} sessions, each closed once`);
    expect(decided).toBeGreaterThan(500);
  });
});
