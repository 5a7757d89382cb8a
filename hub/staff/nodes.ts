/** The boxes on the walls: what they are, what hangs on them, whether their wiring was tested, and who waits to be let in. */
import { hubWordsOf } from "../ledger/offers.ts";
import type { Stack } from "../stack.ts";
import type { CommandOutcome } from "../views.ts";
import type { NodeInfo, NodesView, StaffOrders } from "../views-staff.ts";

export function nodesOf({ ledger, hub }: Stack): NodesView {
  const { read } = ledger;
  const resources = read.resources();
  return {
    nodes: read.nodes().map(({ node, kind, label, status }): NodeInfo => {
      const { firmware, health } = hub.live.careOf(node);
      const hangs = resources.filter((row) => row.node === node);
      return {
        id: node,
        label: label === "" ? node : label,
        kind,
        state: status,
        firmware,
        hangs: hangs.map((row) => ({ id: row.id, label: row.label, kind: row.kind })),
        wiring: wiringOf(
          read,
          hangs.filter((row) => row.kind === "machine").map(({ id }) => id),
        ),
        uptimeMs: health?.uptimeMs ?? null,
        signalDbm: health?.signalDbm ?? null,
      };
    }),
    windowUntilMs: read.enrolUntilMs(),
    hubWords: hubWordsOf(ledger.keys.signingPublicKey),
    newcomers: hub.newcomers().map(({ fp, words, sinceMs, adoptedAs, hello }) => ({
      fp,
      words,
      model: hello.model,
      firmware: hello.fw,
      sinceMs,
      adoptedAs,
      channels: hello.channels.map(({ ch, kind }) => ({ ch, kind })),
    })),
  };
}

/** The worst of what hangs on it. */
function wiringOf(read: Stack["ledger"]["read"], machines: readonly string[]): NodeInfo["wiring"] {
  if (machines.length === 0) return "not_needed";
  const states = machines.map((id): NodeInfo["wiring"] => {
    const [newest] = read.commissionings(id);
    return newest === undefined ? "none" : newest.isValid ? newest.basis : "ended";
  });
  return (["none", "ended", "taken_over", "tested"] as const).find((state) => states.includes(state)) ?? "none";
}

/** What only a running hub can do, on the space the pages show. */
export function staffOrders(stackNow: () => Stack, by: (actor: Parameters<StaffOrders["identify"]>[0]["actor"]) => string): StaffOrders {
  return {
    orderDoor: ({ door, order, actor }) => stackNow().hub.orderDoor(door, order, by(actor)),
    identify: ({ node, actor }) => stackNow().hub.identify(node, by(actor)),
    async adopt({ fp, node, label, kind, actor }): Promise<CommandOutcome> {
      const { hub, ledger, tls } = stackNow();
      const newcomer = hub.newcomers().find((one) => one.fp === fp);
      if (newcomer === undefined) return { status: "missing" };
      const { publicKey } = newcomer.hello;
      await ledger.change.adoptNode({ node, label, kind, publicKey, ca: tls?.caPem ?? null }, by(actor));
      return { status: "applied" };
    },
  };
}
