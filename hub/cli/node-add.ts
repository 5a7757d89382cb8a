/** `koprade node add` and `renew`: a node with a folder of keys to be copied onto it by hand, for where it cannot enrol over the wire. */
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { ArgsDef } from "citty";
import { loadSiteTls } from "../broker/site-ca.ts";
import type { Config } from "../config.ts";
import { hostedNodes, hostFolder, renewHosted } from "../host/hosted-folder.ts";
import { nodeKeysText } from "../ledger/keys.ts";
import { badUsage, type Context, command, failed } from "./command.ts";
import { withLedger } from "./data.ts";
import { checkBundleFolder, type NodeBundle, writeBundle } from "./node-bundle.ts";
import {
  type MeterKind,
  meterKinds,
  meterNeedsPort,
  meterTemplates,
  type NodeFileGiven,
  nodeYaml,
  type ReaderKind,
  readerKinds,
  readerTemplates,
} from "./node-templates.ts";

/** Keeps the literal types, with lists of choices as the command line's library wants them. */
function options<const A extends ArgsDef>(given: A): A {
  return given;
}

/** Where the hub is and what is wired: for every verb that writes a `node.yaml`. */
export const wiringOptions = options({
  hub: { type: "string", valueHint: "host[:port]", description: "name or address of the hub as the node sees it (default this computer)" },
  ch: { type: "string", valueHint: "channel", description: "name of its channel, as in `koprade door add --ch` (default the kind)" },
  board: { type: "string", default: "/dev/ttyACM0", valueHint: "device", description: "serial port of the Arduino" },
  reader: { type: "string", default: "/dev/ttyUSB0", valueHint: "device", description: "serial port of the card reader" },
  "reader-kind": { type: "enum", options: [...readerKinds], default: "rdm6300", description: aboutKinds(readerTemplates) },
  meter: { type: "string", valueHint: "device", description: "serial port of the power meter, for machines" },
  "meter-kind": { type: "enum", options: [...meterKinds], default: "pzem", description: aboutKinds(meterTemplates) },
});
const bundleOptions = {
  ...wiringOptions,
  out: { type: "string", valueHint: "dir", description: "folder for node.yaml and keys (default ./node-<name>)" },
} as const;
export type WiringGiven = Readonly<Record<"board" | "reader", string>> & {
  readonly "reader-kind": ReaderKind;
  readonly "meter-kind": MeterKind;
  readonly ch?: string | undefined;
  readonly meter?: string | undefined;
};

function aboutKinds(templates: Readonly<Record<string, { readonly about: string }>>): string {
  return Object.entries(templates)
    .map(([kind, { about }]) => `${kind}: ${about}`)
    .join("; ");
}

/** The wiring as the templates take it. @throws CliError when a door is given a meter */
export function wiringOf(kind: "door" | "machine", given: WiringGiven): Omit<NodeFileGiven, "identity" | "hubUrl" | "ch"> {
  const hasMeter = given.meter !== undefined || !meterNeedsPort(given["meter-kind"]);
  if (kind === "door" && hasMeter) throw badUsage("--meter belongs to a machine; leave it out for a door.");
  const meter = hasMeter ? { kind: given["meter-kind"], port: given.meter ?? "" } : null;
  return { kind, board: given.board, reader: { kind: given["reader-kind"], port: given.reader }, meter };
}

export const add = command({
  summary: "add a node and write the folder that makes it one",
  args: {
    node: { type: "positional", required: true, description: "short name such as laser-node" },
    kind: {
      type: "enum",
      options: ["door", "machine", "mixed", "hosted"],
      required: true,
      description: "what it looks after; mixed and hosted are other programs than `koprade node run`, and get keys only",
    },
    label: { type: "string", default: "", valueHint: "text", description: "where it hangs" },
    ...bundleOptions,
  },
  examples: [
    "koprade node add door-node --kind door --hub hub.local --reader-kind wiegand",
    "koprade node add laser-node --kind machine --meter-kind sdm120 --meter /dev/ttyUSB1",
  ],
  async run(given, context) {
    const { node, kind } = given;
    const wiring = kind === "door" || kind === "machine" ? wiringOf(kind, given) : null;
    return withLedger(context, async (ledger, config) => {
      const folder = resolve(context.world.cwd, given.out ?? `node-${node}`);
      checkBundleFolder(folder);
      const trust = await trustOf(config, context, given.hub);
      const { secret } = await ledger.change.addNode({ node, kind, label: given.label }, context.actor);
      const ch = given.ch ?? kind;
      const files = writeBundle(
        folder,
        bundleOf({
          config,
          trust,
          wiring,
          node,
          ch,
          keys: nodeKeysText(ledger.keys, { node, macSerial: 0 }, secret, ledger.read.site().cardGeneration),
        }),
      );
      return { lines: madeLines(node, folder, wiring !== null), json: { node, kind, folder, files, hub: trust.hubUrl } };
    });
  },
});

export const renew = command({
  summary: "give a node new secrets in a folder, a hosted one where it lies; the old ones stop working",
  args: { node: { type: "positional", required: true, description: "short name of the node" }, ...bundleOptions },
  examples: ["koprade node renew laser-node --out /media/usb/laser-node"],
  async run(given, context) {
    return withLedger(context, async (ledger, config) => {
      const row = ledger.read.node(given.node);
      if (row === undefined) throw failed(`There is no node "${given.node}"; see \`koprade node list\`.`);
      const wiring = row.kind === "door" || row.kind === "machine" ? wiringOf(row.kind, given) : null;
      const hosted = hostFolder(context.dataDir);
      const isHere = given.out === undefined && hostedNodes(hosted).includes(given.node);
      const folder = isHere ? join(hosted, given.node) : resolve(context.world.cwd, given.out ?? `node-${given.node}`);
      if (!isHere) checkBundleFolder(folder);
      const trust = await trustOf(config, context, given.hub);
      const { secret } = await ledger.change.renewNodeSecret({ node: given.node }, context.actor);
      if (isHere) {
        const keys = nodeKeysText(ledger.keys, row, secret, ledger.read.site().cardGeneration);
        const files = renewHosted({ folder: hosted, node: given.node, keys, caPem: trust.caPem });
        return { lines: renewedLines(given.node), json: { node: given.node, folder, files, hub: trust.hubUrl } };
      }
      const ch = given.ch ?? ledger.read.resources().find((resource) => resource.node === given.node)?.ch ?? row.kind;
      const keys = nodeKeysText(ledger.keys, row, secret, ledger.read.site().cardGeneration);
      const files = writeBundle(folder, bundleOf({ config, trust, wiring, node: given.node, ch, keys }));
      return { lines: madeLines(given.node, folder, wiring !== null), json: { node: given.node, folder, files, hub: trust.hubUrl } };
    });
  },
});

function bundleOf(given: {
  readonly config: Config;
  readonly trust: Trust;
  readonly wiring: ReturnType<typeof wiringOf> | null;
  readonly node: string;
  readonly ch: string;
  readonly keys: string;
}): NodeBundle {
  const { config, trust, wiring, node, ch, keys } = given;
  const identity = { site: config.site, node, hasCa: trust.caPem !== null };
  const yaml = wiring === null ? null : nodeYaml({ ...wiring, ch, hubUrl: trust.hubUrl, identity });
  return { yaml, caPem: trust.caPem, keys };
}

const renewedLines = (node: string): string[] => [
  `${node} is hosted here and has new keys where it lies; there is nothing to copy, and its devices keep their passwords.`,
  "A running hub begins anew with them within a second: what a held relay keeps on goes off, a latching one stays.",
];

const madeLines = (node: string, folder: string, isOurs: boolean): string[] => [
  `Node ${node} may join. Its folder: ${folder}`,
  ...(isOurs
    ? [
        "It holds secrets: copy it onto the node, complete the wiring in node.yaml, and remove it here.",
        "On the node: koprade node run --config node.yaml",
      ]
    : ["It holds secrets: give them to the program that speaks for it, and remove the folder here."]),
];

export type Trust = { readonly hubUrl: string; readonly caPem: string | null };

/** Where the node finds its hub, and what it trusts there. */
export async function trustOf(config: Config, { world, dataDir }: Context, given: string | undefined): Promise<Trust> {
  const { mqtt, site } = config;
  if (mqtt.external !== null) {
    const { caFile } = mqtt.external;
    return { hubUrl: mqtt.external.url, caPem: caFile === undefined ? null : readFileSync(resolve(dataDir, caFile), "utf8") };
  }
  const [, host, port] = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?$/.exec(given ?? hostname()) ?? [];
  if (host === undefined) throw badUsage(`--hub cannot be "${given}"; give a name or address such as hub.local or 192.168.1.20:8883.`);
  const certificate = join(dataDir, "ca", "ca.crt");
  if (!existsSync(certificate)) await loadSiteTls({ dir: join(dataDir, "ca"), site, names: mqtt.names, nowMs: world.clock.nowMs() });
  return { hubUrl: `mqtts://${host}:${port ?? mqtt.tlsPort}`, caPem: readFileSync(certificate, "utf8") };
}
