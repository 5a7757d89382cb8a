/** What the pages of accounts read from the hub. */
import * as z from "zod";
import { roles } from "../../shared/wire.ts";

const role = z.enum(roles).catch("member");
const instant = z.number().nullable();

export const halfOrSignedIn = z.object({ state: z.enum(["signed_in", "second_step"]) });
export const offered = z.looseObject({ challenge: z.string() });
export const passkey = z.object({ id: z.string(), name: z.string(), madeMs: z.number(), usedMs: instant });
export const myAccount = z.object({
  name: z.string(),
  mail: z.string(),
  role,
  member: z.number().nullable(),
  hasTotp: z.boolean(),
  passkeys: z.array(passkey),
});
export const totpOffer = z.object({ uri: z.string(), recoveryCodes: z.array(z.string()) });
export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
const pageOf = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item), next: z.string().nullable() });
export const sessions = pageOf(z.object({ id: z.string(), madeMs: z.number(), seenMs: z.number(), agent: z.string(), here: z.boolean() }));
export const apiKeys = pageOf(
  z.object({
    id: z.string(),
    name: z.string(),
    role,
    scope: z.enum(["read", "commands"]),
    madeMs: z.number(),
    expiresMs: instant,
    usedMs: instant,
  }),
);
export const madeKey = z.object({ secret: z.string() });
export const accounts = pageOf(
  z.object({
    id: z.string(),
    name: z.string(),
    mail: z.string(),
    role,
    member: z.number().nullable(),
    hasTotp: z.boolean(),
    passkeys: z.number(),
    seenMs: instant,
  }),
);
export const invitations = pageOf(
  z.object({
    id: z.string(),
    role,
    member: z.number().nullable(),
    name: z.string(),
    account: z.string().nullable(),
    expiresMs: z.number(),
  }),
);
export const link = z.object({ id: z.string(), token: z.string(), expiresMs: z.number() });
export const invitation = z.object({ name: z.string(), role, mail: z.string().nullable(), isNew: z.boolean() });

export type Account = z.infer<typeof accounts>["items"][number];
