/** `koprade node discover`, and `node adopt FAMILY:NAME`: devices that people own already, behind a door or machine of Koprade. */
import { setTimeout as pause } from "node:timers/promises";
import type { Config } from "../config.ts";
import { closeDiscovery, discoverMsMax, type HeardDevices, heardDevices, openDiscovery } from "../host/discovery.ts";
import { type HostedDeviceFile, type HostedFile, newDevicePassword, passwordHash, readHosted } from "../host/hosted-file.ts";
import { hasHosted, hostFolder, writeHosted } from "../host/hosted-folder.ts";
import type { HostedFamily, Part } from "../hosted/family.ts";
import { hostedFamilies, hostedFamily } from "../hosted/hosted.ts";
import { nodeKeysText } from "../ledger/keys.ts";
import { badUsage, type Context, command, failed, type Outcome } from "./command.ts";
import { configOf, withLedger } from "./data.ts";
import { trustOf } from "./node-add.ts";
import { wrapped } from "./text.ts";
import { list as parts, wholeNumber } from "./values.ts";

/** The way to say which device: `tasmota:laser-plug`; unlike eight words or sixteen digits. */
export const isForeign = (text: string): boolean => /^[a-z0-9-]{2,40}:/.test(text);

const defaultWaitS = 10;
/** what a family's devices are taken for unless somebody says otherwise */
const usualParts: readonly Part[] = ["relay", "meter", "reader", "controller", "door"];

export const discover = command({
  summary: "let foreign devices in to be looked at, and list what comes: what it is, what it cannot do, how to adopt it",
  args: {
    what: { type: "positional", required: false, description: "close ends it at once" },
    min: { type: "string", default: "10", valueHint: "minutes", description: "how long strangers are let in, 1 to 10" },
    wait: {
      type: "string",
      default: String(defaultWaitS),
      valueHint: "seconds",
      description: "how long to listen before listing, 0 to 120",
    },
    families: { type: "boolean", description: "list the families that can be hosted, what each can be and cannot do" },
  },
  examples: ["koprade node discover", "koprade node discover --families", "koprade node discover close"],
  async run(given, context) {
    if (given.families === true) return familiesKnown();
    if (given.what !== undefined && given.what !== "close") throw badUsage(`"${given.what}" is not known; leave it out, or give close.`);
    const folder = hostFolder(context.dataDir);
    if (given.what === "close") {
      closeDiscovery(folder);
      return { lines: ["Strangers are not let in any more."], json: { untilMs: null } };
    }
    const port = foreignPortOf(configOf(context.dataDir, context.world));
    const untilMs = context.world.clock.nowMs() + Math.min(discoverMsMax, wholeNumber("--min", given.min, 1, 10) * 60_000);
    try {
      openDiscovery(folder, untilMs);
    } catch {
      throw failed("No host of foreign devices has run here yet. Start the hub with `koprade start`, then look again.");
    }
    await pause(wholeNumber("--wait", given.wait, 0, 120) * 1000);
    const found = heardDevices(folder, context.world.clock.nowMs() - discoverMsMax);
    const until = `Strangers are let in for ${given.min} min, are only looked at, and hear nothing; \`koprade node discover close\` ends it.`;
    if (found.length === 0)
      return {
        lines: [
          `Nothing foreign is heard on port ${port} yet.`,
          "Point a device's MQTT there, with any user and password, and look again.",
          ...wrapped(until, ""),
        ],
        json: [],
      };
    const lines = found.flatMap(foundLines);
    return {
      lines: [...lines, ...wrapped(until, "")],
      json: found.map((one) => ({ ...one, cannot: hostedFamily(one.family)?.cannot ?? [] })),
    };
  },
});

/** What it is, where, what it cannot do, and the command to copy: at most 96 columns, but for the command. */
function foundLines({ family, name, model, address }: HeardDevices[number]): string[] {
  const known = hostedFamily(family);
  const place = known?.parts.includes("door") === true ? "--door DOOR" : "--machine MACHINE";
  return [
    `${family}:${name}  ${model === null ? "" : `${model}, `}at ${address}`,
    ...wrapped(`can be: ${(known?.parts ?? []).join(", ")}`, "  "),
    ...(known?.cannot ?? []).flatMap((sentence) => wrapped(`cannot ${sentence}`, "  ")),
    `  koprade node adopt ${family}:${name} --node NODE ${place}`,
  ];
}

function familiesKnown(): Outcome {
  const rows = Object.entries<HostedFamily>(hostedFamilies);
  const lines = rows.flatMap(([name, { label, parts: can, cannot, options }]) => [
    ...wrapped(`${name}: ${label}. Can be: ${can.join(", ")}.`, ""),
    ...Object.entries(options).flatMap(([option, { about, required }]) =>
      wrapped(`--option ${option}=…  ${about}${required ? " (needed)" : ""}`, "  "),
    ),
    ...cannot.flatMap((sentence) => wrapped(`cannot ${sentence}`, "  ")),
  ]);
  return {
    lines,
    json: rows.map(([name, { label, parts: can, cannot, options }]) => ({ family: name, label, parts: can, cannot, options })),
  };
}

function foreignPortOf(config: Config): number {
  if (config.mqtt.foreignPort !== null) return config.mqtt.foreignPort;
  throw failed("There is no port for foreign devices. Set mqtt.foreignPort in koprade.yaml, such as 1884, and start the hub again.");
}

/** How a device that speaks MQTT gets to the host: to our port, or over the space's own broker. */
function needWay(config: Config, isBridged: boolean): void {
  if (!isBridged) foreignPortOf(config);
  else if (config.mqtt.bridge === null)
    throw failed(
      "The space's own broker is not known. Set mqtt.bridge in koprade.yaml, such as { url: mqtt://… }, and start the hub again.",
    );
}

/** What `node adopt` takes beside what it takes for nodes of our own. */
export const foreignOptions = {
  option: {
    type: "string",
    valueHint: "name=value,…",
    description: "of a foreign device: what its family needs (koprade node discover --families)",
  },
  latching: {
    type: "boolean",
    description: "of a foreign device: its relay outlives hub and host; for machines with cut hazard that may work alone",
  },
  "dead-man": {
    type: "string",
    valueHint: "seconds",
    description: "of a foreign device: its relay falls so long after the last word (default 300)",
  },
  bridge: { type: "boolean", description: "of a foreign device: it stays at the space's own broker (mqtt.bridge in koprade.yaml)" },
} as const;
export type ForeignGiven = {
  readonly words: string;
  readonly node?: string | undefined;
  readonly label: string;
  readonly door?: string | undefined;
  readonly machine?: string | undefined;
  readonly ch?: string | undefined;
  readonly option?: string | undefined;
  readonly latching?: boolean | undefined;
  readonly "dead-man"?: string | undefined;
  readonly bridge?: boolean | undefined;
};

/** Makes the node, its devices' accounts and its folder; the running host begins with it within a second. */
export async function adoptForeign(given: ForeignGiven, context: Context): Promise<Outcome> {
  const node = given.node ?? /^[^:]+:([a-z0-9-]{3,32})/.exec(given.words)?.[1];
  if (node === undefined) throw badUsage("Its name cannot be a node's; give one with --node.");
  const resource = given.door ?? given.machine;
  const kind = given.door === undefined ? "machine" : "door";
  const folder = hostFolder(context.dataDir);
  if (hasHosted(folder, node))
    throw failed(`${node} is a hosted node already; \`koprade node remove\` it first, or choose another --node.`);
  const passwords = new Map<string, string>();
  const devices = parts(given.words).map((text, i) => deviceOf(text, i === 0 ? node : `${node}-${i + 1}`, given, passwords));
  needKnown(
    given.option,
    devices.map(({ family }) => family),
  );
  return withLedger(context, async (ledger, config) => {
    if (devices.some(({ family }) => hostedFamily(family)?.transport.kind === "mqtt")) needWay(config, given.bridge === true);
    const row = resource === undefined ? undefined : ledger.read.resource(resource);
    if (resource !== undefined && row === undefined) throw failed(`There is no ${kind} "${resource}"; see \`koprade ${kind} list\`.`);
    if (row !== undefined && row.kind !== kind) throw failed(`${row.id} is a ${row.kind}; name it with --${row.kind}.`);
    const trust = await trustOf(config, context, "127.0.0.1");
    const ch = given.ch ?? kind;
    const permit = given.latching === true ? "latching" : "hold";
    const deadManS =
      given["dead-man"] === undefined ? (permit === "latching" ? 64_800 : 300) : wholeNumber("--dead-man", given["dead-man"], 20, 64_800);
    const hub = { url: trust.hubUrl, ...(trust.caPem === null ? {} : { caFile: "ca.crt" }) };
    const file = checked({ site: config.site, node, kind, ch, hub, permit, deadManS, devices });
    const { secret } = await ledger.change.addNode(
      { node, kind: "hosted", label: given.label, accounts: [...passwords.keys()] },
      context.actor,
    );
    if (given.machine !== undefined) await ledger.change.setMachine({ machine: given.machine, change: { node, ch } }, context.actor);
    if (given.door !== undefined) await ledger.change.setDoor({ door: given.door, change: { node, ch } }, context.actor);
    const keys = nodeKeysText(ledger.keys, { node, macSerial: 0 }, secret, ledger.read.site().cardGeneration);
    writeHosted({ folder, file, keys, caPem: trust.caPem });
    const lines = [
      `${node} is hosted from now on${resource === undefined ? "" : `, and ${resource} hangs on its channel ${ch}`}.`,
      ...devices.flatMap((device) => adoptedLines(device, passwords.get(device.account), config)),
      `What is set on it is checked when it comes: koprade node show ${node}`,
    ];
    return {
      lines,
      json: {
        node,
        kind,
        ch,
        permit,
        deadManS,
        devices: devices.map(({ secretHash: _hash, options: _options, ...device }) => ({
          ...device,
          password: passwords.get(device.account) ?? null,
        })),
      },
    };
  });
}

/** `tasmota:laser-plug#1=relay+meter`: family, name, which of its relays from 0, and what it is here. */
function deviceOf(text: string, account: string, given: ForeignGiven, passwords: Map<string, string>): HostedDeviceFile {
  const [, family = "", name = "", channel, what] = /^([a-z0-9-]+):([^#=]+)(?:#(\d{1,2}))?(?:=([a-z+]+))?$/.exec(text) ?? [];
  const known = hostedFamily(family);
  if (known === undefined)
    throw badUsage(
      `"${text}" is no device; give family:name, such as tasmota:laser-plug. Families: ${Object.keys(hostedFamilies).join(", ")}.`,
    );
  const kinds: readonly Part[] = given.door === undefined ? ["relay", "meter", "reader", "controller"] : ["door", "reader"];
  const chosen = what?.split("+") ?? usualParts.filter((part) => kinds.includes(part) && known.parts.includes(part));
  const options = optionsOf(given.option, known);
  const comesToUs = known.transport.kind === "mqtt" && given.bridge !== true;
  if (comesToUs) passwords.set(account, newDevicePassword());
  const password = passwords.get(account);
  return {
    ...{ account, family, name, channel: Number(channel ?? 0), options, parts: chosen as Part[] },
    secretHash: password === undefined ? null : passwordHash(password),
  };
}

function pairsOf(text: string | undefined): [name: string, value: string][] {
  // a value may hold commas, as the map of json-path does
  return (text ?? "").split(/,(?=[A-Za-z]+=)/).flatMap((part): [string, string][] => {
    if (part === "") return [];
    const at = part.indexOf("=");
    if (at < 1) throw badUsage(`--option cannot be "${part}"; give name=value.`);
    return [[part.slice(0, at), part.slice(at + 1)]];
  });
}

/** Of a machine's devices each takes what is its own; what is nobody's is a slip of the pen, and no device would do as was meant. */
function needKnown(text: string | undefined, families: readonly string[]): void {
  const names = [...new Set(families.flatMap((family) => Object.keys(hostedFamily(family)?.options ?? {})))];
  const unknown = pairsOf(text).find(([name]) => !names.includes(name));
  if (unknown === undefined) return;
  throw badUsage(`--option ${unknown[0]} is nothing that ${families.join(" or ")} can be told; known: ${names.join(", ") || "none"}.`);
}

function optionsOf(text: string | undefined, family: HostedFamily): Record<string, string> {
  const own = pairsOf(text).filter(([name]) => Object.hasOwn(family.options, name));
  const missing = Object.entries(family.options).find(([name, { required }]) => required && !own.some(([given]) => given === name));
  if (missing !== undefined) throw badUsage(`${family.label} need --option ${missing[0]}=…: ${missing[1].about}.`);
  return Object.fromEntries(own);
}

function checked(file: HostedFile): HostedFile {
  const read = readHosted(file, "koprade node adopt");
  if (!read.ok) throw badUsage(read.problems.join(" "));
  return read.value;
}

function adoptedLines(device: HostedDeviceFile, password: string | undefined, config: Config): string[] {
  const family = hostedFamily(device.family);
  const cannot = (family?.cannot ?? []).map((sentence) => `  It cannot ${sentence}.`);
  if (password === undefined) return [`${device.family}:${device.name} is ${device.parts.join(", ")}.`, ...cannot];
  const port = config.mqtt.foreignPort ?? 0;
  const typed =
    device.family === "tasmota"
      ? [
          `  In its console: Backlog MqttHost ADDRESS-OF-THIS-COMPUTER; MqttPort ${port}; MqttUser ${device.account}; MqttPassword ${password}; Topic ${device.name}`,
        ]
      : [`  In its MQTT settings: port ${port}, user ${device.account}, password ${password}; its topic or prefix: ${device.name}`];
  return [`${device.family}:${device.name} is ${device.parts.join(", ")}. The password is shown this once.`, ...typed, ...cannot];
}
