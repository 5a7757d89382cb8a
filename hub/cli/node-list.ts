/** `koprade node list` and `show`: what the ledger knows of the nodes, and how they are when a hub runs here. */
import { hostFolder } from "../host/hosted-folder.ts";
import { readHostStatus } from "../host/status-file.ts";
import type { NodeRow } from "../ledger/types.ts";
import { type Context, command, failed } from "./command.ts";
import { askControl, type ControlResult, controlPath } from "./control.ts";
import { withLedger } from "./data.ts";
import { columns } from "./text.ts";
import { wiringOfNodes } from "./wiring-state.ts";

type LiveNode = ControlResult<"nodes">[number];
type Seen = {
  readonly live: ReadonlyMap<string, LiveNode>;
  /** why nothing live is known; null when it is */
  readonly note: string | null;
};

async function seenNow(context: Context): Promise<Seen> {
  const answer = await askControl(controlPath(context.dataDir), { op: "nodes" });
  if (answer.kind === "answer") return { live: new Map(answer.result.map((node) => [node.id, node])), note: null };
  return {
    live: new Map(),
    note: answer.kind === "no_hub" ? "No hub is running here, so nothing live is known." : answer.sentence,
  };
}

/** Each thing told of a node, by its heading. */
const cells = {
  NODE: ({ row }) => row.node,
  KIND: ({ row }) => row.kind,
  LABEL: ({ row }) => row.label,
  ADMITTED: ({ row }) => row.status,
  STATE: ({ node }) => node?.status ?? "unknown",
  "LAST SEEN": ({ node, nowMs }) => ago(node?.lastSeenMs ?? null, nowMs),
  WAITING: ({ node }) => String(node?.outboxDepth ?? "–"),
  UP: ({ node }) => spanOf(node?.uptimeMs ?? null),
  CONFIG: ({ node, nowMs }) => configText(node?.config, nowMs),
  SNAPSHOT: ({ node }) => spanOf(node?.snapshotAgeMs ?? null),
  CLOCK: ({ node }) => (node === undefined ? "–" : `${node.clock}${errorText(node.clockErrorMs)}`),
  FIRMWARE: ({ node }) => node?.firmware ?? "–",
  BOARDS: ({ node }) => boardsOf(node),
  SIGNAL: ({ node }) => signalText(node?.signal),
  WIRING: ({ wiring }) => wiring ?? "–",
  TROUBLE: ({ node }) => node?.trouble ?? node?.config.trouble ?? "",
} as const satisfies Record<
  string,
  (of: { row: NodeRow; node: LiveNode | undefined; nowMs: number; wiring: string | undefined }) => string
>;
type Heading = keyof typeof cells;

export const list = command({
  summary: "list the nodes, live when the hub runs",
  args: {},
  examples: ["koprade node list"],
  async run(_given, context) {
    const { rows, wirings } = await withLedger(context, async (ledger) => ({ rows: ledger.read.nodes(), wirings: wiringOfNodes(ledger) }));
    if (rows.length === 0) return { lines: ["No nodes. Add one with: koprade node add"], json: [] };
    const { live, note } = await seenNow(context);
    const nowMs = context.world.clock.nowMs();
    const lines = columns(
      Object.keys(cells),
      rows.map((row) => Object.values(cells).map((cell) => cell({ row, node: live.get(row.node), nowMs, wiring: wirings.get(row.node) }))),
    );
    return {
      lines: note === null ? lines : [...lines, note],
      json: rows.map((row) => ({ ...row, wiring: wirings.get(row.node) ?? null, live: live.get(row.node) ?? null })),
    };
  },
});

/** In words, with the units that a column has no room for. */
const shown: readonly (readonly [string, Heading])[] = [
  ["kind", "KIND"],
  ["label", "LABEL"],
  ["admitted", "ADMITTED"],
  ["state", "STATE"],
  ["last seen", "LAST SEEN"],
  ["events that wait there", "WAITING"],
  ["running for", "UP"],
  ["age of its snapshot", "SNAPSHOT"],
  ["clock", "CLOCK"],
  ["version", "FIRMWARE"],
  ["boards", "BOARDS"],
  ["signal", "SIGNAL"],
  ["wiring", "WIRING"],
];

export const show = command({
  summary: "show all that is known of a node: its places, its health, which configuration is in force there",
  args: { node: { type: "positional", required: true, description: "short name of the node" } },
  examples: ["koprade node show laser-node"],
  async run(given, context) {
    const { row, places, wiring } = await withLedger(context, async (ledger) => ({
      row: ledger.read.node(given.node),
      wiring: wiringOfNodes(ledger).get(given.node),
      places: ledger.read.resources().filter((resource) => resource.node === given.node),
    }));
    if (row === undefined) throw failed(`There is no node "${given.node}"; see \`koprade node list\`.`);
    const { live, note } = await seenNow(context);
    const node = live.get(row.node);
    const nowMs = context.world.clock.nowMs();
    const told = shown.map(([name, heading]): [string, string] => [name, cells[heading]({ row, node, nowMs, wiring })]);
    const lines = columns(
      [row.node, ""],
      [
        ...places.map((place): [string, string] => [`channel ${place.ch}`, `${place.kind} ${place.id}`]),
        ...told,
        ["configuration", configSentence(node?.config, nowMs)],
        ...accountsOf(row),
        ...energyOf(row, context.dataDir),
        ...(node?.trouble == null ? [] : [["trouble", node.trouble] as [string, string]]),
      ],
    );
    const channels = places.map(({ ch, kind, id }) => ({ ch, kind, id }));
    const energy =
      readHostStatus(hostFolder(context.dataDir))?.devices.find((one) => one.node === row.node && one.energy !== null)?.energy ?? null;
    return { lines: note === null ? lines : [...lines, note], json: { ...row, channels, energy, live: node ?? null } };
  },
});

/** The accounts of its foreign devices, which are open while the node is let in. */
const accountsOf = ({ accounts, status }: NodeRow): [string, string][] =>
  accounts.length === 0 ? [] : [["accounts of devices", `${accounts.join(", ")} (${status === "active" ? "open" : "closed"})`]];

/** What its host counts of energy, and which part of it nobody can be sure of. */
function energyOf({ node, kind }: NodeRow, dataDir: string): [string, string][] {
  const found =
    kind === "hosted" ? readHostStatus(hostFolder(dataDir))?.devices.find((one) => one.node === node && one.energy !== null) : undefined;
  if (found === undefined || found.energy === null) return [];
  const { totalWh, uncertainWh, sinceMs, doubts } = found.energy;
  const kWh = (wh: number) => (wh / 1000).toFixed(3);
  const told = Object.entries(doubts).map(([why, times]) => `${doubtWords[why] ?? why} ${times} ×`);
  const since = new Date(sinceMs).toISOString().slice(0, 10);
  return [
    [
      "energy",
      `${kWh(totalWh)} kWh; since ${since} ± ${kWh(uncertainWh)} kWh uncertain${told.length === 0 ? "" : `: its counter ${told.join(", ")}`}`,
    ],
  ];
}
const doubtWords: Readonly<Record<string, string>> = {
  fell: "fell",
  jumped: "jumped",
  unit_changed: "changed its unit",
  stuck: "stood still",
  was_wrong: "was wrong for a moment",
};

/** Its boards, and whether the power that hangs on them is an estimate. */
function boardsOf(node: LiveNode | undefined): string {
  if (node === undefined || node.boards.length === 0) return "–";
  const estimate = node.uncertainPct === null ? [] : [`power is an estimate, ±${Math.round(node.uncertainPct)} %`];
  return [...node.boards, ...estimate].join("; ");
}

type ConfigState = LiveNode["config"];

function configText(config: ConfigState | undefined, nowMs: number): string {
  if (config === undefined || config.applied === null) return "–";
  const isBehind = config.sent !== null && config.applied < config.sent;
  return isBehind ? `v${config.applied}, v${config.sent} sent ${ago(config.sentMs, nowMs)}` : `v${config.applied}`;
}

function configSentence(config: ConfigState | undefined, nowMs: number): string {
  if (config === undefined || config.applied === null) return "–";
  const { applied, sent, sentMs, trouble } = config;
  const inForce =
    sent !== null && applied < sent
      ? `v${applied} applied; v${sent} was sent ${ago(sentMs, nowMs)} and is not yet applied`
      : `v${applied} applied`;
  return trouble === null ? inForce : `${inForce}; ${trouble}`;
}

const errorText = (ms: number | null): string => (ms === null ? "" : ` ±${Math.round(ms)} ms`);

function signalText(signal: LiveNode["signal"] | undefined): string {
  if (signal === undefined || signal === null) return "–";
  return signal === "wired" ? "wired" : `${Math.round(signal)} dBm`;
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
