/**
 * The files that make a mosquitto 2 the bus of a site: configuration, access list and accounts, from the same contract rows as
 * the embedded broker's rules. An access list knows no retain flag; the hub clears what should not have been retained.
 */
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { type Topic, topicFilter, topics } from "#contract";
import { type Identity, usernameOf } from "./acl.ts";
import { defaultQuotas } from "./quotas.ts";

export type MosquittoAccount = { readonly identity: Identity; readonly secret: string };

export type MosquittoRequest = {
  readonly site: string;
  readonly hub: { readonly username: string; readonly secret: string };
  readonly accounts: readonly MosquittoAccount[];
  readonly port: number;
  /** null: plain, everything on the port can be read and forged */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** where mosquitto will find the two other files */
  readonly aclFile: string;
  readonly passwordFile: string;
  readonly bindAddress?: string;
};

export type MosquittoFiles = { readonly conf: string; readonly acl: string; readonly passwords: string };

/** Texts of `mosquitto.conf`, its `acl_file` and its `password_file` (mosquitto.conf(5)). Write the last with mode 600. */
export function mosquittoConfig(request: MosquittoRequest): MosquittoFiles {
  const accounts = request.accounts.map(({ identity, secret }) => ({ username: usernameOf(identity), secret }));
  const blocks = [hubRules(request.site, request.hub.username), ...request.accounts.map(({ identity }) => rulesOf(request.site, identity))];
  return {
    conf: confOf(request),
    acl: `${blocks.join("\n\n")}\n`,
    passwords: `${[request.hub, ...accounts].map(({ username, secret }) => passwordLine(username, secret)).join("\n")}\n`,
  };
}

function confOf(request: MosquittoRequest): string {
  const tls = request.tls === null ? [] : [`certfile ${request.tls.certFile}`, `keyfile ${request.tls.keyFile}`, "tls_version tlsv1.2"];
  return `${[
    "per_listener_settings false",
    `listener ${request.port}${request.bindAddress === undefined ? "" : ` ${request.bindAddress}`}`,
    ...tls,
    "allow_anonymous false",
    `password_file ${request.passwordFile}`,
    `acl_file ${request.aclFile}`,
    "use_username_as_clientid true",
    "persistence false",
    "set_tcp_nodelay true",
    `max_connections ${defaultQuotas.connections}`,
    "max_packet_size 65536",
    "max_queued_messages 100",
    "max_inflight_messages 20",
    "log_dest stderr",
  ].join("\n")}\n`;
}

const rows = Object.keys(topics) as Topic[];
const block = (username: string, rules: readonly string[]): string => [`user ${nameFrom(username)}`, ...rules].join("\n");

/** A name that cannot begin a line of its own in any of the files. */
function nameFrom(username: string): string {
  if (!/^[a-z0-9-]{3,32}$/.test(username)) throw new Error(`not an account's name: ${JSON.stringify(username)}`);
  return username;
}

function hubRules(site: string, username: string): string {
  // Write everywhere the contract reaches: also to clear what a node should not have retained.
  return block(
    username,
    rows.map((topic) => `topic ${topics[topic].from === "hub" ? "write" : "readwrite"} ${topicFilter(site, topic)}`),
  );
}

function rulesOf(site: string, identity: Identity): string {
  return block(
    usernameOf(identity),
    rows.flatMap((topic) => ruleOf(site, identity, topic) ?? []),
  );
}

/** What one row gives an identity, or undefined: `display` reads `pub`, `newcomer` has its `enrol`, `node` all the rest. */
function ruleOf(site: string, identity: Identity, topic: Topic): string | undefined {
  const { path, from } = topics[topic];
  const top = path.split("/")[0];
  const theirs = { pub: "display", enrol: "newcomer" } as const;
  const role = top === "pub" || top === "enrol" ? theirs[top] : "node";
  if (identity.role !== role) return undefined;
  const filter = top === "n" || top === "enrol" ? topicFilter(site, topic, identity.id) : topicFilter(site, topic);
  if (from === "hub") return `topic read ${filter}`;
  return `topic ${topic === "nodeState" ? "readwrite" : "write"} ${filter}`;
}

const iterations = 20_000;

/** `user:$7$iterations$salt$hash`: PBKDF2 with SHA-512, 12 bytes of salt, 64 of hash (mosquitto_passwd(1)). */
function passwordLine(username: string, secret: string): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(secret, salt, iterations, 64, "sha512");
  return `${nameFrom(username)}:$7$${iterations}$${salt.toString("base64")}$${hash.toString("base64")}`;
}
