/** Laser controllers, recorded traces and devices by JSON path in the spelling of recorded lines. */
import { type GrblLine, parseGrbl } from "../hosted/grbl.ts";
import { isFields, rounded, said } from "../hosted/json.ts";
import { readJsonPath, readJsonPathMap } from "../hosted/json-path.ts";
import { countRuns, machineOnW, type PowerPoint, smallLoad, trapezoidWh } from "../hosted/power-run.ts";
import { parseRuida, ruidaStatusBits } from "../hosted/ruida.ts";
import { type Decoded, type Decoder, hexOf, merged, messagesOf, type Recorded, refused } from "./decode-recorded.ts";

export const machineDecoders: Readonly<Record<string, Decoder>> = {
  "grbl-1.1": ({ payload, sequence }) => {
    if (sequence !== undefined) return merged(messagesOf(sequence).map((each) => grbl(parseGrbl(each.payload))));
    return payload === undefined ? refused("the line holds no message") : grbl(parseGrbl(payload));
  },
  "ruida-udp": ruida,
  "json-path": jsonPath,
  "trace-laser-grbl": (message) => laserTrace(message),
  "trace-power-series": powerTrace,
  "trace-3d-printer-power": powerTrace,
  "trace-mcu-incident": uptimeTrace,
  "trace-statistics": () => refused("statistics hold no message"),
};

function grbl(line: GrblLine): Decoded {
  switch (line.kind) {
    case "status":
      return said({
        state: line.state,
        mpos: line.machineMm,
        wpos: line.workMm,
        wco: line.offsetMm,
        feed: line.feed,
        spindle: line.spindle,
        laser_on: line.energised,
        pins: line.pins,
        overrides_pct: line.overridesPercent,
        line: line.line,
      });
    case "event":
      return { event: line.event };
    case "alarm":
    case "error":
      return { event: line.kind, code: line.code };
    case "version":
      return { version: line.version };
    case "setting":
      return { setting: line.number, value: line.value, ...(line.number === 32 ? { laser_mode: line.value === 1 } : {}) };
    case "modes":
      return { modes: line.modes };
    case "message":
      return { event: "message", text: line.text };
    case "invalid":
      return refused(line.why);
  }
}

const word = (value: number) => `0x${value.toString(16).toUpperCase().padStart(8, "0")}`;

function ruida({ bytes }: Recorded): Decoded {
  const packet = bytes === undefined ? undefined : parseRuida(bytes);
  if (packet === undefined) return refused("the line holds no bytes");
  const asked = packet.meaning?.includes("machine status word") === true;
  const { moving, partEnd, jobRunning } = ruidaStatusBits;
  return said({
    magic: packet.magic.toString(16).toUpperCase().padStart(2, "0"),
    plain: hexOf(packet.plain),
    meaning: packet.meaning,
    name: packet.name,
    status_bits: asked ? { moving: word(moving), part_end: word(partEnd), job_running: word(jobRunning) } : undefined,
    udp_checksum: packet.checksum?.toString(16).toUpperCase().padStart(4, "0"),
    moving: packet.status?.moving,
    part_end: packet.status?.partEnd,
    job_running: packet.status?.jobRunning,
  });
}

/** `context` holds the paths. */
function jsonPath({ payload, context }: Recorded): Decoded {
  if (payload === undefined) return refused("the line holds no message");
  const map = readJsonPathMap(context);
  if ("why" in map) return refused(map.why);
  return readJsonPath(payload, map) ?? refused("the payload is no JSON");
}

type Step = { readonly atMs: number; readonly fields: Readonly<Record<string, unknown>> };
const dayMs = 86_400_000;

/** Steps with a time of day "08:36:04" or seconds; a time that falls has passed midnight. */
function stepsOf(sequence: readonly unknown[] | undefined): Step[] {
  let days = 0;
  let before = Number.NEGATIVE_INFINITY;
  return (sequence ?? []).flatMap((part) => {
    if (!isFields(part)) return [];
    const clock = typeof part.t === "string" ? /^(\d{2}):(\d{2}):(\d{2})$/.exec(part.t) : null;
    const seconds = clock === null ? part.t : (Number(clock[1]) * 60 + Number(clock[2])) * 60 + Number(clock[3]);
    if (typeof seconds !== "number" || !Number.isFinite(seconds)) return [];
    if (clock !== null && seconds * 1000 < before) days += 1;
    before = seconds * 1000;
    return [{ atMs: before + days * dayMs, fields: part }];
  });
}

function laserTrace({ sequence }: Recorded): Decoded {
  const steps = stepsOf(sequence);
  if (steps.length === 0) return refused("the line holds no trace");
  let runMs = 0;
  let bursts = 0;
  for (const [i, { atMs, fields }] of steps.entries()) {
    if (fields.state !== "Run") continue;
    bursts += 1;
    runMs += (steps[i + 1]?.atMs ?? atMs) - atMs;
  }
  const ready = steps.find(({ fields }) => fields.state === "Idle");
  return {
    bursts,
    machine_ready_from: ready?.fields.t ?? null,
    policy: "treat Idle gaps of a few seconds inside a job as running",
    run_seconds: runMs / 1000,
  };
}

function powerTrace({ sequence }: Recorded): Decoded {
  const points = stepsOf(sequence).flatMap(({ atMs, fields }): PowerPoint[] =>
    typeof fields.power_w === "number" ? [{ atMs, powerW: fields.power_w }] : [],
  );
  if (points.length === 0) return refused("the line holds no trace");
  const small = countRuns(points, smallLoad);
  const integral = trapezoidWh(points);
  return said({
    sessions_with_hold_60s_threshold_3w: small.runs,
    sessions_naive: small.naiveRuns,
    running_with_threshold_20w: countRuns(points, { onW: machineOnW, holdMs: smallLoad.holdMs }).runs > 0,
    energy_wh_by_trapezoid: integral === null ? undefined : rounded(integral, 3),
  });
}

/** An uptime that falls is a restart. */
function uptimeTrace({ sequence }: Recorded): Decoded {
  const uptimes = (sequence ?? []).flatMap((part) => (isFields(part) && typeof part.uptime_s === "number" ? [part.uptime_s] : []));
  if (uptimes.length === 0) return refused("the line holds no trace");
  return { reboots: uptimes.filter((uptime, i) => uptime < (uptimes[i - 1] ?? uptime)).length, uptime_s: uptimes };
}
