/** What the certificate program is asked for and what it answers; apart from it so that asking does not load the library. */
import * as z from "zod";

export const issued = z.object({ certPem: z.string(), keyPem: z.string() });
export type Issued = z.infer<typeof issued>;

/** A server certificate signed by `authority`, or, without one, by an authority made first. */
export const issueJob = z.object({
  site: z.string().min(1).max(40),
  names: z.array(z.string().min(1).max(253)).min(1).max(64),
  notBeforeMs: z.int(),
  notAfterMs: z.int(),
  authorityNotAfterMs: z.int(),
  authority: issued.nullable(),
});
export type IssueJob = z.infer<typeof issueJob>;
export const issueAnswer = z.object({ authority: issued, server: issued });
export type IssueAnswer = z.infer<typeof issueAnswer>;
