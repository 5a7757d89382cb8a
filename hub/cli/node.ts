/** `koprade node`: the boxes at doors and machines: their identities, their state, and running one here. */
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { loadSiteTls } from "../broker/site-ca.ts";
import type { Config } from "../config.ts";
import { nodeKeysText } from "../ledger/keys.ts";
import { changing } from "./change.ts";
import { badUsage, type Context, command, failed, type Noun } from "./command.ts";
import { askControl, controlPath } from "./control.ts";
import { withLedger } from "./data.ts";
import { checkBundleFolder, writeBundle } from "./node-bundle.ts";
import { columns } from "./text.ts";

const bundleOptions = {
  hub: { type: "string", valueHint: "host[:port]", description: "name or address of the hub as the node sees it (default this computer)" },
  out: { type: "string", valueHint: "dir", description: "folder for node.yaml and keys (default ./node-<name>)" },
  ch: { type: "string", valueHint: "channel", description: "name of its channel, as in `koprade door add --ch` (default the kind)" },
  board: { type: "string", default: "/dev/ttyACM0", valueHint: "device", description: "serial port of the Arduino" },
  reader: { type: "string", default: "/dev/ttyUSB0", valueHint: "device", description: "serial port of the card reader" },
  meter: { type: "string", valueHint: "device", description: "serial port of the power meter, for machines" },
} as const;

const add = command({
  summary: "add a node and write the folder that makes it one",
  args: {
    node: { type: "positional", required: true, description: "short name such as laser-node" },
    kind: { type: "enum", options: ["door", "machine"], required: true, description: "what it looks after" },
    label: { type: "string", default: "", valueHint: "text", description: "where it hangs" },
    ...bundleOptions,
  },
  examples: ["koprade node add door-node --kind door --hub hub.local", "koprade node add laser-node --kind machine --meter /dev/ttyUSB1"],
  async run(given, context) {
    const { node, kind } = given;
    if (kind === "door" && given.meter !== undefined) throw badUsage("--meter belongs to a machine; leave it out for a door.");
    return withLedger(context, async (ledger, config) => {
      const folder = resolve(context.world.cwd, given.out ?? `node-${node}`);
      checkBundleFolder(folder);
      const trust = await trustOf(config, context, given.hub);
      const { secret } = await ledger.change.addNode({ node, kind, label: given.label }, context.actor);
      await ledger.change.setNode({ node, status: "active" }, context.actor);
      const files = writeBundle(folder, {
        ...bundleOf(given, config, trust),
        node,
        kind,
        ch: given.ch ?? kind,
        keys: nodeKeysText(ledger.keys, node, secret, ledger.read.site().cardGeneration),
      });
      return { lines: madeLines(node, folder), json: { node, kind, folder, files, hub: trust.hubUrl } };
    });
  },
});

const renew = command({
  summary: "give a node new secrets; the old ones stop working",
  args: { node: { type: "positional", required: true, description: "short name of the node" }, ...bundleOptions },
  examples: ["koprade node renew laser-node --out /media/usb/laser-node"],
  async run(given, context) {
    return withLedger(context, async (ledger, config) => {
      const row = ledger.read.node(given.node);
      if (row === undefined) throw failed(`There is no node "${given.node}"; see \`koprade node list\`.`);
      if (row.kind !== "door" && row.kind !== "machine")
        throw failed(`${given.node} is ${row.kind}; only doors and machines have a folder of their own.`);
      const folder = resolve(context.world.cwd, given.out ?? `node-${given.node}`);
      checkBundleFolder(folder);
      const trust = await trustOf(config, context, given.hub);
      const { secret } = await ledger.change.renewNodeSecret({ node: given.node }, context.actor);
      const ch = given.ch ?? ledger.read.resources().find((resource) => resource.node === given.node)?.ch ?? row.kind;
      const files = writeBundle(folder, {
        ...bundleOf(given, config, trust),
        node: given.node,
        kind: row.kind,
        ch,
        keys: nodeKeysText(ledger.keys, given.node, secret, ledger.read.site().cardGeneration),
      });
      return { lines: madeLines(given.node, folder), json: { node: given.node, folder, files, hub: trust.hubUrl } };
    });
  },
});

const revoke = changing({
  change: "setNode",
  summary: "cut a node off, such as a stolen one, until it is released",
  args: { node: { type: "positional", required: true, description: "short name of the node" } },
  examples: ["koprade node revoke laser-node"],
  input: (given) => ({ node: given.node, status: "revoked" }),
  says: (input) => `${input.node} is revoked; \`koprade node release ${input.node}\` lets it in again.`,
});

const remove = changing({
  change: "removeNode",
  summary: "remove a revoked node that has never told anything",
  args: { node: { type: "positional", required: true, description: "short name of the node" } },
  examples: ["koprade node remove lasr-node"],
  input: (given) => ({ node: given.node }),
  says: (input) => `${input.node} is removed.`,
});

const release = command({
  summary: "let a node in again that was cut off: quarantined or revoked",
  args: { node: { type: "positional", required: true, description: "short name of the node" } },
  examples: ["koprade node release laser-node"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const row = ledger.read.node(given.node);
      if (row === undefined) throw failed(`There is no node "${given.node}"; see \`koprade node list\`.`);
      await ledger.change.setNode({ node: given.node, status: "active" }, context.actor);
      const was = row.status === "active" ? "was not cut off" : `was ${row.status}, and may come back`;
      return { lines: [`${given.node} ${was}.`], json: { node: given.node, was: row.status } };
    });
  },
});

const madeLines = (node: string, folder: string): string[] => [
  `Node ${node} may join. Its folder: ${folder}`,
  "It holds secrets: copy it onto the node, complete the wiring in node.yaml, and remove it here.",
  "On the node: koprade node run --config node.yaml",
];

type Trust = { readonly hubUrl: string; readonly caPem: string | null };

/** Where the node finds its hub, and what it trusts there. */
async function trustOf(config: Config, { world, dataDir }: Context, given: string | undefined): Promise<Trust> {
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

const bundleOf = (given: { board: string; reader: string; meter?: string | undefined }, config: Config, trust: Trust) => ({
  site: config.site,
  ...trust,
  board: given.board,
  reader: given.reader,
  meter: given.meter ?? null,
});

const list = command({
  summary: "list the nodes, live when the hub runs",
  args: {},
  examples: ["koprade node list"],
  async run(_given, context) {
    const rows = await withLedger(context, async (ledger) => ledger.read.nodes());
    if (rows.length === 0) return { lines: ["No nodes. Add one with: koprade node add"], json: [] };
    const answer = await askControl(controlPath(context.dataDir), { op: "nodes" });
    const live = new Map(answer.kind === "answer" ? answer.result.map((node) => [node.id, node]) : []);
    const nowMs = context.world.clock.nowMs();
    const lines = columns(
      ["NODE", "KIND", "LABEL", "ADMITTED", "STATE", "LAST SEEN", "WAITING", "UP", "SNAPSHOT", "CLOCK", "FIRMWARE", "BOARDS", "TROUBLE"],
      rows.map((row) => {
        const node = live.get(row.node);
        return [
          row.node,
          row.kind,
          row.label,
          row.status,
          node?.status ?? "unknown",
          ago(node?.lastSeenMs ?? null, nowMs),
          String(node?.outboxDepth ?? "–"),
          spanOf(node?.uptimeMs ?? null),
          spanOf(node?.snapshotAgeMs ?? null),
          node === undefined ? "–" : `${node.clock}${node.clockErrorMs === null ? "" : ` ±${Math.round(node.clockErrorMs)} ms`}`,
          node?.firmware ?? "–",
          boardsOf(node),
          node?.trouble ?? "",
        ];
      }),
    );
    const note =
      answer.kind === "answer" ? [] : [answer.kind === "no_hub" ? "No hub is running here, so nothing live is known." : answer.sentence];
    return { lines: [...lines, ...note], json: rows.map((row) => ({ ...row, live: live.get(row.node) ?? null })) };
  },
});

/** Its boards, and whether the power that hangs on them is an estimate. */
function boardsOf(node: { readonly boards: readonly string[]; readonly uncertainPct: number | null } | undefined): string {
  if (node === undefined || node.boards.length === 0) return "–";
  const estimate = node.uncertainPct === null ? [] : [`power is an estimate, ±${Math.round(node.uncertainPct)} %`];
  return [...node.boards, ...estimate].join("; ");
}

const ago = (atMs: number | null, nowMs: number): string => (atMs === null ? "–" : `${spanOf(nowMs - atMs)} ago`);

function spanOf(ms: number | null): string {
  if (ms === null) return "–";
  const s = Math.max(0, Math.round(ms / 1000));
  return s < 120
    ? `${s} s`
    : s < 7200
      ? `${Math.round(s / 60)} min`
      : s < 172_800
        ? `${Math.round(s / 3600)} h`
        : `${Math.round(s / 86_400)} days`;
}

const identify = command({
  summary: "let a node beep, so that somebody finds it",
  args: { node: { type: "positional", required: true, description: "short name of the node" } },
  examples: ["koprade node identify laser-node"],
  async run({ node }, context) {
    const answer = await askControl(controlPath(context.dataDir), { op: "identify", node, actor: context.actor });
    if (answer.kind === "no_hub")
      throw failed("No hub is running here, and only a running hub can ask a node. Start it with `koprade start`.");
    if (answer.kind === "failed") throw failed(answer.sentence);
    const { result } = answer;
    if (result.status === "missing") throw failed(`There is no node "${node}" with a door or machine; see \`koprade node list\`.`);
    if (result.status === "rejected") throw failed(`${node} would not: ${result.sentence}`);
    if (result.status === "unconfirmed") throw failed(`${node} did not answer. It may be off, or its network is.`);
    return { lines: [`${node} beeps.`], json: { node, status: result.status } };
  },
});

const run = command({
  summary: "run a node on this computer until it is stopped",
  args: { config: { type: "string", required: true, valueHint: "file", description: "the node's node.yaml" } },
  examples: ["koprade node run --config node.yaml"],
  async run(given, { world }) {
    const path = resolve(world.cwd, given.config);
    if (!existsSync(path)) throw failed(`${path}: there is no such file; \`koprade node add\` writes one.`);
    return { lines: [], json: { stopped: true }, exit: await world.runNode(path) };
  },
});

export const node: Noun = {
  summary: "the boxes at doors and machines",
  verbs: { add, list, identify, revoke, release, renew, remove, run },
};
