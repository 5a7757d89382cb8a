/** What the certificate worker is asked for and what it answers; apart from it so that asking does not load the library. */
import * as z from "zod";

/** Without an authority the job is a new authority itself; with one it is a server certificate signed by it. */
export const issueJob = z.object({
  commonName: z.string().min(1).max(64),
  names: z.array(z.string().min(1).max(253)).max(64),
  notBeforeMs: z.int(),
  notAfterMs: z.int(),
  authority: z.object({ certPem: z.string(), keyPem: z.string() }).nullable(),
});
export type IssueJob = z.infer<typeof issueJob>;
export const issued = z.object({ certPem: z.string(), keyPem: z.string() });
export type Issued = z.infer<typeof issued>;
