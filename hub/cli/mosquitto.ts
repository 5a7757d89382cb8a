/** `koprade mosquitto`: the files that make somebody's mosquitto the bus of this space. Keeps the accounts it wrote before. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import { mosquittoConfig } from "../broker/mosquitto.ts";
import { bridgeAccess, hostedDevices } from "../host/bridge-access.ts";
import { hostFolder, hostsAnything } from "../host/hosted-folder.ts";
import { badUsage, command, failed, type Outcome } from "./command.ts";
import { withLedger } from "./data.ts";
import { wholeNumber } from "./values.ts";

const keysFile = z.object({ secret: z.string().min(16).max(200) });
const etc = "/etc/mosquitto/koprade";

export const mosquitto = command({
  summary: "write configuration, access list and accounts for an external mosquitto",
  args: {
    out: { type: "string", default: "mosquitto", valueHint: "dir", description: "folder for the three files" },
    bundles: { type: "string", default: ".", valueHint: "dir", description: "where `koprade node add` left the folders node-<name>" },
    port: { type: "string", default: "8883", valueHint: "port", description: "port mosquitto listens on" },
    cert: { type: "string", default: `${etc}/server.crt`, valueHint: "file", description: "its certificate, as mosquitto sees it" },
    key: { type: "string", default: `${etc}/server.key`, valueHint: "file", description: "the certificate's key, as mosquitto sees it" },
    bridge: {
      type: "string",
      valueHint: "account",
      description: "instead: print what our account may touch at the space's own broker, where hosted devices stay",
    },
  },
  examples: [
    "koprade mosquitto --out /tmp/mosquitto --bundles .",
    "koprade mosquitto --cert /etc/ssl/space.crt --key /etc/ssl/space.key",
    "koprade mosquitto --bridge koprade",
  ],
  async run(given, context) {
    const { world } = context;
    if (given.bridge !== undefined) return bridged(given.bridge, context.dataDir);
    const folder = resolve(world.cwd, given.out);
    return withLedger(context, async (ledger, config) => {
      const { external } = config.mqtt;
      if (external === null) {
        throw failed(
          "koprade.yaml names no external broker. Add mqtt: external: with url, username and password; the hub logs in there under that name.",
        );
      }
      const nodes = ledger.read.nodes().filter(({ status }) => status === "active");
      const accounts = nodes.map(({ node }) => ({
        identity: { role: "node" as const, id: node },
        secret: secretOf(resolve(world.cwd, given.bundles), node),
      }));
      const known = accounts.filter(({ secret }) => secret !== null);
      const files = mosquittoConfig({
        site: config.site,
        hub: { username: external.username, secret: external.password },
        accounts: accounts.map(({ identity, secret }) => ({ identity, secret: secret ?? "" })),
        port: wholeNumber("--port", given.port, 1, 65_535),
        tls: { certFile: given.cert, keyFile: given.key },
        aclFile: `${etc}/koprade.acl`,
        passwordFile: `${etc}/koprade.passwords`,
      });
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const kept = passwordsKept(
        join(folder, "koprade.passwords"),
        files.passwords,
        new Set(known.map(({ identity }) => identity.id).concat(external.username)),
      );
      write(join(folder, "koprade.conf"), files.conf);
      write(join(folder, "koprade.acl"), files.acl);
      write(join(folder, "koprade.passwords"), kept.text);
      const missing = nodes.map(({ node }) => node).filter((node) => !kept.names.has(node));
      return {
        lines: [
          `Wrote koprade.conf, koprade.acl and koprade.passwords to ${folder} for ${kept.names.size} accounts.`,
          `Put them into ${etc}, the conf also into /etc/mosquitto/conf.d, and restart mosquitto. Run this again after every new node.`,
          ...missing.map(
            (node) => `${node} has no password yet, since its folder is not here: run koprade node renew ${node}, then this again.`,
          ),
        ],
        json: { folder, accounts: [...kept.names].sort(), missing },
      };
    });
  },
});

function bridged(account: string, dataDir: string): Outcome {
  if (!/^[\w.-]{1,60}$/.test(account)) throw badUsage("--bridge takes the name of the account, such as koprade.");
  const folder = hostFolder(dataDir);
  const lines = bridgeAccess(account, hostsAnything(folder) ? hostedDevices(folder) : []);
  if (lines.length === 1)
    throw failed("No hosted device stays at a broker of the space. Adopt one first: `koprade node adopt … --bridge`.");
  return { lines, json: { account, lines } };
}

/** The node's secret out of its folder; null when that folder has been moved to the node. */
function secretOf(bundles: string, node: string): string | null {
  const path = join(bundles, `node-${node}`, "node-keys.json");
  if (!existsSync(path)) return null;
  try {
    return keysFile.parse(JSON.parse(readFileSync(path, "utf8"))).secret;
  } catch {
    throw failed(`${path} is not the keys file of a node. Make it anew with: koprade node renew ${node}`);
  }
}

/** New lines for the accounts whose secret is at hand, the old line for the others. */
function passwordsKept(path: string, made: string, fresh: ReadonlySet<string>): { text: string; names: Set<string> } {
  const nameOf = (line: string): string => line.slice(0, line.indexOf(":"));
  const before = existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line.includes(":"))
    : [];
  const now = made.split("\n").filter((line) => line !== "" && fresh.has(nameOf(line)));
  const wanted = new Set(made.split("\n").map(nameOf));
  const lines = [...now, ...before.filter((line) => !fresh.has(nameOf(line)) && wanted.has(nameOf(line)))];
  return { text: `${lines.join("\n")}\n`, names: new Set(lines.map(nameOf)) };
}

const write = (path: string, text: string): void => writeFileSync(path, text, { mode: 0o600 });
