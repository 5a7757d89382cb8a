/** Printers in the spelling of recorded lines. */
import { type BambuMessage, type BambuReport, bambuDoorBit, mergeBambu, parseBambu } from "../hosted/bambu.ts";
import { isInUse, type JobState, jobEvents } from "../hosted/job.ts";
import { rounded, said } from "../hosted/json.ts";
import { type KlipperStatus, klipperState, type MoonrakerMessage, parseMoonraker } from "../hosted/moonraker.ts";
import { countJobEnds, type OctoPrintMessage, parseOctoPrint } from "../hosted/octoprint.ts";
import { type PrusaMessage, parsePrusaLink } from "../hosted/prusalink.ts";
import { type Decoded, type Decoder, type Message, merged, messagesOf, refused } from "./decode-recorded.ts";

/** One family: how it reads a message, spells it, names its state, and what a series adds. */
type Family<T> = {
  readonly parse: (topic: string, payload: string) => T;
  readonly spell: (message: T) => Decoded;
  readonly stateOf: (message: T) => JobState | undefined;
  readonly over: (messages: readonly T[]) => Decoded;
};

function decoder<T>(family: Family<T>): Decoder {
  return ({ topic, payload, sequence }) => {
    if (sequence === undefined)
      return payload === undefined ? refused("the line holds no message") : family.spell(family.parse(topic, payload));
    const messages = messagesOf(sequence, topic).map((each: Message) => family.parse(each.topic, each.payload));
    const states = messages.map(family.stateOf);
    const events = jobEvents(states);
    return {
      ...merged(messages.map(family.spell)),
      ...(states.some((state) => state !== undefined)
        ? { events: events.map(({ kind }) => kind), job_end_events: events.filter(({ kind }) => kind === "job_end").length }
        : {}),
      ...family.over(messages),
    };
  };
}

export const printerDecoders: Readonly<Record<string, Decoder>> = {
  "octoprint-mqtt": decoder<OctoPrintMessage>({
    parse: parseOctoPrint,
    spell: octoPrint,
    stateOf: (message) => (message.kind === "state" || message.kind === "progress" ? message.state : undefined),
    over: (messages) => ({ job_end_events: countJobEnds(messages) }),
  }),
  moonraker: decoder<MoonrakerMessage>({
    parse: parseMoonraker,
    spell: moonraker,
    stateOf: klipperJob,
    over: (messages) => said({ state: messages.map(klipperJob).findLast((state) => state !== undefined) }),
  }),
  prusalink: decoder<PrusaMessage>({
    parse: parsePrusaLink,
    spell: prusaLink,
    stateOf: (message) => (message.kind === "status" ? message.state : undefined),
    over: () => ({}),
  }),
  "bambu-lan-mqtt": decoder<BambuMessage>({
    parse: parseBambu,
    spell: bambu,
    stateOf: (message) => (message.kind === "report" ? message.state : undefined),
    over: bambuOver,
  }),
};

function octoPrint(message: OctoPrintMessage): Decoded {
  switch (message.kind) {
    case "availability":
      return { online: message.online };
    case "printer":
      return { printer_connected: message.connected };
    case "job":
      return said({ event: message.event, file: message.file });
    case "job_end": {
      const seconds = message.durationS === undefined ? undefined : rounded(message.durationS, 2);
      return said({ event: "job_end", result: message.result, duration_s: seconds, file: message.file });
    }
    case "fault":
      return said({ event: "fault", reason: message.reason });
    case "state":
      return { state: message.state };
    case "progress":
      return said({
        progress_pct: message.percent,
        file: message.file,
        state: message.state,
        print_time_s: message.printTimeS,
        time_left_s: message.timeLeftS,
      });
    case "slicing":
      return { type: "ignore", slicing_pct: message.percent };
    case "temperature":
      return said({ [`${message.part}_c`]: message.actualC, target_c: message.targetC });
    case "event":
      return { event: message.event };
    case "other":
      return { type: "ignore" };
    case "invalid":
      return refused(message.why);
  }
}

/** A shutdown of Klipper loses the job, whatever print_stats says. */
function klipperJob(message: MoonrakerMessage): JobState | undefined {
  if (message.kind === "status") return message.status.state;
  if (message.kind === "field")
    return message.object === "print_stats" && message.field === "state" ? klipperState(message.value) : undefined;
  return message.kind === "klippy" && (message.klippy === "shutdown" || message.klippy === "error") ? "error" : undefined;
}

function moonraker(message: MoonrakerMessage): Decoded {
  switch (message.kind) {
    case "status":
      return { ...said({ method: message.method, eventtime: eventtime(message.eventtimeS) }), ...klipper(message.status) };
    case "field": {
      const value = typeof message.value === "object" && message.value !== null ? undefined : message.value;
      return said({
        object: message.object,
        field: message.field,
        value,
        state: klipperJob(message),
        eventtime: eventtime(message.eventtimeS),
      });
    }
    case "klippy":
      return { klippy: message.klippy, ...(message.klippy === "shutdown" ? { job: "aborted" } : {}) };
    case "history":
      return said({
        method: "notify_history_changed",
        action: message.action,
        event: message.action === "finished" ? "job_end" : message.action === "added" ? "job_start" : undefined,
        status: message.status,
        file: message.file,
        print_duration_s: message.printS,
        total_duration_s: message.totalS,
        filament_used_mm: message.filamentMm,
      });
    case "notification":
      return { method: message.method };
    case "availability":
      return { online: message.online };
    case "invalid":
      return refused(message.why);
  }
}
const eventtime = (seconds: number | undefined) => (seconds === undefined ? undefined : rounded(seconds, 3));

function klipper(status: KlipperStatus): Decoded {
  return said({
    state: status.state,
    file: status.file,
    layer: status.layer,
    total_layer: status.totalLayers,
    print_duration_s: status.printS,
    total_duration_s: status.totalS,
    filament_used_mm: status.filamentMm,
    extruder_c: status.extruderC,
    extruder_target_c: status.extruderTargetC,
    bed_c: status.bedC,
    bed_target_c: status.bedTargetC,
    homed: status.homed,
    progress_pct: typeof status.progress === "number" ? rounded(status.progress * 100, 2) : status.progress,
  });
}

function prusaLink(message: PrusaMessage): Decoded {
  switch (message.kind) {
    case "status": {
      const { state, job, temperatures } = message;
      const inUse = state === undefined ? undefined : isInUse(state);
      const temps = temperatures === null ? null : degrees(temperatures);
      if (job === null) return said({ state, job: null, temps, machine_in_use: inUse });
      return said({
        state,
        job_id: job.id,
        progress_pct: job.percent,
        time_printing_s: job.printingS,
        time_left_s: job.leftS ?? null,
        file: job.file,
        temps,
        machine_in_use: inUse,
      });
    }
    case "version":
      return said({ firmware: message.firmware, hostname: message.hostname });
    case "info":
      return said({ nozzle_mm: message.nozzleMm, name: message.name, mmu: message.mmu });
    case "other":
      return { type: "ignore" };
    case "invalid":
      return refused(message.why);
  }
}

const degrees = (temperatures: NonNullable<Extract<PrusaMessage, { kind: "status" }>["temperatures"]>) =>
  said({
    nozzle_c: temperatures.nozzleC,
    nozzle_target_c: temperatures.nozzleTargetC,
    bed_c: temperatures.bedC,
    bed_target_c: temperatures.bedTargetC,
  });

function bambu(message: BambuMessage): Decoded {
  switch (message.kind) {
    case "report":
      return bambuReport(message);
    case "version":
      return { firmware: message.firmware };
    case "temperature":
      return { actual_c: message.actualC, target_c: message.targetC };
    case "request":
      return { meaning: bambuMeaning(message.command) };
    case "other":
      return { type: "ignore" };
    case "invalid":
      return refused(message.why);
  }
}

function bambuReport(report: BambuReport): Decoded {
  const { state, layer, totalLayers } = report;
  const inUse = state === undefined ? undefined : isInUse(state);
  // Outside a job the printer leaves an old number standing: there is nothing left to wait for.
  const left = report.remainingMin !== undefined && inUse === false ? 0 : report.remainingMin;
  return said({
    state: state ?? "unchanged",
    progress_pct: report.percent,
    time_left_min: left,
    layer: layer === undefined || totalLayers === undefined ? undefined : [layer, totalLayers],
    machine_in_use: inUse,
    partial: report.isPartial || state === undefined ? true : undefined,
    nozzle_c: report.nozzleC,
    nozzle_target_c: report.nozzleTargetC,
    bed_c: report.bedC,
    bed_target_c: report.bedTargetC,
    chamber_c: report.chamberC,
    stage: report.stage,
    print_error: report.errorCode,
    door_open: report.doorOpen,
    laser_module: report.laserModule,
  });
}

function bambuMeaning(command: string): string {
  if (command === "pushall") return "full status; not more often than every 5 min on P1";
  return command === "get_version" ? "ask for versions" : command;
}

/** Parts merged in order; the door as each report that names it says. */
function bambuOver(messages: readonly BambuMessage[]): Decoded {
  const reports = messages.filter((message) => message.kind === "report");
  const merged = reports.reduce<BambuReport | undefined>(mergeBambu, undefined);
  const doors = reports.filter(({ doorOpen }) => doorOpen !== undefined);
  return {
    ...(merged === undefined ? {} : bambuReport(merged)),
    ...(doors.length === 0 ? {} : { door_open: doors.map(({ doorOpen }) => doorOpen), bit: bambuDoorBit, field: doors[0]?.doorField }),
  };
}
