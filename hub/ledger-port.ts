/** The ledger in the shape the app asks for. What tiles ask again and again is remembered until the next change. */
import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { faceOf } from "./ledger/offers.ts";
import type { Ledger } from "./ledger/types.ts";
import type { Ledger as LedgerPort } from "./ports.ts";

/** @param ca  the certificate that signs the broker's, PEM, for nodes that get new keys; null where the computer's own list counts */
export function ledgerPort(ledger: Ledger, ca: string | null = null): LedgerPort {
  const { read, permissions } = ledger;
  const site = remembered(() => read.site());
  const resources = remembered(() => read.resources());
  const nodes = remembered(() => read.nodes());
  const serials = remembered(() => new Map(nodes.get().map(({ node, macSerial }) => [node, macSerial])));
  const lockouts = remembered(() => Map.groupBy(read.lockouts(), (lockout) => lockout.machine));
  const zones = remembered(() => new Map(read.zones().map(({ zone, parent }) => [zone, parent])));
  const names = new Map<number, string | null>();
  const macKeys = new Map<string, KeyObject>();
  ledger.onChange((change) => {
    if (change.kind === "events") return;
    for (const memory of [site, resources, nodes, serials, lockouts, zones]) memory.forget();
    names.clear();
  });
  const memberName = (member: number): string | null => {
    const known = names.get(member);
    if (known !== undefined) return known;
    const name = read.member(member)?.displayName ?? null;
    if (names.size >= namesMax) names.clear();
    names.set(member, name);
    return name;
  };
  /** Derived from the site's root, the name and how often the node has got new keys. */
  const macKeyOf = (node: string): KeyObject => {
    const serial = serials.get().get(node) ?? 0;
    const name = `${node}:${serial}`;
    const known = macKeys.get(name);
    if (known !== undefined) return known;
    const made = createSecretKey(ledger.keys.macKeyOf(node, serial));
    if (macKeys.size >= macKeysMax) macKeys.clear();
    macKeys.set(name, made);
    return made;
  };
  return {
    append: (node, events) => ledger.append(node, events),
    quarantine: (node, path, bytes, reason) => ledger.quarantine(node, path, bytes, reason),
    ackUpTo: (node, boot) => ledger.ackUpTo(node, boot),
    bootsOf: (node) => ledger.bootsOf(node),
    onChange: (handle) => ledger.onChange(handle),
    async cutOff(node) {
      if (nodes.get().some((row) => row.node === node && row.status === "active"))
        await ledger.change.setNode({ node, status: "quarantined" }, "hub:links");
    },
    macOf: (node) => {
      const key = macKeyOf(node);
      return (bytes) => createHmac("sha256", key).update(bytes).digest();
    },
    adoption: {
      untilMs: () => read.enrolUntilMs(),
      offer: (fp) => read.offer(fp),
      faceOf,
      hub: ledger.keys.signingPublicKey,
      sign: (bytes) => ledger.keys.sign(bytes),
      nextKeys: () => read.nextKeys(),
      async rekey(node, boxKey) {
        await ledger.change.rekeyNode({ node, boxKey, ca }, "hub:keys");
      },
    },
    permits: permissions,
    registry: {
      site: site.get,
      resources: resources.get,
      nodes: nodes.get,
      memberName,
      recentEvents: (limit) => read.events({ limit }),
      eventsSince: (fromMs, kinds) => read.events({ fromMs, kinds, limit: 10_000 }).reverse(),
      lastEnds: () => read.lastEnds(),
      zones: zones.get,
      creditCents: (member) => read.credit(member).balanceCents,
      exceptions: (after) => read.exceptions({ after }),
      openSessions: () => read.sessions({ open: true, limit: 500 }),
      lockouts: (machine) => lockouts.get().get(machine) ?? [],
    },
  };
}

const namesMax = 500;
const macKeysMax = 2000;

function remembered<T>(read: () => T): { get: () => T; forget: () => void } {
  let known: { readonly value: T } | undefined;
  return {
    get() {
      known ??= { value: read() };
      return known.value;
    },
    forget() {
      known = undefined;
    },
  };
}
