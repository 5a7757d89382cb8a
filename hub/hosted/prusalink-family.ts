/**
 * PrusaLink as a hosted family: asked every five seconds over HTTP with the printer's own password, by digest (RFC 2617, RFC 7616). A
 * printer that does not answer three times is away (design notes D3).
 */
import { defineFamily, type FamilyDescription, type Sense } from "./family.ts";
import { isInJob, jobSense, nothingKnown, type PrinterMemory, withState } from "./printer-memory.ts";
import { parsePrusaLink, prusaLinkCannot } from "./prusalink.ts";

type Memory = PrinterMemory & { readonly missed: number; readonly isThere: boolean | null };

const statusPath = "/api/v1/status";
const pollMs = 5000;
/** silences in a row before it counts as gone */
const missedMax = 3;

export const prusaLinkFamily = defineFamily<Memory>({
  label: "Prusa printers with PrusaLink",
  transport: {
    kind: "http",
    polls: () => [{ path: statusPath, everyMs: pollMs }],
    headers: () => ({}),
    login: ({ options }) => ({ user: options.user ?? "maker", password: options.password ?? "" }),
  },
  parts: ["controller"],
  options: {
    password: { about: "of PrusaLink, on the printer under Settings, Network", secret: true, required: true },
    user: { about: "maker, unless PrusaLink runs on a computer of its own", secret: false, required: false },
  },
  cannot: prusaLinkCannot,
  silentMs: 60_000,
  counter: null,
  initial: () => ({ ...nothingKnown, missed: 0, isThere: null }),
  read(heard, memory) {
    if (heard.kind !== "http" || heard.path !== statusPath) return [memory, []];
    if (heard.status !== 200 && heard.status !== 204) return missing(memory);
    const message = parsePrusaLink(`GET ${heard.path}`, heard.body);
    if (message.kind !== "status" || message.state === undefined) return missing(memory);
    const { state, job, temperatures } = message;
    // it moves and heats in the middle of a job as well
    const now = state === "busy" && isInJob(memory.state) ? memory.state : state;
    const known = { ...memory, ...withState(memory, now ?? state), missed: 0, isThere: true };
    const next: Memory = {
      ...known,
      job: job?.id === undefined ? known.job : String(job.id),
      // waiting for a person it says 0.00 (recorded): the last figure stands
      percent: state === "attention" ? known.percent : (job?.percent ?? null),
      remainingS: job?.leftS ?? null,
      tempC: temperatures?.nozzleC ?? known.tempC,
    };
    const back: readonly Sense[] = memory.isThere === true ? [] : [{ kind: "availability", online: true }];
    return [next, [...back, ...jobSense(next)]];
  },
  orders: () => [],
  provision: () => null,
  recognise: () => null,
} satisfies FamilyDescription<Memory>);

function missing(memory: Memory): readonly [Memory, readonly Sense[]] {
  const missed = memory.missed + 1;
  if (missed < missedMax || memory.isThere === false) return [{ ...memory, missed }, []];
  return [{ ...memory, ...nothingKnown, missed, isThere: false }, [{ kind: "availability", online: false }]];
}
