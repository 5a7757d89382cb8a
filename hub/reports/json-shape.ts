/**
 * The shape of a report as JSON (`koprade-month-report/4`): what `reportJson` writes, and what month-report.schema.json says to
 * whoever reads it without us. The same keys as in CSV; a number is null where it is not known.
 */
import * as z from "zod";

const cell = z.union([z.string(), z.number(), z.null()]);
const named = z.record(z.string(), cell).describe("cells under the keys of the columns");

export const reportShape = z.strictObject({
  schema: z.literal("koprade-month-report/4"),
  pack: z.string().describe("which document of the pack"),
  title: z.string(),
  period: z.string().describe("what it is about in time, in words"),
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .describe("YYYY-MM, in `zone`"),
  siteName: z.string(),
  zone: z.string().describe("IANA time zone of the space"),
  madeMs: z.int().describe("when it was made or closed, in ms since 1970 UTC"),
  simulated: z.boolean().describe("nothing in it happened"),
  language: z.enum(["en", "lv", "sv", "nb"]),
  running: z.boolean().describe("the month still runs: counted until `madeMs`"),
  seal: z
    .strictObject({ number: z.int(), revision: z.int(), hash: z.string().regex(/^[0-9a-f]{64}$/), closedMs: z.int() })
    .nullable()
    .describe("number, revision and SHA-256 of the figures of a closed month; null for a draft"),
  quality: z.array(z.string()).describe("what is missing or doubtful"),
  sentences: z.array(z.string()).describe("what the month comes down to, by rules"),
  charts: z.array(z.strictObject({ id: z.string(), title: z.string(), summary: z.string(), table: z.string() })),
  tables: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      note: z.string().describe("how it counts"),
      columns: z.array(
        z.strictObject({
          key: z
            .string()
            .regex(/^[a-z0-9_]+$/)
            .describe("the same in every language"),
          label: z.string(),
          unit: z.string().nullable(),
          numeric: z.boolean(),
          digits: z.int().optional().describe("decimals that are shown"),
          date: z.enum(["day", "month", "instant"]).optional().describe("the texts are YYYY-MM-DD, YYYY-MM or YYYY-MM-DD hh:mm in `zone`"),
        }),
      ),
      rows: z.array(named),
      total: named.nullable(),
    }),
  ),
});

/** JSON Schema 2020-12 of it, as the file beside this one holds it. */
export const reportSchema = (): object => ({
  $id: "https://koprade.invalid/month-report.schema.json",
  title: "Month report of a makerspace",
  ...z.toJSONSchema(reportShape, { target: "draft-2020-12" }),
});
