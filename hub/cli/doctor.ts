/** `koprade doctor`: looks at everything that goes wrong in practice; one line each, with the way out where there is one. */
import { X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { day, hour, minute } from "#contract";
import type { Config } from "../config.ts";
import { HubError, systemCode } from "../errors.ts";
import { ledgerPath } from "../ledger/ledger.ts";
import type { Ledger } from "../ledger/types.ts";
import { backupFolder } from "./backup.ts";
import { CliError, type Context, command } from "./command.ts";
import { askControl, type ControlAnswer, controlPath } from "./control.ts";
import { configOf, withLedger } from "./data.ts";
import { bad, clockFinding, diskFree, type Finding, good, note, outcomeOf, writable } from "./findings.ts";
import { wiringStates } from "./wiring-state.ts";

export const doctor = command({
  summary: "look at everything that goes wrong in practice, and say how to mend it",
  args: { config: { type: "string", valueHint: "file", description: "a node's node.yaml: look at that node, on its own computer" } },
  examples: ["koprade doctor", "koprade doctor --data /var/lib/koprade --json", "koprade doctor --config node.yaml"],
  async run(given, context) {
    if (given.config !== undefined) {
      const { examineNode } = await import("./doctor-node.ts"); // drivers are loaded where they are wanted
      return outcomeOf(await examineNode(resolve(context.world.cwd, given.config), context.world), context.world);
    }
    const findings = await findingsOf(context);
    return outcomeOf(findings, context.world);
  },
});

async function findingsOf(context: Context): Promise<Finding[]> {
  const { dataDir, world } = context;
  const nowMs = world.clock.nowMs();
  if (!existsSync(dataDir))
    return [bad("data folder", `${dataDir} does not exist.`, "Start a site with `koprade start`, or name its folder with --data.")];
  const status = await askControl(controlPath(dataDir), { op: "status" });
  const config = configFinding(context);
  const ledger = await ledgerFindings(context, nowMs);
  return [
    writable(dataDir, world.clock.monoMs),
    diskFree(dataDir),
    config.finding,
    ...ledger,
    clockFinding(nowMs),
    ...certificates(dataDir, nowMs),
    hubFinding(status),
    ...(config.config === null ? [] : await ports(config.config, status.kind !== "no_hub")),
    ...(await nodes(dataDir, nowMs, status.kind === "answer" ? status.result.version : null)),
    backupFinding(dataDir, nowMs),
  ];
}

function configFinding({ dataDir, world }: Context): { finding: Finding; config: Config | null } {
  try {
    const config = configOf(dataDir, world);
    const { plainPort: plain, foreignPort: foreign } = config.mqtt;
    const finding =
      plain === null && foreign !== null
        ? bad(
            "configuration",
            `foreign devices talk without encryption (port ${foreign}): anybody on the network can read and forge what they say.`,
            "Keep them in a network of their own; remove mqtt.foreignPort when nothing is hosted any more.",
          )
        : plain === null
          ? good("configuration", `site ${config.site}, ${config.tz}.`)
          : bad(
              "configuration",
              `MQTT without encryption is on (port ${plain}): anybody on the network can read and forge.`,
              "Remove mqtt.plainPort once every node uses TLS.",
            );
    return { finding, config };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { finding: bad("configuration", error.message, ""), config: null };
  }
}

async function ledgerFindings(context: Context, nowMs: number): Promise<Finding[]> {
  const path = ledgerPath(context.dataDir);
  if (!existsSync(path)) return [note("ledger", "there is none yet.", "`koprade start` makes it.")];
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    let verdict: unknown;
    try {
      verdict = Object.values(db.prepare("PRAGMA quick_check(1)").get() ?? {})[0];
    } finally {
      db.close();
    }
    if (verdict !== "ok")
      return [
        bad("ledger", `the file is damaged: ${String(verdict)}.`, "Stop the hub and restore the latest backup with `koprade restore`."),
      ];
    return await withLedger(context, async (ledger) => {
      const { read } = ledger;
      const gaps = read.gaps().filter((gap) => gap.state !== "closed").length;
      const unreadable = read.quarantined().length;
      const exceptions = read.exceptions({}).length;
      const last = read.audit(1)[0]?.atMs ?? 0;
      return [
        good("ledger", `whole, ${(statSync(path).size / 1024 ** 2).toFixed(1)} MB.`),
        ...(gaps === 0
          ? []
          : [
              note(
                "ledger",
                `${gaps} gaps: nodes numbered events that never came.`,
                "They count as lost in reports; look at the node's disk if there are more.",
              ),
            ]),
        ...(unreadable === 0
          ? []
          : [note("ledger", `${unreadable} messages could not be read and are set aside.`, "Bring hub and nodes to the same version.")]),
        ...(exceptions === 0
          ? []
          : [
              note(
                "ledger",
                `${exceptions} uses were allowed by nodes that were away and would have been refused.`,
                "See them with `koprade exception list`.",
              ),
            ]),
        ...untestedFindings(ledger),
        ...(last > nowMs + minute
          ? [bad("clock", "the ledger has entries of a later time than now.", "Set this computer's clock: timedatectl set-ntp true")]
          : []),
      ];
    });
  } catch (error) {
    if (error instanceof CliError) return [bad("ledger", error.message, "")];
    if (error instanceof HubError) return [bad("ledger", error.message, error.fix)];
    if (error instanceof Error && "errcode" in error)
      return [bad("ledger", `cannot be read (${error.message}).`, "Stop the hub and restore the latest backup with `koprade restore`.")];
    throw error;
  }
}

/** A machine that nobody has tested as it is wired (security.md R5). */
function untestedFindings(ledger: Ledger): Finding[] {
  return [...wiringStates(ledger)].flatMap(([id, state]) => {
    if (state === "tested") return [];
    const sentence =
      state === "taken over" ? `${id} was taken over, not tested.` : `${id} was not tested as it is wired: nobody can enable it.`;
    return [note("wiring", sentence, `Test it: koprade wiring test ${id}`)];
  });
}

function certificates(dataDir: string, nowMs: number): Finding[] {
  return (["ca", "server"] as const).flatMap((name): Finding[] => {
    const path = join(dataDir, "ca", `${name}.crt`);
    if (!existsSync(path)) return [];
    const check = name === "ca" ? "certificate authority" : "certificate";
    try {
      const untilMs = new X509Certificate(readFileSync(path)).validToDate.getTime();
      const until = new Date(untilMs).toISOString().slice(0, 10);
      if (untilMs < nowMs)
        return [
          bad(
            check,
            `ended on ${until}.`,
            name === "ca" ? "Check the clock; a new authority means enrolling every node again." : "Restart the hub: it makes a new one.",
          ),
        ];
      return [
        untilMs - nowMs < 30 * day
          ? note(check, `ends on ${until}.`, "A running hub renews it within a day.")
          : good(check, `valid until ${until}.`),
      ];
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return [bad(check, `${path} cannot be read.`, "Restore the folder `ca` from a backup.")];
    }
  });
}

function hubFinding(status: ControlAnswer<"status">): Finding {
  if (status.kind === "no_hub") return note("hub", "not running on this data folder.", "Start it with `koprade start`.");
  if (status.kind === "failed") return bad("hub", status.sentence, "");
  const { version, sinceMs, troubles } = status.result;
  if (troubles.length > 0) return bad("hub", troubles.join(" "), "");
  return good("hub", `version ${version}, running since ${new Date(sinceMs).toISOString().slice(0, 16).replace("T", " ")} UTC.`);
}

/** With the hub running its ports are taken by it; without, they must be free. */
async function ports(config: Config, hubRuns: boolean): Promise<Finding[]> {
  const wanted: [string, number, string][] = [["pages", config.http.port, config.http.host]];
  if (config.mqtt.external === null) wanted.push(["broker", config.mqtt.tlsPort, config.mqtt.host]);
  const findings = await Promise.all(
    wanted.map(async ([name, port, host]): Promise<Finding[]> => {
      if (port === 0) return [];
      const code = await bindCode(port, host);
      if (hubRuns)
        return code === null
          ? [note("ports", `the hub runs, but not on port ${port} (${name}).`, "It was started with another port.")]
          : [good("ports", `${port} (${name}) is in use, as it should be.`)];
      if (code === null) return [good("ports", `${port} (${name}) is free.`)];
      const fix =
        code === "EACCES"
          ? "Choose a port above 1023."
          : `See who uses it: ss -ltnp "sport = :${port}"; stop it or choose another port in koprade.yaml.`;
      return [bad("ports", `${port} (${name}) cannot be opened (${code}).`, fix)];
    }),
  );
  return findings.flat();
}

function bindCode(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(systemCode(error) ?? "unknown"));
    server.listen({ port, host }, () => server.close(() => resolve(null)));
  });
}

async function nodes(dataDir: string, nowMs: number, hubVersion: string | null): Promise<Finding[]> {
  const answer = await askControl(controlPath(dataDir), { op: "nodes" });
  if (answer.kind !== "answer") return [];
  return answer.result.map((node) => {
    const version = node.firmware === null ? "" : `, version ${node.firmware}`;
    if (node.trouble !== null) return bad(`node ${node.id}`, `${node.trouble}${version}`, "Look at the node.");
    if (node.lastSeenMs === null)
      return note(
        `node ${node.id}`,
        "has never been seen.",
        "Start it with `koprade node run`, with the folder that `koprade node add` wrote.",
      );
    const silentMs = nowMs - node.lastSeenMs;
    if (silentMs > hour)
      return bad(`node ${node.id}`, `silent for ${Math.round(silentMs / hour)} h${version}.`, "Check its power and network.");
    if (node.firmware !== null && hubVersion !== null && node.firmware !== hubVersion)
      return note(`node ${node.id}`, `${node.status}${version}, the hub has ${hubVersion}.`, "Bring both to the same version.");
    return good(`node ${node.id}`, `${node.status}${version}.`);
  });
}

function backupFinding(dataDir: string, nowMs: number): Finding {
  const folder = backupFolder(dataDir);
  const times = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(".kpb"))
        .map((name) => statSync(join(folder, name)).mtimeMs)
    : [];
  const fix = "Make one with `koprade backup`, and keep a copy elsewhere.";
  if (times.length === 0) return note("backup", "none in the data folder.", fix);
  const days = Math.floor((nowMs - Math.max(...times)) / day);
  return days > 7 ? bad("backup", `the newest is ${days} days old.`, fix) : good("backup", `the newest is ${days} days old.`);
}
