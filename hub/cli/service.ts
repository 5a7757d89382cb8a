/** `koprade service`: the systemd unit that keeps a hub or a node running on this computer, and away from everything else on it. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { type Context, command, failed, type Noun } from "./command.ts";

const launcher = resolve(import.meta.dirname, "..", "koprade.mjs");

/** What differs between the two; everything else is the same sandbox. */
type Unit = {
  readonly describes: string;
  readonly words: readonly string[];
  /** the only folder it may write */
  readonly folder: string;
  readonly user: string;
  readonly extra: readonly string[];
};

const hub = command({
  summary: "print the systemd unit of this hub",
  args: {},
  examples: ["koprade service hub | sudo tee /etc/systemd/system/koprade-hub.service"],
  async run(_given, context) {
    const folder = context.dataDir;
    if (!existsSync(folder))
      throw failed(`${folder} does not exist. Start the hub once with \`koprade start\`, or name its folder with --data.`);
    const words = ["start", "--data", folder];
    return printed(
      unitOf({ describes: "Koprade hub", words, folder, user: userOf(context), extra: ["PrivateDevices=yes"] }),
      "koprade-hub",
    );
  },
});

const wired = z.object({ reader: z.object({ kind: z.string() }) }).optional();
const nodeFile = z.object({ node: z.string(), dataFolder: z.string().default("node-data"), door: wired, machine: wired });
const node = command({
  summary: "print the systemd unit of a node on this computer",
  args: { config: { type: "string", required: true, valueHint: "file", description: "the node's node.yaml" } },
  examples: ["koprade service node --config node.yaml | sudo tee /etc/systemd/system/koprade-node.service"],
  async run(given, context) {
    const path = resolve(context.world.cwd, given.config);
    if (!existsSync(path)) throw failed(`${path}: there is no such file; \`koprade node add\` writes one.`);
    const file = nodeFile.safeParse(parse(readFileSync(path, "utf8")));
    if (!file.success) throw failed(`${path}: it names no node; \`koprade node add\` writes one that does.`);
    const serial = ["char-ttyUSB", "char-ttyACM", "char-ttyAMA", "char-ttyS"].map((device) => `DeviceAllow=${device} rw`);
    const types = [file.data.door, file.data.machine].some((each) => each?.reader.kind === "wedge");
    const keyboards = types ? ["SupplementaryGroups=input", "DeviceAllow=char-input r"] : [];
    const extra = ["SupplementaryGroups=dialout", "DevicePolicy=closed", ...serial, ...keyboards];
    const folder = resolve(dirname(path), file.data.dataFolder);
    const words = ["node", "run", "--config", path];
    return printed(unitOf({ describes: `Koprade node ${file.data.node}`, words, folder, user: userOf(context), extra }), "koprade-node");
  },
});

export const service: Noun = { summary: "systemd units for this computer", verbs: { hub, node } };

function userOf({ world }: Context): string {
  const user = world.env["USER"] ?? "";
  return /^[a-z_][a-z0-9_-]{0,31}$/.test(user) && user !== "root" ? user : "koprade";
}

const printed = (unit: string, name: string) => ({
  lines: [unit.trimEnd()],
  json: { name: `${name}.service`, unit },
});

/** A path or word as systemd.syntax(7) takes it. */
const quoted = (word: string): string =>
  `"${word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;

function unitOf({ describes, words, folder, user, extra }: Unit): string {
  const command = [process.execPath, launcher, ...words].map(quoted).join(" ");
  return `[Unit]
Description=${describes.replaceAll("%", "%%")}
After=network-online.target time-sync.target
Wants=network-online.target

[Service]
# The user must own ${folder}: sudo useradd --system ${user}; sudo chown -R ${user} ${folder}
User=${user}
ExecStart=${command}
Environment=${quoted(`NODE_COMPILE_CACHE=${join(folder, "compiled")}`)}
WorkingDirectory=${folder.replaceAll("%", "%%")}
Restart=always
RestartSec=1
TimeoutStopSec=15
KillMode=mixed
UMask=0077
ReadWritePaths=${quoted(folder)}
${extra.join("\n")}
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectProc=invisible
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}
