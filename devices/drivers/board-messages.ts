/** What the process of a board and its supervisor say to each other. Both sides check what they hear. */
import type { ClampConfig, DisplayConfig, InputConfig, OutputConfig, OutputOutcome, ResetCause, WiegandConfig } from "./board-ports.ts";

/** What one board is wired to. Names are the node's words: "strike", "permit", "door-contact". */
export interface BoardConfig {
  /** `/dev/serial/by-id/…` */
  readonly path: string;
  readonly baudRate: number;
  readonly outputs: Readonly<Record<string, OutputConfig>>;
  readonly inputs: Readonly<Record<string, InputConfig>>;
  readonly clamps?: Readonly<Record<string, ClampConfig>>;
  readonly wiegand?: Readonly<Record<string, WiegandConfig>>;
  readonly display?: DisplayConfig | undefined;
}

/** Supervisor to worker. `alive` comes every second; a worker that misses it drops its outputs and ends. */
export type ToWorker =
  | { readonly kind: "open"; readonly config: BoardConfig }
  | { readonly kind: "write"; readonly id: number; readonly output: string; readonly isOn: boolean }
  | { readonly kind: "pulse"; readonly id: number; readonly output: string; readonly pulseMs: number }
  | { readonly kind: "show"; readonly lines: readonly string[] }
  | { readonly kind: "alive" }
  | { readonly kind: "close" };

/** Of our firmware's hello: why the board started, and how often it has. */
export interface BoardStart {
  readonly resetCause: ResetCause;
  readonly boots: number;
}

/** Worker to supervisor. `start` is null with other firmware, and where the board did not say. `absent`: there is no port yet, the worker waits for it. After `lost` the worker ends. */
export type FromWorker =
  | { readonly kind: "absent"; readonly why: string }
  | { readonly kind: "opening" }
  | {
      readonly kind: "ready";
      readonly firmware: string;
      readonly outputsOn: readonly string[];
      readonly watchdogMs: number | null;
      readonly start: BoardStart | null;
    }
  | { readonly kind: "done"; readonly id: number; readonly outcome: OutputOutcome }
  | { readonly kind: "changed"; readonly input: string; readonly level: "high" | "low" }
  | { readonly kind: "window"; readonly clamp: string; readonly rmsV: number; readonly isCut: boolean }
  | { readonly kind: "display"; readonly isThere: boolean }
  | { readonly kind: "word"; readonly reader: string; readonly word: string }
  | { readonly kind: "alive" }
  | { readonly kind: "lost"; readonly why: string; readonly start: BoardStart | null };

export function readToWorker(message: unknown): ToWorker | undefined {
  if (!isRecord(message)) return undefined;
  const { kind, id, output, isOn, pulseMs, config, lines } = message;
  if (kind === "alive" || kind === "close") return { kind };
  if (kind === "show") return isTexts(lines) ? { kind, lines } : undefined;
  if (kind === "open") return isBoardConfig(config) ? { kind, config } : undefined;
  if (typeof id !== "number" || typeof output !== "string") return undefined;
  if (kind === "write" && typeof isOn === "boolean") return { kind, id, output, isOn };
  if (kind === "pulse" && typeof pulseMs === "number") return { kind, id, output, pulseMs };
  return undefined;
}

export function readFromWorker(message: unknown): FromWorker | undefined {
  if (!isRecord(message)) return undefined;
  const { kind, firmware, outputsOn, watchdogMs, id, outcome, input, level, why, clamp, rmsV, isCut, reader, word, start, isThere } =
    message;
  if (kind === "alive" || kind === "opening") return { kind };
  if (kind === "absent" && typeof why === "string") return { kind, why };
  if (kind === "lost" && typeof why === "string" && isStart(start)) return { kind, why, start };
  if (kind === "ready" && typeof firmware === "string" && isTexts(outputsOn) && isStart(start)) {
    if (typeof watchdogMs === "number" || watchdogMs === null) return { kind, firmware, outputsOn, watchdogMs, start };
  }
  if (kind === "done" && typeof id === "number" && isOutcome(outcome)) return { kind, id, outcome };
  if (kind === "changed" && typeof input === "string" && (level === "high" || level === "low")) return { kind, input, level };
  if (kind === "window" && typeof clamp === "string" && typeof rmsV === "number" && typeof isCut === "boolean")
    return { kind, clamp, rmsV, isCut };
  if (kind === "display" && typeof isThere === "boolean") return { kind, isThere };
  if (kind === "word" && typeof reader === "string" && typeof word === "string") return { kind, reader, word };
  return undefined;
}

const failures: ReadonlySet<unknown> = new Set(["not ready", "board lost", "not applied", "no answer"]);

function isOutcome(value: unknown): value is OutputOutcome {
  return isRecord(value) && (value.kind === "applied" || (value.kind === "failed" && failures.has(value.why)));
}

const causes: ReadonlySet<unknown> = new Set<ResetCause>(["power-on", "external", "brown-out", "watchdog", "unknown"]);

function isStart(value: unknown): value is BoardStart | null {
  return value === null || (isRecord(value) && causes.has(value.resetCause) && Number.isInteger(value.boots));
}

function isBoardConfig(value: unknown): value is BoardConfig {
  if (!isRecord(value)) return false;
  const { path, baudRate, outputs, inputs, clamps = {}, wiegand = {}, display } = value;
  return (
    typeof path === "string" &&
    typeof baudRate === "number" &&
    (display === undefined || isDisplayConfig(display)) &&
    isRecordOf(outputs, isOutputConfig) &&
    isRecordOf(inputs, isInputConfig) &&
    isRecordOf(clamps, (each): each is ClampConfig => isRecord(each) && Number.isInteger(each.channel)) &&
    isRecordOf(wiegand, (each): each is WiegandConfig => isRecord(each) && Number.isInteger(each.pin0) && Number.isInteger(each.pin1))
  );
}

function isDisplayConfig(value: unknown): value is DisplayConfig {
  return isRecord(value) && [value.address, value.columns, value.rows].every(Number.isInteger);
}

function isOutputConfig(value: unknown): value is OutputConfig {
  if (!isRecord(value)) return false;
  const { pin, activeLow, type, durationMs } = value;
  if (!Number.isInteger(pin) || typeof activeLow !== "boolean") return false;
  return type === "hold" || type === "latch" || (type === "pulse" && Number.isInteger(durationMs));
}

function isInputConfig(value: unknown): value is InputConfig {
  if (!isRecord(value)) return false;
  const { pin, pullup, debounceMs } = value;
  return Number.isInteger(pin) && typeof pullup === "boolean" && typeof debounceMs === "number" && debounceMs >= 0;
}

function isRecordOf<Value>(value: unknown, isValue: (each: unknown) => each is Value): value is Record<string, Value> {
  return isRecord(value) && Object.values(value).every(isValue);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
