/** The far end of a board's line for tests: as much Firmata as StandardFirmata speaks with digital pins, and faults on demand. */

export const peerVersion = [0xf9, 2, 5] as const;
export const peerFirmware = [0xf0, 0x79, 2, 5, 0x54, 0, 0xf7] as const;
export const peerPinCount = 20;
const output = 0x01;

export interface FirmataPeer {
  readonly modes: number[];
  readonly levels: number[];
  isSilent: boolean;
  ignoresWrites: boolean;
  /** the query of Firmata that it leaves unanswered */
  withholds: number | null;
  /** Bytes from the host, in pieces of any size. */
  receive(bytes: Uint8Array): void;
  say(bytes: readonly number[]): void;
  /** What a brown-out does: pins fall, and the board introduces itself. */
  restart(): void;
}

export function createFirmataPeer(send: (bytes: Uint8Array) => void): FirmataPeer {
  let message: number[] = [];
  const modes = new Array<number>(peerPinCount).fill(0);
  const levels = new Array<number>(peerPinCount).fill(0);
  const say = (bytes: readonly number[]): void => send(Uint8Array.from(bytes));
  const perPin = Array.from({ length: peerPinCount }, (_, pin) => (pin < 2 ? [0x7f] : [0, 1, 1, 1, 0x0b, 1, 0x7f]));

  const peer: FirmataPeer = {
    modes,
    levels,
    isSilent: false,
    ignoresWrites: false,
    withholds: null,
    say,
    restart() {
      modes.fill(0);
      levels.fill(0);
      say(peerVersion);
      say(peerFirmware);
    },
    receive(bytes) {
      for (const byte of bytes) {
        if (byte >= 0x80 && byte !== 0xf7) message = [];
        message.push(byte);
        if (!isWhole(message)) continue;
        if (!peer.isSilent) act(message);
        message = [];
      }
    },
  };

  function act([first = 0, second = 0, third = 0]: readonly number[]): void {
    if (first === 0xf0 && second === peer.withholds) return;
    if (first === 0xf9) say(peerVersion);
    if (first === 0xf4) modes[second] = third;
    if (first === 0xf0 && second === 0x79) say(peerFirmware);
    if (first === 0xf0 && second === 0x6b) say([0xf0, 0x6c, ...perPin.flat(), 0xf7]);
    if (first === 0xf0 && second === 0x69) say([0xf0, 0x6a, ...new Array<number>(peerPinCount).fill(0x7f), 0xf7]);
    if (first === 0xf0 && second === 0x6d) say([0xf0, 0x6e, third, modes[third] ?? 0, levels[third] ?? 0, 0xf7]);
    if ((first & 0xf0) === 0x90 && !peer.ignoresWrites) writePort((first & 0x0f) * 8, second | (third << 7));
  }

  function writePort(firstPin: number, bits: number): void {
    for (let bit = 0; bit < 8; bit += 1) if (modes[firstPin + bit] === output) levels[firstPin + bit] = (bits >> bit) & 1;
  }

  return peer;
}

/** By the first byte: one byte alone, two more, or everything up to the end of a system message. */
function isWhole(message: readonly number[]): boolean {
  const [first = 0] = message;
  if (first === 0xf0) return message.at(-1) === 0xf7;
  if (first === 0xf9 || first === 0xff) return true;
  if ((first & 0xf0) === 0xc0 || (first & 0xf0) === 0xd0) return message.length === 2;
  return message.length === 3;
}
