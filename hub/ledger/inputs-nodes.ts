/** Commands about the boxes themselves: how they come, and how one takes another's place. */
import * as z from "zod";
import { slug } from "#contract";

/** A window longer than this is no window (security.md R44). */
export const enrolWindowMs = 600_000;

const x25519 = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "an X25519 public key in base64url");
const certificate = z.string().max(4000).nullable();

export const nodeInputs = {
  /** For so long new nodes may say hello; it closes by itself. */
  openEnrolment: z.strictObject({ forMs: z.int().min(10_000).max(enrolWindowMs).default(enrolWindowMs) }),
  closeEnrolment: z.strictObject({}),
  /** A person has compared the words of this key. `bind`: what hangs on its channels from now on. */
  adoptNode: z.strictObject({
    node: slug,
    kind: z.enum(["door", "machine", "mixed"]),
    label: z.string().trim().max(60).default(""),
    /** X25519, raw, base64url */
    publicKey: x25519,
    /** certificate that signs the broker's, PEM; null where the computer's own list counts */
    ca: certificate,
    bind: z
      .array(z.strictObject({ resource: slug, ch: slug }))
      .max(16)
      .default([]),
    /** the node exists: it gets new keys, such as after its card died */
    again: z.boolean().default(false),
  }),
  /** New secret and seal for a node that is there, encrypted to its `boxKey`; the old ones hold until it has come with the new. */
  rekeyNode: z.strictObject({ node: slug, boxKey: x25519, ca: certificate }),
  /** The node has come with its next keys: from now on those are its keys, and the old ones are void. */
  confirmKeys: z.strictObject({ node: slug }),
  /** What hung on a node hangs on another one from now on, on channels of the same names unless told otherwise; the first is revoked. */
  replaceNode: z.strictObject({
    node: slug,
    by: slug,
    channels: z.record(slug, slug).default({}),
  }),
} as const;

export type NodeResults = {
  openEnrolment: { readonly untilMs: number };
  adoptNode: { readonly node: string; readonly fp: string };
  replaceNode: { readonly moved: readonly { readonly resource: string; readonly ch: string }[] };
};
