/** Parts for tests of ledger and series: real clock, collecting log, temporary folders, events that make sense. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EventBody, ulidOf } from "../../hub/contract/index.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import type { Ledger, LedgerConfig } from "../../hub/ledger/types.ts";
import type { Clock, LedgerEvent, Log } from "../../hub/ports.ts";

export const realClock: Clock = {
  nowMs: () => Date.now(),
  monoMs: () => Math.round(performance.now()),
  after(_name, delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  every(_name, periodMs, run) {
    const timer = setInterval(run, periodMs);
    return () => clearInterval(timer);
  },
};

export const quietLog = (): Log & { readonly lines: string[] } => {
  const lines: string[] = [];
  const add = (facts: Record<string, unknown>, sentence: string): void => void lines.push(`${sentence} ${JSON.stringify(facts)}`);
  return { lines, info: add, warn: add, error: add };
};

export function temporaryDir(name = "koprade-"): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), name));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export async function aLedger(dir: string, config: Partial<LedgerConfig> = {}, clock: Clock = realClock): Promise<Ledger> {
  return openLedger({ dir, site: "valmiera", tz: "Europe/Riga", ...config }, { clock, log: quietLog() });
}

/** Tests are about other things than wiring: every machine counts as taken over as it is. */
export async function takeOverAll({ read, change }: Pick<Ledger, "read" | "change">): Promise<void> {
  for (const { id, kind } of read.resources())
    if (kind === "machine") await change.takeOver({ resource: id, reason: "a test" }, "cli:test");
}

export const bootOf = (n: number): string => n.toString(16).padStart(16, "0");
export const startMs = Date.UTC(2026, 9, 1, 8);
let made = 0;
export const anId = (n: number = made++): string => ulidOf(startMs + n, Uint8Array.from([0, 0, 0, 0, 0, 0, n >> 24, n >> 16, n >> 8, n]));

export function anEvent(seq: number, body: EventBody = { kind: "door.rex" }, change: Partial<LedgerEvent> = {}): LedgerEvent {
  const evtMs = startMs + seq * 1000;
  return {
    node: "node-1",
    boot: bootOf(1),
    seq,
    ch: "ch-1",
    atMono: seq * 1000,
    atMs: evtMs,
    tq: "synced",
    evtMs,
    recvMs: evtMs + 20,
    tqHub: "synced",
    body,
    ...change,
  };
}
