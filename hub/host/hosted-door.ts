/**
 * A door behind a foreign controller that decides by its own list: in front of it the very door of every node (devices/door). Each card
 * that it tells of is decided here as well; who is let in is put on the door's own list for a day, so that the door opens without us;
 * whoever would not be let in now is taken off, again and again until the door confirms it, and until then that is said.
 */
import { createDoorNode } from "../../devices/door/door-node.ts";
import { cardKeyOf } from "../../devices/kit/authorise.ts";
import type { NodePorts } from "../../devices/kit/node.ts";
import { programVersion } from "../../devices/kit/package-version.ts";
import type { HeardCard, Sense } from "../hosted/family.ts";
import { boardOfDevices } from "./hosted-board.ts";
import { canonicalOf, cardReader } from "./hosted-cards.ts";
import type { HostedDevice } from "./hosted-device.ts";
import type { HostedFile } from "./hosted-file.ts";
import type { HostedNode } from "./hosted-machine.ts";

/** what the door has just opened by itself needs no second word */
const passedMs = 3000;
const lookMs = 1000;
const listEveryMs = 600_000;
const admittedMs = 86_400_000;
/** an entry is renewed when less than this is left of it */
const renewMs = 43_200_000;
const cardsMax = 2000;

export function createHostedDoor(
  file: HostedFile,
  ports: NodePorts,
  devices: ReadonlyMap<HostedFile["devices"][number], HostedDevice>,
): HostedNode {
  const [row, device] = [...devices].find(([{ parts }]) => parts.includes("door")) ?? [];
  if (row === undefined || device === undefined) throw new Error("a door without a device");
  let passedMono = Number.NEGATIVE_INFINITY;
  let contact: boolean | null = null;
  const contactListeners: ((open: boolean | null) => void)[] = [];
  device.listen({
    // before the reader below hears of it: a grant that follows finds the door open already
    onCard: ({ passed }) => {
      if (passed === true) passedMono = ports.clock.monoMs();
    },
    onContact(open) {
      contact = open;
      for (const listen of contactListeners) listen(open);
    },
  });
  const door = createDoorNode({
    ports,
    ch: file.ch,
    fw: programVersion(),
    hw: `hosted: ${row.family}`,
    hardware: {
      reader: cardReader([...devices].flatMap(([{ parts }, each]) => (parts.includes("door") || parts.includes("reader") ? [each] : []))),
      lock: {
        release(_limitMs, done) {
          if (ports.clock.monoMs() - passedMono < passedMs) return done(null);
          device.order({ kind: "open" }, (sense) => sense.kind === "done" && sense.order === "opendoor", done);
        },
        lock: (done) => done(null), // it locks by itself
      },
      contact: row.options.contact === "yes" ? { read: () => contact, onChange: (listener) => void contactListeners.push(listener) } : null,
      exitButton: null,
      signs: { say: () => undefined, beep: () => undefined, siren: () => undefined },
      board: boardOfDevices([device], () => words()),
      close: () => undefined,
    },
  });
  const list = createUserList({ door, device, ports, ch: file.ch });
  const words = (): string => (list.unconfirmed() === 0 ? "" : `hosted; ${list.unconfirmed()} revocations NOT confirmed`);
  const cancels = [
    ports.clock.every("user list", lookMs, () => door.node.runtime.input(() => list.look())),
    ports.clock.every("whole user list", listEveryMs, () => list.ask()),
  ];
  return {
    node: door.node,
    start: () => door.start(),
    hasBegun: () => true,
    async stop() {
      for (const cancel of cancels) cancel();
      await door.stop();
    },
    energy: () => null,
  };
}

/** `listed`: the door has said so, or confirmed it; undefined: nobody knows. */
type Entry = { readonly card: HeardCard; readonly cardKey: string; isListed: boolean | undefined; untilMs: number };

/** Numbers of cards are here in memory only, as in a reader; the door's own list is what is kept. */
function createUserList(given: {
  readonly door: ReturnType<typeof createDoorNode>;
  readonly device: HostedDevice;
  readonly ports: NodePorts;
  readonly ch: string;
}) {
  const { door, device, ports, ch } = given;
  const entries = new Map<string, Entry>();
  /** the door confirms without saying what: one at a time */
  let isAsking = false;

  const entryOf = (card: HeardCard): Entry | undefined => {
    const number = canonicalOf(card);
    if (number.kind !== "number") return undefined;
    const cardKey = cardKeyOf(ports.keys.card, number.number);
    const known = entries.get(cardKey);
    if (known !== undefined || entries.size >= cardsMax) return known;
    const entry: Entry = { card, cardKey, isListed: undefined, untilMs: 0 };
    entries.set(cardKey, entry);
    return entry;
  };
  device.listen({
    onCard({ card, passed }: Extract<Sense, { kind: "card" }>) {
      const entry = entryOf(card);
      if (entry !== undefined && passed === true) entry.isListed = true;
    },
    onUser({ card, validUntilS }) {
      const entry = entryOf(card);
      if (entry === undefined) return;
      entry.isListed = true;
      entry.untilMs = (validUntilS ?? 0) * 1000;
    },
    onOnline: (online) => online && ask(),
  });
  const ask = (): void => device.order({ kind: "list" }, undefined, () => undefined);

  /** Until when this card may be on the door's list; null: it must not be. */
  const mayUntil = (cardKey: string): number | null => {
    if (door.node.mode() !== "normal") return null;
    const { nowMs } = door.node.nodeClock.read();
    const question = { ch, kind: "enter", cardKey, usable: true } as const;
    const decision = door.node.authoriser.review(question, { session: null, ancillariesReady: true });
    if (nowMs === null || decision.outcome !== "grant") return null;
    return Math.min(decision.reevaluateAtMs ?? Number.POSITIVE_INFINITY, nowMs + admittedMs);
  };
  const isDue = (entry: Entry, until: number | null): boolean => {
    if (until === null) return entry.isListed === true;
    return (
      entry.isListed !== true ||
      entry.untilMs > until + 60_000 ||
      (entry.untilMs - ports.clock.nowMs() < renewMs && entry.untilMs < until - 60_000)
    );
  };
  const tell = (entry: Entry, until: number | null): void => {
    isAsking = true;
    const order =
      until === null
        ? ({ kind: "expel", card: entry.card } as const)
        : ({ kind: "admit", card: entry.card, untilS: Math.floor(until / 1000) } as const);
    const word = until === null ? "deletuid" : "adduser";
    device.order(
      order,
      (sense) => sense.kind === "done" && sense.order === word,
      (failure) => {
        isAsking = false;
        if (failure !== null) return;
        entry.isListed = until !== null;
        entry.untilMs = until ?? 0;
      },
    );
  };
  return {
    ask,
    /** Of what is due, whoever must go goes first. */
    look(): void {
      if (isAsking || door.node.snapshots.current() === undefined) return;
      const due = [...entries.values()]
        .map((entry) => ({ entry, until: mayUntil(entry.cardKey) }))
        .filter(({ entry, until }) => isDue(entry, until));
      const next = due.find(({ until }) => until === null) ?? due[0];
      if (next !== undefined && device.isOnline()) tell(next.entry, next.until);
    },
    unconfirmed: (): number => [...entries.values()].filter((entry) => entry.isListed === true && mayUntil(entry.cardKey) === null).length,
  };
}
