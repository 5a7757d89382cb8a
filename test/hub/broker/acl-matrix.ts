/**
 * Role × verb × topic × wildcard: the cases, and an oracle that knows the domain's table (domain.md §5.1) and neither the
 * contract's rows nor the access list. It is written in other words on purpose.
 */
import type { Identity } from "../../../hub/broker/acl.ts";

export const site = "valmiera";
export type Verb = "publish" | "publish-retained" | "subscribe" | "receive";
export type Case = { readonly identity: Identity; readonly verb: Verb; readonly topic: string };

export const identities: readonly Identity[] = [
  { role: "node", id: "door-1" },
  { role: "node", id: "door-10" },
  { role: "newcomer", id: "0123456789abcdef" },
  { role: "display", id: "display-hall" },
];
const fingerprints = ["0123456789abcdef", "fedcba9876543210"];
const verbs: readonly Verb[] = ["publish", "publish-retained", "subscribe", "receive"];

const names = [
  "door-1",
  "door-10",
  "laser-1",
  "display-hall",
  ...fingerprints,
  "+",
  "#",
  "",
  "DOOR-1",
  "door-1\u0000",
  "dōor",
  "$SYS",
  "..",
  "x".repeat(41),
];
const leaves = [
  ...["state", "birth", "hb", "req", "res", "cmd", "ack", "evt", "evt-ack", "cfg", "keys", "lock", "snap", "snap-req"],
  ...[
    "c/door/rep",
    "c/door/tele",
    "c/door-1/rep",
    "c/0123456789abcdef/tele",
    "snap/door-1/0",
    "c/+/rep",
    "c/#",
    "c//rep",
    "snap/3.17/0",
    "snap/+/+",
    "snap/+/0",
    "snap/#",
    "snap/3/1/2",
  ],
  ...["+", "#", "", "State", "cmd ", "cmd/", "cmd/x", "/cmd", "cmd\u0000", "c/DOOR/rep", "+/rep", "c/door/+"],
];
const elsewhere = [
  ...["hub/state", "hub/time", "hub/+", "hub/#", "hub", "hub/state/x", "mode", "mode/x", "mode/+", "+", "#", "+/+", "+/state", ""],
  ...["pub/laser", "pub/+", "pub/#", "pub/a/b", "pub", "pub/", "pub/LASER", "enrol/+/hello", "enrol/#", "enrol/x/offer"],
];
const prefixes = [`koprade/1/${site}/`];
const foreignPrefixes = [
  ...[
    "koprade/1/other/",
    "koprade/2/valmiera/",
    "koprade/1/+/",
    "+/1/valmiera/",
    "/koprade/1/valmiera/",
    "koprade//valmiera/",
    "Koprade/1/valmiera/",
  ],
  ...[
    "$share/g/koprade/1/valmiera/",
    "$SYS/",
    "$queue/koprade/1/valmiera/",
    "koprade/1/valmiera//",
    "koprade/1/valmiera/x/",
    "\u0000koprade/1/valmiera/",
    "",
  ],
];

export function* matrix(): Generator<Case> {
  for (const identity of identities) {
    for (const verb of verbs) for (const topic of topicsFor(prefixes, names)) yield { identity, verb, topic };
    for (const verb of verbs) for (const topic of topicsFor(foreignPrefixes, [identity.id])) yield { identity, verb, topic };
  }
}

function* topicsFor(roots: readonly string[], ids: readonly string[]): Generator<string> {
  for (const root of roots) {
    for (const id of ids) {
      for (const leaf of leaves) yield `${root}n/${id}/${leaf}`;
      for (const leaf of ["hello", "offer", "+", "#", "hello/x"]) yield `${root}enrol/${id}/${leaf}`;
    }
    for (const rest of elsewhere) yield root + rest;
    yield `${root}n/${"deep/".repeat(100)}cmd`;
  }
}

const name = "[a-z0-9.-]{1,40}";
const nodeSays = new RegExp(`^(hb|req|ack|evt|snap-req|c/${name}/tele)$`);
const nodeSaysAndKeeps = new RegExp(`^(state|birth|c/${name}/rep)$`);
const nodeHears = new RegExp(`^(res|cmd|evt-ack|cfg|keys|lock|snap|snap/${name}/${name}|state)$`);
const nodeAsks = new RegExp(`^(res|cmd|evt-ack|cfg|keys|lock|snap|snap/(\\+|${name})/(\\+|${name})|state)$`);
const everybodyHears = /^(hub\/state|hub\/time|mode)$/;

/** What the domain says. */
export function oracle({ identity, verb, topic }: Case): boolean {
  const root = `koprade/1/${site}/`;
  if (topic.slice(0, root.length) !== root) return false;
  const rest = topic.slice(root.length);
  switch (identity.role) {
    case "node":
      return nodeMay(identity.id, verb, rest);
    case "newcomer":
      return rest === `enrol/${identity.id}/${verb === "publish" ? "hello" : verb === "publish-retained" ? "nothing" : "offer"}`;
    case "display":
      if (verb === "receive") return new RegExp(`^pub/${name}$`).test(rest);
      return verb === "subscribe" && new RegExp(`^pub/(\\+|${name})$`).test(rest);
  }
}

function nodeMay(id: string, verb: Verb, rest: string): boolean {
  const mine = rest.startsWith(`n/${id}/`) ? rest.slice(`n/${id}/`.length) : undefined;
  switch (verb) {
    case "publish":
      return mine !== undefined && (nodeSays.test(mine) || nodeSaysAndKeeps.test(mine));
    case "publish-retained":
      return mine !== undefined && nodeSaysAndKeeps.test(mine);
    case "subscribe":
      return everybodyHears.test(rest) || (mine !== undefined && nodeAsks.test(mine));
    case "receive":
      return everybodyHears.test(rest) || (mine !== undefined && nodeHears.test(mine));
  }
}
