/** The thread of the desk: opens ledger and series of the space for reading when it starts, and does one piece of work at a time. */
import { parentPort, workerData } from "node:worker_threads";
import { CliError } from "../cli/command.ts";
import { HubError } from "../errors.ts";
import { Database } from "../ledger/database.ts";
import { ledgerPath } from "../ledger/ledger.ts";
import { makeReads } from "../ledger/reads.ts";
import { plainError } from "../ledger/refuse.ts";
import { createSeries } from "../series/index.ts";
import { systemClock } from "../system.ts";
import { type DeskAnswer, type DeskRequest, deskWork } from "./desk-work.ts";

const { dir } = workerData as { readonly dir: string };
const log = { info: () => {}, warn: () => {}, error: () => {} };
const db = new Database(ledgerPath(dir), { readOnly: true });
const read = makeReads(db, () => systemClock.nowMs());
const series = createSeries({ dir, influx: null }, { clock: systemClock, log });

async function answer(request: DeskRequest): Promise<DeskAnswer> {
  try {
    return { ok: true, value: await deskWork({ ledger: { read }, series: await series }, request) };
  } catch (error) {
    // What the terminal would say about the question.
    if (error instanceof CliError) return { ok: false, error: { code: "CONFLICT", sentence: error.message, fix: "" } };
    const known = error instanceof HubError ? error : new HubError("DESK_FAILED", error instanceof Error ? error.message : String(error));
    return { ok: false, error: plainError(known) };
  }
}

parentPort?.on("message", async (request: DeskRequest) => parentPort?.postMessage(await answer(request)));
