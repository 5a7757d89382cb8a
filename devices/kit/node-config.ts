/**
 * `node.yaml`: which node this is, where its hub is, and what is wired to which pin. A mistake is answered with one sentence
 * that says where it stands and what is allowed. Keys are in a second file that only the node may read.
 */
import * as z from "zod";
import { readWords, slug } from "#contract";
import { previousKeys } from "./keyring.ts";
import {
  boardDisplay,
  boardLamp,
  devicePath as device,
  doorReader,
  machineMeter,
  machineReader,
  boardOutput as output,
  boardPin as pin,
} from "./node-devices.ts";

const path = z.string().min(1).max(400);
const input = z.strictObject({
  pin,
  pullup: z.boolean().default(true),
  activeWhen: z.enum(["high", "low"]).default("low"),
  debounceMs: z.int().min(0).max(5000).exactOptional(),
});
const setting = z.record(z.string().max(40), z.union([z.number(), z.string().max(80), z.boolean()]));
const board = z.strictObject({ port: device, baudRate: z.int().min(1200).max(1_000_000).default(57_600) });
const hub = z.strictObject({
  url: z.string().regex(/^mqtts?:\/\/[^\s/]+$/, "mqtts://host:8883"),
  /** the site's CA certificate; without it the computer's own CAs are trusted */
  caFile: path.exactOptional(),
  /** the hub's eight words: a new node takes keys from no other hub */
  words: z
    .string()
    .transform((text, context) => {
      const words = readWords(text);
      if (words !== undefined) return words;
      context.addIssue("eight words as `koprade node window open` on the hub shows them");
      return z.NEVER;
    })
    .exactOptional(),
  /** plain MQTT can be read and forged by anybody on the network */
  allowPlain: z.boolean().default(false),
});
const common = {
  site: slug,
  node: slug,
  hub,
  keysFile: path.default("node-keys.json"),
  dataFolder: path.default("node-data"),
  /** this computer has a battery clock or its own NTP: its time counts as holdover before the hub's first beacon */
  trustSystemClock: z.boolean().default(false),
  /** of its display; without it the space's */
  language: z.enum(["lv", "sv", "nb", "en"]).exactOptional(),
  logLevel: z.enum(["info", "warn", "error"]).default("info"),
  /** for tests and unusual networks */
  times: z
    .strictObject({
      heartbeatMs: z.int().min(100).max(60_000).exactOptional(),
      backoffMinMs: z.int().min(10).max(60_000).exactOptional(),
      backoffMaxMs: z.int().min(10).max(600_000).exactOptional(),
      ackLimitMs: z.int().min(100).max(60_000).exactOptional(),
      hubLossMs: z.int().min(100).max(60_000).exactOptional(),
      mqttKeepaliveMs: z.int().min(5000).max(300_000).exactOptional(),
      askSoftMs: z.int().min(100).max(2500).exactOptional(),
      askHardMs: z.int().min(2500).max(10_000).exactOptional(),
      failFastMs: z.int().min(0).max(600_000).exactOptional(),
      watchdogMs: z.int().min(1000).max(3_600_000).exactOptional(),
    })
    .prefault({}),
};

export const doorConfig = z.strictObject({
  ...common,
  kind: z.literal("door"),
  board,
  door: z.strictObject({
    ch: slug.default("door"),
    reader: doorReader,
    strike: output,
    /** active when the door is closed */
    contact: input.exactOptional(),
    exitButton: input.exactOptional(),
    lamp: boardLamp.exactOptional(),
    display: boardDisplay.exactOptional(),
    beeper: output.exactOptional(),
    siren: output.exactOptional(),
    settings: setting.default({}),
  }),
});

export const machineConfig = z.strictObject({
  ...common,
  kind: z.literal("machine"),
  board,
  machine: z.strictObject({
    ch: slug.default("machine"),
    reader: machineReader,
    permit: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("hold"), ...output.shape }),
      z.strictObject({ kind: z.literal("pulse"), start: output, stop: output, pressMs: z.int().min(100).max(3000).default(750) }),
    ]),
    /** active when the contactor is in */
    aux: input.exactOptional(),
    meter: machineMeter.exactOptional(),
    ancillary: z.strictObject({ output, ready: input.exactOptional() }).exactOptional(),
    /** parts that need their own training, by the names the hub knows them under */
    accessories: z.record(slug, output).default({}),
    stopButton: input.exactOptional(),
    oopsButton: input.exactOptional(),
    /** active when the safety circuit is open */
    safety: input.exactOptional(),
    /** active when the key switch bypasses the node */
    bypass: input.exactOptional(),
    lamp: boardLamp.exactOptional(),
    display: boardDisplay.exactOptional(),
    beeper: output.exactOptional(),
    settings: setting.default({}),
  }),
});

export const nodeConfigFile = z.discriminatedUnion("kind", [doorConfig, machineConfig]);
export type DoorConfigFile = z.infer<typeof doorConfig>;
export type MachineConfigFile = z.infer<typeof machineConfig>;
export type NodeConfigFile = DoorConfigFile | MachineConfigFile;
export type OutputWiring = z.infer<typeof output>;
export type LampWiring = z.infer<typeof boardLamp>;
export type DisplayWiring = z.infer<typeof boardDisplay>;
export type InputWiring = z.infer<typeof input>;

const key32 = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, "32 bytes in base64url")
  .transform((text) => Uint8Array.fromBase64(text, { alphabet: "base64url" }));
const key16 = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/, "16 bytes in base64url")
  .transform((text) => Uint8Array.fromBase64(text, { alphabet: "base64url" }));
/** What the hub hands out when a node is added; the file is for the node alone (mode 600). */
export const nodeKeysFile = z.strictObject({
  /** MQTT password */
  secret: z.string().min(16).max(200),
  mac: key32,
  card: key32,
  /** the hub's Ed25519 public key, SPKI in base64url */
  hub: z
    .string()
    .regex(/^[A-Za-z0-9_-]{59}$/, "an Ed25519 public key (SPKI) in base64url")
    .transform((text) => Uint8Array.fromBase64(text, { alphabet: "base64url" })),
  /** by which cards prove themselves; missing in files of nodes that were added before there were any */
  cards: z.strictObject({ generation: z.int().min(1).max(255), identity: key16, proof: key16 }).exactOptional(),
  /** an adopted node's: who it is, and the certificate that signs its hub's */
  site: slug.exactOptional(),
  node: slug.exactOptional(),
  ca: z.string().max(4000).nullable().exactOptional(),
  previous: previousKeys.exactOptional(),
});

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly string[] };

/** Checks a parsed `node.yaml`. Never throws; one sentence per mistake. */
export function readNodeConfig(value: unknown, where: string): Read<NodeConfigFile> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { ok: false, problems: [`${where}: must hold fields like "site: valmiera", one per line.`] };
  }
  const parsed = nodeConfigFile.safeParse(value);
  if (!parsed.success) return { ok: false, problems: sentences(parsed.error, where) };
  const problems = [...plainProblems(parsed.data, where), ...pinProblems(parsed.data, where), ...latchingProblems(parsed.data, where)];
  return problems.length === 0 ? { ok: true, value: parsed.data } : { ok: false, problems };
}

export function readNodeKeys(value: unknown, where: string): Read<z.infer<typeof nodeKeysFile>> {
  const parsed = nodeKeysFile.safeParse(value);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, problems: sentences(parsed.error, where) };
}

function sentences(error: z.ZodError, where: string): string[] {
  return error.issues.slice(0, 20).map((issue) => {
    const place = issue.path.length === 0 ? where : `${where}: ${issue.path.join(".")}`;
    if (issue.code === "unrecognized_keys")
      return `${place}: unknown field ${issue.keys.map((key) => `"${key}"`).join(", ")}; remove it or correct its spelling.`;
    if (issue.code === "invalid_type" && issue.input === undefined) return `${place} is missing; expected ${issue.expected}.`;
    return `${place}: ${issue.message.replace(/^Invalid (input|string): ?/, "")}.`;
  });
}

function plainProblems(config: NodeConfigFile, where: string): string[] {
  if (!config.hub.url.startsWith("mqtt:") || config.hub.allowPlain) return [];
  return [`${where}: hub.url: plain mqtt:// can be read and forged by anybody on the network; use mqtts://, or set hub.allowPlain: true.`];
}

/** A contactor that seals itself in may be on when the node starts: only its auxiliary contact tells. */
function latchingProblems(config: NodeConfigFile, where: string): string[] {
  if (config.kind !== "machine" || config.machine.permit.kind === "hold" || config.machine.aux !== undefined) return [];
  return [
    `${where}: machine.permit: a latching permit (pulse) needs machine.aux, the contactor's auxiliary contact; wire it, or use hold.`,
  ];
}

/** Two things on one pin would switch each other. */
function pinProblems(config: NodeConfigFile, where: string): string[] {
  const seen = new Map<number, string>();
  const problems: string[] = [];
  const visit = (value: unknown, name: string) => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (!/^(pin[0-3]?|red|green|blue|sda|scl)$/.test(key) || typeof inner !== "number") visit(inner, `${name}.${key}`);
      else if (seen.has(inner)) problems.push(`${where}: ${name}.${key}: pin ${inner} is taken by ${seen.get(inner)} already.`);
      else seen.set(inner, name);
    }
  };
  if (config.kind === "door") visit(config.door, "door");
  else visit(config.machine, "machine");
  return problems;
}
