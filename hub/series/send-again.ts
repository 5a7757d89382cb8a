/** Minutes and hours that are kept, written to InfluxDB once more: after a loss there, or for a server that is new. */
import type { DatabaseSync } from "node:sqlite";
import { hourMs, minuteMs } from "./energy.ts";
import { machinesOf } from "./export.ts";
import { batchPoints, clientOf, influxPoint, rollupPoint, type Target } from "./influx.ts";
import { hourRollups, minuteRollups } from "./rollups.ts";

/** Sends what is over, machine by machine. Gives why it stopped, if it did; what had gone then is there, and may go again. */
export async function sendAgain(
  db: DatabaseSync,
  target: Target,
  asked: { readonly machines: readonly string[]; readonly fromMs: number; readonly toMs: number },
): Promise<{ readonly points: number; readonly trouble: string | null }> {
  const client = clientOf(target);
  let points = 0;
  try {
    await client.createDatabase(target.database);
    for (const machine of machinesOf(db)) {
      if (asked.machines.length > 0 && !asked.machines.includes(machine.machine)) continue;
      const last = db.prepare("SELECT last_ms FROM machines WHERE id = ?").get(machine.id)?.last_ms;
      const toMs = Math.min(asked.toMs, typeof last === "number" ? last : 0);
      const over = (stepMs: number): number => Math.floor(toMs / stepMs) * stepMs;
      const rollups = [
        ...minuteRollups(db, machine, asked.fromMs, over(minuteMs)),
        ...hourRollups(db, machine, Math.ceil(asked.fromMs / hourMs) * hourMs, over(hourMs)),
      ];
      for (let i = 0; i < rollups.length; i += batchPoints) {
        const batch = rollups.slice(i, i + batchPoints).map((one) => influxPoint(rollupPoint(one)));
        await client.writePoints(batch, { precision: "ms", database: target.database });
        points += batch.length;
      }
    }
    return { points, trouble: null };
  } catch (error) {
    return { points, trouble: (error instanceof Error ? error.message : String(error)).slice(0, 200) };
  }
}
