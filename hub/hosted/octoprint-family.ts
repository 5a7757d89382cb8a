/**
 * OctoPrint as a hosted family: the controller of a printer whose power a plug switches. Its plugin says events once and keeps only
 * progress and temperatures, so a hub that was away does not know the state until the next event or percent (design notes D1).
 */
import { defineFamily, type FamilyDescription } from "./family.ts";
import type { JobState } from "./job.ts";
import { type OctoPrintMessage, octoPrintCannot, parseOctoPrint } from "./octoprint.ts";
import { isEnd, isInJob, jobSense, nothingKnown, type PrinterMemory, withState } from "./printer-memory.ts";

type Memory = PrinterMemory & {
  /** when the last job ended: a progress of it may still be on its way */
  readonly endedMs: number | null;
  /** it says that it is ready in the middle of a job; the word on how the job ended may follow */
  readonly idleSinceMs: number | null;
};

/** what was sent before the end and arrives after it */
const lateMs = 30_000;
/** OctoPrint says the state and the end in either order */
const endWordMs = 3000;

export const octoPrintFamily = defineFamily<Memory>({
  label: "OctoPrint with its MQTT plugin",
  transport: { kind: "mqtt", topics: ({ name }) => ({ says: [`${name}/#`], hears: [] }) },
  parts: ["controller"],
  options: {},
  cannot: octoPrintCannot,
  // temperatures come every few seconds while the printer is connected
  silentMs: 120_000,
  counter: null,
  initial: () => ({ ...nothingKnown, endedMs: null, idleSinceMs: null }),
  read(heard, memory, address, nowMs) {
    if (heard.kind !== "mqtt" || !heard.topic.startsWith(`${address.name}/`)) return [memory, []];
    const message = parseOctoPrint(heard.topic, heard.payload);
    if (message.kind === "availability") {
      const known = message.online ? memory : { ...memory, ...nothingKnown };
      return [known, [{ kind: "availability", online: message.online }]];
    }
    const next = settled(after(memory, message, nowMs), nowMs);
    return [next, tells(message) ? jobSense(next) : []];
  },
  orders: () => [],
  provision: () => null,
  recognise(topic, payload) {
    const base = /^(.+)\/(?:mqtt|progress\/printing|temperature\/(?:bed|tool\d)|event\/Print\w+)$/.exec(topic)?.[1];
    if (base === undefined || (topic === `${base}/mqtt` && payload !== "connected" && payload !== "disconnected")) return null;
    return { name: base };
  },
} satisfies FamilyDescription<Memory>);

const tells = ({ kind }: OctoPrintMessage): boolean =>
  ["printer", "job", "job_end", "fault", "state", "progress", "temperature"].includes(kind);

function after(memory: Memory, message: OctoPrintMessage, nowMs: number): Memory {
  const to = (state: JobState): Memory => {
    if (state === "idle" && isInJob(memory.state)) return { ...memory, idleSinceMs: memory.idleSinceMs ?? nowMs };
    // ready again: how the job ended stays said
    if (state === "idle" && isEnd(memory.state)) return memory;
    // a cancelled print is failed as well; the first word is the truer one
    if (isEnd(state) && isEnd(memory.state)) return memory;
    return { ...memory, ...withState(memory, state), idleSinceMs: null, endedMs: isEnd(state) ? nowMs : memory.endedMs };
  };
  switch (message.kind) {
    case "printer":
      return to(message.connected ? "idle" : "offline");
    case "job": {
      const next = to(message.event === "job_pause" ? "paused" : "printing");
      return { ...next, job: message.file ?? next.job };
    }
    case "job_end":
      return to(message.result === "done" ? "finished" : message.result === "cancelled" ? "cancelled" : "error");
    case "fault":
      return isInJob(memory.state) ? to("error") : memory;
    case "state":
      return to(message.state);
    case "progress":
      return progressed(memory, message, nowMs, to);
    case "temperature":
      return message.part === "tool0" && message.actualC !== undefined ? { ...memory, tempC: message.actualC } : memory;
    default:
      return memory;
  }
}

/** 100 % ends no job, and one that is late begins none. */
function progressed(
  memory: Memory,
  message: Extract<OctoPrintMessage, { kind: "progress" }>,
  nowMs: number,
  to: (state: JobState) => Memory,
): Memory {
  if (memory.endedMs !== null && nowMs - memory.endedMs < lateMs && !isInJob(memory.state)) return memory;
  const begins = message.percent !== null && message.percent < 100;
  const said = message.state === "paused" ? "paused" : begins ? "printing" : undefined;
  if (said === undefined && !isInJob(memory.state)) return memory;
  const next = said === undefined || (memory.state === "paused" && message.state === undefined) ? memory : to(said);
  return {
    ...next,
    job: message.file?.split("/").at(-1) ?? next.job,
    percent: message.percent ?? next.percent,
    remainingS: message.timeLeftS ?? null,
  };
}

/** Nobody said how it ended: then it is only over. */
function settled(memory: Memory, nowMs: number): Memory {
  if (memory.idleSinceMs === null || nowMs - memory.idleSinceMs < endWordMs) return memory;
  return { ...memory, state: "idle", idleSinceMs: null, endedMs: nowMs };
}
