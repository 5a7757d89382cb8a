/** The floor of storing: every sample a bare row, a second's worth in one transaction, no fold, no check. workerData: the file. */
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

const db = new DatabaseSync(String(workerData));
db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE samples (machine TEXT, at_ms INTEGER, power_w REAL) STRICT");
const insert = db.prepare("INSERT INTO samples (machine, at_ms, power_w) VALUES (?, ?, ?)");

parentPort?.on("message", (batch: readonly (readonly [machine: string, atMs: number, powerW: readonly number[]])[]) => {
  db.exec("BEGIN");
  for (const [machine, atMs, powerW] of batch) for (const [i, watt] of powerW.entries()) insert.run(machine, atMs + i * 1000, watt);
  db.exec("COMMIT");
});
