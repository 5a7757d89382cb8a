/**
 * `hosted.yaml`: one hosted node, as `koprade node adopt` writes it into a folder of its own below `hosted` in the data folder: what it
 * looks after, and the foreign devices behind it. A device's password is here as a hash; the keys of the node lie beside it.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { slug } from "#contract";
import { isDeviceName } from "../hosted/family.ts";
import { hostedFamily } from "../hosted/hosted.ts";

export const hostedFileName = "hosted.yaml";
const path = z.string().min(1).max(400);

const device = z.strictObject({
  /** its user name at our listener; also how it is called in logs */
  account: slug,
  family: z
    .string()
    .max(40)
    .refine((name) => hostedFamily(name) !== undefined, "a family that `koprade node discover --families` lists"),
  /** in its topics; the base URL or host name where we go to it */
  name: z.string().max(200),
  channel: z.int().min(0).max(31).default(0),
  options: z.record(z.string().max(40), z.string().max(2000)).default({}),
  parts: z.array(z.enum(["relay", "meter", "reader", "controller", "door"])).min(1),
  /** SHA-256 of its password, hex; null where it does not come to us */
  secretHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
});
export type HostedDeviceFile = z.infer<typeof device>;

export const hostedFile = z
  .strictObject({
    site: slug,
    node: slug,
    kind: z.enum(["door", "machine"]),
    ch: slug,
    hub: z.strictObject({ url: z.string().regex(/^mqtts?:\/\/[^\s/]+$/), caFile: path.exactOptional() }),
    /** `latching`: the relay outlives this program and the hub, for machines that a cut harms and nobody need watch */
    permit: z.enum(["hold", "latching"]).default("hold"),
    /** the relay falls by itself so long after the last word of the host */
    deadManS: z.int().min(5).max(64_800).default(300),
    devices: z.array(device).min(1).max(6),
  })
  .superRefine(({ devices, kind }, context) => {
    const say = (message: string) => context.addIssue({ code: "custom", message, path: ["devices"] });
    for (const { family, name, parts } of devices) {
      const known = hostedFamily(family);
      if (known === undefined) continue;
      if (known.transport.kind === "mqtt" && !isDeviceName(name)) say(`"${name}" cannot be a name in a topic`);
      for (const part of parts) if (!known.parts.includes(part)) say(`${family} has no ${part}`);
    }
    const all = devices.flatMap(({ parts }) => parts);
    for (const part of ["relay", "meter", "controller", "door"] as const)
      if (all.filter((one) => one === part).length > 1) say(`two devices are its ${part}`);
    if (kind === "machine" && !all.includes("relay")) say("a machine needs a device with a relay");
    if (kind === "door" && !all.includes("door")) say("a door needs a device that is a door");
  });
export type HostedFile = z.infer<typeof hostedFile>;

export type ReadHosted = { readonly ok: true; readonly value: HostedFile } | { readonly ok: false; readonly problems: readonly string[] };

/** Checks a parsed `hosted.yaml`; one sentence a mistake. */
export function readHosted(value: unknown, where: string): ReadHosted {
  const parsed = hostedFile.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  return {
    ok: false,
    problems: parsed.error.issues
      .slice(0, 20)
      .map(({ path: at, message }) => `${where}${at.length === 0 ? "" : `: ${at.join(".")}`}: ${message}.`),
  };
}

/** The same for as long as nobody puts another device there (contract: node.boot). */
export const hostedWiring = ({ kind, devices }: HostedFile): string =>
  createHash("sha256")
    .update(JSON.stringify([kind, ...devices.map(({ family, name, channel, parts }) => [family, name, channel, parts])]))
    .digest("hex")
    .slice(0, 16);

/** 128 bits that a person can type: some families take 32 characters at most. */
export const newDevicePassword = (): string => randomBytes(16).toString("hex");
export const passwordHash = (password: string): string => createHash("sha256").update(password).digest("hex");

export function isPassword(secretHash: string | null, given: Uint8Array): boolean {
  if (secretHash === null || given.length === 0 || given.length > 200) return false;
  return timingSafeEqual(createHash("sha256").update(given).digest(), Buffer.from(secretHash, "hex"));
}
