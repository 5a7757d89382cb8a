/** What the pages that add a machine read from the hub. */
import * as z from "zod";

export const machineTemplates = z.array(
  z.object({
    name: z.enum(["laser", "fdm", "cnc", "saw"]),
    attendance: z.string(),
    leaseMs: z.number(),
    idleMs: z.number(),
    enableMs: z.number(),
    graceMs: z.number(),
    settings: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  }),
);
export type MachineTemplate = z.infer<typeof machineTemplates>[number];
export const bench = z.object({ node: z.string(), ch: z.string() });
