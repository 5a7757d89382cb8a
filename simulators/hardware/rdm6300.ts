// An RDM6300 (125 kHz reader) at the byte level: a 14-byte frame every 65 ms while a card is near, and the
// electrical noise that real ones send.
//
//   STX  10 hex digits: version, id (4 bytes)  2 hex digits: XOR of the five bytes  ETX     9600 8N1

/** A simulated reader. Cards are the five bytes the reader prints, as ten hex digits: version byte first. */
export interface Rdm6300 {
  /** Puts a card near the coil: the first frame goes out at once. Another card replaces the one before. */
  present(cardHex10: string): void;
  /** Takes the card away. The reader says nothing about it. */
  remove(): void;
  /**
   * What a cable beside a motor does. `garbage`: a few bytes that are no frame; `phantom`: one frame with a right checksum
   * that no card sent; `flip`: the frame of the present card with one bit wrong (nothing if there is no card).
   */
  noise(kind?: NoiseKind): void;
  /** Stops all timers. */
  close(): void;
}

export type NoiseKind = "garbage" | "phantom" | "flip";

export interface Rdm6300Options {
  /** Where the bytes go, for instance `pty.write`. */
  readonly sink: (bytes: Uint8Array) => void;
  /** Numbers in [0, 1); a seeded source makes the noise repeatable. */
  readonly random?: () => number;
}

/** Time between two frames of a card that stays (datasheet; measured ≈ 65 ms). */
export const rdm6300RepeatMs = 65;

const stx = 0x02;
const etx = 0x03;

/** Phantom reads recorded from real readers (esp-rfid issue 411, Tasmota issue 9522): the checksum is right, the card is not. */
const phantomCards = ["000000078F", "00F00000F0", "B59A99E5A9", "4FFB388FFF", "DAEF6FEE2B"] as const;

export function createRdm6300({ sink, random = Math.random }: Rdm6300Options): Rdm6300 {
  let card: string | null = null;
  let repeat: NodeJS.Timeout | undefined;

  function remove(): void {
    clearInterval(repeat);
    repeat = undefined;
    card = null;
  }

  return {
    present(cardHex10) {
      const frame = rdm6300Frame(cardHex10);
      remove();
      card = cardHex10;
      sink(frame);
      repeat = setInterval(() => sink(frame), rdm6300RepeatMs);
    },
    remove,
    noise(kind = "garbage") {
      if (kind === "garbage") sink(Uint8Array.from({ length: 1 + Math.floor(random() * 20) }, () => Math.floor(random() * 256)));
      if (kind === "phantom") sink(rdm6300Frame(phantomCards[Math.floor(random() * phantomCards.length)] ?? phantomCards[0]));
      if (kind === "flip" && card !== null) sink(withOneBitWrong(rdm6300Frame(card), random));
    },
    close: remove,
  };
}

/** The frame of a card: `rdm6300Frame("000414CD7E")` is `02 "000414CD7E" "A3" 03`. Throws on anything but ten hex digits. */
export function rdm6300Frame(cardHex10: string): Uint8Array {
  if (!/^[0-9A-Fa-f]{10}$/.test(cardHex10)) throw new Error(`an RDM6300 card is ten hex digits, not "${cardHex10}"`);
  const checksum = Buffer.from(cardHex10, "hex").reduce((xor, byte) => xor ^ byte, 0);
  const text = cardHex10.toUpperCase() + checksum.toString(16).toUpperCase().padStart(2, "0");
  return Uint8Array.of(stx, ...Buffer.from(text, "latin1"), etx);
}

function withOneBitWrong(frame: Uint8Array, random: () => number): Uint8Array {
  const wrong = Uint8Array.from(frame);
  const at = Math.floor(random() * wrong.length);
  wrong[at] = (wrong[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  return wrong;
}
