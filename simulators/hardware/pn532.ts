// A PN532 on its serial port at the byte level: asleep until it is woken, deaf to bad frames, answers each command with an ACK
// and then a frame, and lists the cards that lie on it.
//
//   host  55 55 00 … 00 00 FF LEN LCS D4 CC … DCS 00     module  00 00 FF 00 FF 00 · 00 00 FF LEN LCS D5 CC+1 … DCS 00

/** A card as the module lists it. */
export interface SimulatedCard {
  /** 4, 7 or 10 bytes as hex digits */
  readonly uid: string;
  /** 0x08 unless said: MIFARE Classic 1K */
  readonly selRes?: number;
  /** as hex digits, length byte first; for cards with selRes bit 5 */
  readonly ats?: string;
  /** Called each time the module lists it: it forgets what was going on. */
  readonly activate?: () => void;
  /** What it answers to an APDU; null when it has left. Absent: it has no chip. */
  readonly answer?: (apdu: Uint8Array) => Uint8Array | null;
}

export interface Pn532 {
  receive(bytes: Uint8Array): void;
  /** Puts cards on the antenna in place of those before. The module lists two at most. */
  present(...cards: readonly SimulatedCard[]): void;
  remove(): void;
  /** Power lost and back: it sleeps and has forgotten its configuration. */
  brownOut(): void;
  /** Which wake-ups it hears from its sleep: all, the short one with its exact zeros, or zeros alone. */
  setWakeUp(wakeUp: WakeUp): void;
  /** A search that an earlier host began and never ended: it hears an ACK and nothing else. */
  searchForever(): void;
  /** Bytes that it sends behind every answer, as a clone does. */
  setTrailer(bytes: Uint8Array): void;
  /** The next `count` commands get no ACK and no answer. */
  ignoreCommands(count: number): void;
  /** How the bytes of ACK and answer are cut into reads; merged is one read for both. */
  setDelivery(delivery: "merged" | "separate" | "bytewise"): void;
  /** How often a host asked for cards without limiting the search before: such a host hangs on a real module. */
  endlessSearches(): number;
  close(): void;
}

export type WakeUp = "any" | "short" | "zeros";

const ack = [0x00, 0x00, 0xff, 0x00, 0xff, 0x00];
const answerMs = 5;
/** Most data bytes of a card in one frame. */
const partMax = 262;

export function createPn532({ send }: { readonly send: (bytes: Uint8Array) => void }): Pn532 {
  const chip = createChip();
  let pending: number[] = [];
  let toIgnore = 0;
  let delivery: "merged" | "separate" | "bytewise" = "merged";
  let trailer: readonly number[] = [];
  const timers = new Set<NodeJS.Timeout>();

  function reply(command: number, data: readonly number[]): void {
    if (toIgnore > 0) {
      toIgnore -= 1;
      return;
    }
    const body = chip.answerTo(command, data);
    const frame = body === null ? [] : [...framed([0xd5, command + 1, ...body]), ...trailer];
    const timer = setTimeout(() => {
      timers.delete(timer);
      deliver(frame);
    }, answerMs);
    timers.add(timer);
  }

  function deliver(frame: readonly number[]): void {
    if (delivery === "merged") send(Uint8Array.from([...ack, ...frame]));
    else if (delivery === "separate") {
      send(Uint8Array.from(ack));
      if (frame.length > 0) send(Uint8Array.from(frame));
    } else for (const byte of [...ack, ...frame]) send(Uint8Array.of(byte));
  }

  return {
    receive(bytes) {
      if (!chip.isRousedBy(bytes)) return;
      pending = [...pending, ...bytes].slice(-600);
      for (let found = takeFrame(pending); found !== null; found = takeFrame(pending)) {
        pending = found.rest;
        const [tfi, command, ...data] = found.body;
        if (tfi === 0xd4 && command !== undefined) reply(command, data);
      }
    },
    present: (...given) => chip.place(given),
    remove: () => chip.place([]),
    brownOut() {
      chip.brownOut();
      pending = [];
    },
    setWakeUp: chip.setWakeUp,
    searchForever: chip.searchForever,
    setTrailer(bytes) {
      trailer = [...bytes];
    },
    ignoreCommands(count) {
      toIgnore = count;
    },
    setDelivery(given) {
      delivery = given;
    },
    endlessSearches: chip.endlessSearches,
    close() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

/** What each kind of module is woken by, in front of the `00 00 FF` of a frame. */
const wakeUps: Readonly<Record<WakeUp, RegExp>> = { any: /^5555/, short: /^55550000000000ff/, zeros: /^(00){12}ff/ };

/** What the module knows and does; how its answers travel is somebody else's. */
function createChip() {
  let cards: readonly SimulatedCard[] = [];
  let isAwake = false;
  let isSearching = false;
  let wakeUp: WakeUp = "any";
  let isSet = false;
  let isLimited = false;
  let endless = 0;
  let asked: readonly number[] = [];
  let unsaid: readonly number[] = [];
  /** InDataExchange: an APDU may come in parts, and so may its answer. Status 01: nothing came back from the card in time. */
  function exchange(card: SimulatedCard | undefined, more: number, part: readonly number[]): number[] {
    if (card?.answer === undefined) return [0x01];
    asked = [...asked, ...part];
    if (more !== 0) return [0x00];
    if (asked.length > 0) {
      const answer = card.answer(Uint8Array.from(asked));
      asked = [];
      if (answer === null) return [0x01];
      unsaid = [...answer];
    }
    const said = unsaid.slice(0, partMax);
    unsaid = unsaid.slice(partMax);
    return [unsaid.length === 0 ? 0x00 : 0x40, ...said];
  }
  return {
    /** A sleeping module hears the edges of a wake-up only, a searching one an ACK only. */
    isRousedBy(bytes: Uint8Array): boolean {
      if (isSearching && bytes.toHex() === "0000ff00ff00") isSearching = false;
      if (wakeUps[wakeUp].test(bytes.toHex())) isAwake = true;
      return isAwake && !isSearching;
    },
    setWakeUp(given: WakeUp): void {
      wakeUp = given;
    },
    searchForever(): void {
      isSearching = true;
    },
    /** The bytes behind the answer's code; null: it says nothing. */
    answerTo(command: number, data: readonly number[]): number[] | null {
      if (command === 0x14) {
        isSet = data[0] === 1;
        return [];
      }
      if (!isSet) return null;
      if (command === 0x02) return [0x32, 0x01, 0x06, 0x07];
      if (command === 0x32) {
        if (data[0] === 5) isLimited = data[3] !== undefined && data[3] !== 0xff;
        return [];
      }
      if (command === 0x40) return exchange(cards[((data[0] ?? 0) & 0x3f) - 1], (data[0] ?? 0) & 0x40, data.slice(1));
      if (command === 0x52 || command === 0x44) return [0x00];
      if (command !== 0x4a) return [0x7f];
      if (!isLimited) endless += 1;
      const listed = data[1] === 0 ? cards.slice(0, Math.min(2, data[0] ?? 0)) : [];
      if (listed.length === 0 && !isLimited) return null;
      for (const card of listed) card.activate?.();
      return [listed.length, ...listed.flatMap((card, i) => target(card, i + 1))];
    },
    place(given: readonly SimulatedCard[]): void {
      cards = given;
    },
    brownOut(): void {
      isAwake = false;
      isSearching = false;
      isSet = false;
      isLimited = false;
    },
    endlessSearches: () => endless,
  };
}

/** A frame around TFI, code and data, long form when it must be. */
export function framed(body: readonly number[]): number[] {
  const size = body.length;
  const head = size < 256 ? [size, (256 - size) & 0xff] : [0xff, 0xff, size >> 8, size & 0xff, (512 - (size >> 8) - (size & 0xff)) & 0xff];
  return [0x00, 0x00, 0xff, ...head, ...body, (0x10000 - body.reduce((sum, byte) => sum + byte, 0)) & 0xff, 0x00];
}

function target({ uid, selRes = 0x08, ats = "" }: SimulatedCard, number: number): number[] {
  const bytes = [...Buffer.from(uid, "hex")];
  if (![4, 7, 10].includes(bytes.length)) throw new Error(`a UID has 4, 7 or 10 bytes, not ${bytes.length}`);
  return [number, 0x00, bytes.length === 4 ? 0x04 : 0x44, selRes, bytes.length, ...bytes, ...Buffer.from(ats, "hex")];
}

/** The first whole frame with right sums, and what follows it; ACKs and noise before it are passed over. */
function takeFrame(bytes: readonly number[]): { body: number[]; rest: number[] } | null {
  for (let at = 0; at + 4 < bytes.length; at += 1) {
    if (bytes[at] !== 0x00 || bytes[at + 1] !== 0xff) continue;
    const isLong = bytes[at + 2] === 0xff && bytes[at + 3] === 0xff;
    const [high, low, check, from] = isLong
      ? [bytes[at + 4], bytes[at + 5], bytes[at + 6], at + 7]
      : [0, bytes[at + 2], bytes[at + 3], at + 4];
    const size = (high ?? 0) * 0x100 + (low ?? 0);
    if (size === 0 || ((high ?? 0) + (low ?? 0) + (check ?? 0)) % 256 !== 0) continue;
    const body = bytes.slice(from, from + size);
    const sum = bytes[from + size];
    if (body.length < size || sum === undefined) return null;
    if ((body.reduce((total, byte) => total + byte, 0) + sum) % 256 === 0) return { body, rest: bytes.slice(from + 1 + size) };
  }
  return null;
}
