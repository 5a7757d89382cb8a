/**
 * GRBL 1.1, the controller of small lasers and routers, as heard on a serial splitter: opening its port resets the board, and the
 * port has one owner. Source: gnea/grbl doc/markdown/interface.md.
 */
import { rounded } from "./json.ts";

export type GrblState =
  | "idle"
  | "running"
  | "paused"
  | "pausing"
  | "jog"
  | "alarm"
  | "door closed, ready to resume"
  | "door open, stopped"
  | "door open, stopping"
  | "door closed, resuming"
  | "check"
  | "homing"
  | "sleep";

export type GrblStatus = {
  readonly kind: "status";
  readonly state: GrblState;
  /** mm; a report has machine or work position, and the offset between them only sometimes */
  readonly machineMm?: readonly number[];
  readonly workMm?: readonly number[];
  readonly offsetMm?: readonly number[];
  readonly feed?: number;
  readonly spindle?: number;
  /** whether the beam or spindle is energised; null: a power is set and nothing says that it is out */
  readonly energised: boolean | null;
  /** pins that are active: limits XYZ, P probe, D door, H hold, R reset, S start */
  readonly pins?: string;
  readonly overridesPercent?: readonly number[];
  readonly line?: number;
  readonly freeBlocks?: number;
};
export type GrblLine =
  | GrblStatus
  | {
      readonly kind: "event";
      readonly event: "reset" | "locked" | "unlocked" | "job_end" | "ok" | "startup_line" | "sleep" | "check_on" | "check_off";
    }
  | { readonly kind: "alarm"; readonly code: number }
  | { readonly kind: "error"; readonly code: number }
  | { readonly kind: "version"; readonly version: string }
  | { readonly kind: "setting"; readonly number: number; readonly value: number }
  | { readonly kind: "modes"; readonly modes: readonly string[] }
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "invalid"; readonly why: string };

export const grblCannot = [
  "be asked beside LightBurn: the port has one owner, and opening it resets the board in the middle of a job",
  "tell for sure that a job ended: only a program's M2 or M30 says so",
] as const;

const states: Readonly<Record<string, GrblState>> = {
  Idle: "idle",
  Run: "running",
  "Hold:0": "paused",
  "Hold:1": "pausing",
  Hold: "paused",
  Jog: "jog",
  Alarm: "alarm",
  "Door:0": "door closed, ready to resume",
  "Door:1": "door open, stopped",
  "Door:2": "door open, stopping",
  "Door:3": "door closed, resuming",
  Check: "check",
  Home: "homing",
  Sleep: "sleep",
};
const messages: Readonly<Record<string, Extract<GrblLine, { kind: "event" }>["event"]>> = {
  "'$H'|'$X' to unlock": "locked",
  "Reset to continue": "locked",
  "Caution: Unlocked": "unlocked",
  "Pgm End": "job_end",
  Enabled: "check_on",
  Disabled: "check_off",
  Sleeping: "sleep",
};

/** One line of the controller. */
export function parseGrbl(given: string): GrblLine {
  const line = given.trim();
  if (line.startsWith("<")) return statusOf(line);
  if (line === "ok") return { kind: "event", event: "ok" };
  if (/^Grbl \d/.test(line)) return { kind: "event", event: "reset" };
  if (line.startsWith(">")) return { kind: "event", event: "startup_line" };
  const coded = /^(ALARM|error):(\d{1,3})$/.exec(line);
  if (coded !== null) return { kind: coded[1] === "ALARM" ? "alarm" : "error", code: Number(coded[2]) };
  const setting = /^\$(\d{1,3})=(-?\d+(?:\.\d+)?)/.exec(line);
  if (setting !== null) return { kind: "setting", number: Number(setting[1]), value: Number(setting[2]) };
  const bracket = /^\[([A-Z]+):(.*)\]$/.exec(line);
  const text = bracket?.[2] ?? "";
  if (bracket?.[1] === "MSG") {
    const event = Object.hasOwn(messages, text) ? messages[text] : undefined;
    return event === undefined ? { kind: "message", text } : { kind: "event", event };
  }
  if (bracket?.[1] === "VER") {
    const version = /^v?(\d+\.\d+[a-z]?)/.exec(text)?.[1];
    return version === undefined ? { kind: "invalid", why: "a version without number" } : { kind: "version", version };
  }
  if (bracket?.[1] === "GC") return { kind: "modes", modes: text.split(" ").filter(Boolean) };
  return bracket === null ? { kind: "invalid", why: "no line of GRBL" } : { kind: "message", text };
}

function statusOf(line: string): GrblLine {
  const parts = /^<([^<>]*)>$/.exec(line)?.[1]?.split("|");
  const word = parts?.[0] ?? "";
  const state = Object.hasOwn(states, word) ? states[word] : undefined;
  if (parts === undefined || state === undefined) return { kind: "invalid", why: "a status report that is cut or of an unknown state" };
  const fields = new Map(parts.slice(1).map((part) => [part.slice(0, part.indexOf(":")), part.slice(part.indexOf(":") + 1)]));
  const numbers = (key: string): number[] | undefined => {
    const values = fields.get(key)?.split(",");
    return values?.every((value) => /^-?\d+(\.\d+)?$/.test(value)) === true ? values.map((value) => rounded(Number(value), 6)) : undefined;
  };
  const [feed, spindle] = numbers("FS") ?? numbers("F") ?? [];
  const entry = <K extends keyof GrblStatus>(key: K, value: GrblStatus[K] | undefined) => (value === undefined ? {} : { [key]: value });
  return {
    kind: "status",
    state,
    energised: energised(spindle, fields.get("A")),
    ...entry("machineMm", numbers("MPos")),
    ...entry("workMm", numbers("WPos")),
    ...entry("offsetMm", numbers("WCO")),
    ...entry("feed", feed),
    ...entry("spindle", spindle),
    ...entry("pins", fields.get("Pn")),
    ...entry("overridesPercent", numbers("Ov")),
    ...entry("line", numbers("Ln")?.[0]),
    ...entry("freeBlocks", numbers("Bf")?.[0]),
  };
}

/** `A` holds S or C while the spindle or laser turns; it comes only now and then. */
function energised(spindle: number | undefined, accessories: string | undefined): boolean | null {
  if (spindle === 0) return false;
  if (accessories === undefined) return null;
  return spindle !== undefined && /[SC]/.test(accessories);
}
