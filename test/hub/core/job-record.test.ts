/** Jobs of a session and what they drew, as the log tells them (domain.md §4.5). */
import { describe, expect, it } from "vitest";
import type { EventBody, JobState } from "#contract";
import { foldSessions, type JobRecord, type StoredEvent } from "#core";

const session = "01JDGC5F7W9ZK3T5V0QXN2B801";
const at = (seq: number, body: EventBody): StoredEvent => ({
  ...{ node: "node-1", boot: "0000000000000001", ch: "printer", tq: "synced", seq, body },
  ...{ evtMs: 1000 + seq * 1000, atMono: 1000 + seq * 1000, atMs: 1000 + seq * 1000 },
});
type Word = readonly [state: JobState, energyWh?: number];
const jobsOf = (...words: readonly Word[]): readonly JobRecord[] | undefined => {
  const told = words.map(([state, energyWh], i) =>
    at(i + 1, { kind: "mach.job", session, state, ...(energyWh === undefined ? {} : { energyWh }) }),
  );
  const begun = at(0, { kind: "mach.session_started", session, decision: session, member: 7, provisional: false });
  return foldSessions([begun, ...told]).sessions.get(session)?.jobs;
};

describe("the job's table", () => {
  const told = (...states: readonly JobState[]) => jobsOf(...states.map((state) => [state] as const));
  it.each<readonly [row: string, states: readonly JobState[], jobs: readonly object[] | undefined]>([
    ["QUEUED: nothing works yet", ["queued"], undefined],
    ["QUEUED → PREPARING: begins", ["queued", "preparing"], [{ state: "preparing", startMs: 3000, endMs: null }]],
    [
      "PREPARING → RUNNING ⇄ PAUSED: the same job",
      ["preparing", "running", "paused", "running"],
      [{ state: "running", startMs: 2000, endMs: null }],
    ],
    ["RUNNING → COMPLETE", ["running", "complete"], [{ state: "complete", startMs: 2000, endMs: 3000 }]],
    ["PAUSED → CANCELLED", ["running", "paused", "cancelled"], [{ state: "cancelled", startMs: 2000, endMs: 4000 }]],
    ["RUNNING → ERROR", ["running", "error"], [{ state: "error", startMs: 2000, endMs: 3000 }]],
    ["RUNNING → INTERRUPTED", ["running", "interrupted"], [{ state: "interrupted", startMs: 2000, endMs: 3000 }]],
    ["RUNNING → UNKNOWN: no end is known", ["running", "unknown"], [{ state: "unknown", startMs: 2000, endMs: null }]],
    ["RUNNING → none: over, nobody said how", ["running", "none"], [{ state: "unknown", startMs: 2000, endMs: 3000 }]],
    ["COMPLETE without work seen: an old end", ["complete"], undefined],
    ["COMPLETE → RUNNING: another job", ["running", "complete", "running"], [{ endMs: 3000 }, { startMs: 4000, endMs: null }]],
  ])("%s", (_row, states, jobs) => expect(told(...states)).toEqual(jobs?.map((job) => expect.objectContaining(job))));
});

describe("the energy of a job", () => {
  const told = (...words: readonly Word[]) => jobsOf(...words)?.at(-1);
  it.each<readonly [what: string, words: readonly Word[], heatingWh: number | null | undefined, workWh: number | null | undefined]>([
    [
      "is split into heating and work",
      [
        ["preparing", 5],
        ["running", 300],
        ["complete", 2000],
      ],
      295,
      1700,
    ],
    [
      "of a pause is work",
      [
        ["preparing", 0],
        ["running", 100],
        ["paused", 400],
        ["running", 410],
        ["complete", 500],
      ],
      100,
      400,
    ],
    [
      "of a heat-up in the middle is heating",
      [
        ["running", 0],
        ["preparing", 100],
        ["running", 150],
        ["complete", 350],
      ],
      50,
      300,
    ],
    [
      "has no heating where the controller told of none",
      [
        ["running", 10],
        ["complete", 60],
      ],
      undefined,
      50,
    ],
    ["is unknown, never zero, where the meter did not tell", [["preparing"], ["running", 300], ["complete", 500]], null, 200],
    ["is unknown where the meter was silent at the end", [["running", 0], ["complete"]], undefined, null],
    ["stays unknown", [["running", 0], ["paused"], ["running", 90], ["complete", 100]], undefined, null],
    [
      "of the silence of a controller is neither's",
      [
        ["running", 0],
        ["unknown", 50],
        ["running", 90],
        ["complete", 100],
      ],
      undefined,
      60,
    ],
    [
      "of cooling down is neither's",
      [
        ["running", 0],
        ["complete", 50],
        ["none", 80],
      ],
      undefined,
      50,
    ],
  ])("%s", (_what, words, heatingWh, workWh) => {
    expect([told(...words)?.heatingWh, told(...words)?.workWh]).toEqual([heatingWh, workWh]);
  });
});
