/** What OSDP codes are called and what their data says (SIA OSDP 2.2 §6 and §7), as far as readers and keypads use it. */

const commandNames: Readonly<Record<number, string>> = {
  96: "POLL",
  97: "ID",
  98: "CAP",
  100: "LSTAT",
  101: "ISTAT",
  102: "OSTAT",
  103: "RSTAT",
  104: "OUT",
  105: "LED",
  106: "BUZ",
  107: "TEXT",
  109: "TDSET",
  110: "COMSET",
  115: "BIOREAD",
  116: "BIOMATCH",
  117: "KEYSET",
  118: "CHLNG",
  119: "SCRYPT",
  123: "ACURXSIZE",
  124: "FILETRANSFER",
  128: "MFG",
  161: "XWR",
  162: "ABORT",
  163: "PIVDATA",
  164: "GENAUTH",
  165: "CRAUTH",
  167: "KEEPACTIVE",
};
const replyNames: Readonly<Record<number, string>> = {
  64: "ACK",
  65: "NAK",
  69: "PDID",
  70: "PDCAP",
  72: "LSTATR",
  73: "ISTATR",
  74: "OSTATR",
  75: "RSTATR",
  80: "RAW",
  81: "FMT",
  83: "KEYPAD",
  84: "COM",
  87: "BIOREADR",
  88: "BIOMATCHR",
  118: "CCRYPT",
  120: "RMAC_I",
  121: "BUSY",
  122: "FTSTAT",
  128: "PIVDATAR",
  129: "GENAUTHR",
  130: "CRAUTHR",
  131: "MFGSTATR",
  132: "MFGERRR",
  144: "MFGREP",
  177: "XRD",
};

/** Codes that this program asks with or understands. */
export const osdpCode = {
  poll: 0x60,
  id: 0x61,
  capabilities: 0x62,
  localStatus: 0x64,
  led: 0x69,
  buzzer: 0x6a,
  keySet: 0x75,
  challenge: 0x76,
  serverCryptogram: 0x77,
  ack: 0x40,
  nak: 0x41,
  pdId: 0x45,
  pdCapabilities: 0x46,
  raw: 0x50,
  formatted: 0x51,
  keypad: 0x53,
  clientCryptogram: 0x76,
  replyMac: 0x78,
  busy: 0x79,
} as const;

/** Why a PD refused a command (§7.3 table 49). */
export const nakReasons: Readonly<Record<number, string>> = {
  1: "checksum",
  2: "command length",
  3: "unknown command",
  4: "sequence",
  5: "security block not supported",
  6: "encryption required",
  7: "biometric type",
  8: "biometric format",
  9: "cannot process",
};
/** The reader wants another security than it got: only a new channel helps. */
export const nakWantsNewChannel: ReadonlySet<number> = new Set([5, 6]);

export function osdpName(isReply: boolean, code: number): string | null {
  return (isReply ? replyNames : commandNames)[code] ?? null;
}

export type OsdpMessage =
  | {
      readonly kind: "identity";
      readonly vendor: Uint8Array;
      readonly model: number;
      readonly version: number;
      readonly serial: Uint8Array;
      readonly firmware: Uint8Array;
    }
  | { readonly kind: "capabilities"; readonly list: readonly (readonly [number, number, number])[] }
  | { readonly kind: "refused"; readonly reason: number }
  | { readonly kind: "reader status"; readonly status: readonly number[] }
  | { readonly kind: "local status"; readonly tamper: boolean; readonly powerFailure: boolean }
  | { readonly kind: "states"; readonly active: readonly boolean[] }
  | {
      readonly kind: "raw";
      readonly reader: number;
      readonly format: number /** left-justified on the wire (libosdp#87) */;
      readonly bits: string;
    }
  | { readonly kind: "formatted"; readonly reader: number; readonly isReverse: boolean; readonly characters: Uint8Array }
  | { readonly kind: "keys"; readonly reader: number; readonly keys: Uint8Array }
  | { readonly kind: "communication"; readonly address: number; readonly baudRate: number }
  | {
      readonly kind: "outputs";
      readonly outputs: readonly { readonly output: number; readonly control: number; readonly timerMs: number }[];
    }
  | { readonly kind: "lamps"; readonly lamps: readonly OsdpLamp[] }
  | {
      readonly kind: "buzzer";
      readonly reader: number;
      readonly tone: number;
      readonly onMs: number;
      readonly offMs: number;
      readonly count: number;
    }
  | {
      readonly kind: "text";
      readonly reader: number;
      readonly control: number;
      readonly row: number;
      readonly column: number;
      readonly text: string;
    }
  | { readonly kind: "key set"; readonly keyType: number; readonly key: Uint8Array }
  | { readonly kind: "vendor"; readonly vendor: Uint8Array; readonly data: Uint8Array }
  | { readonly kind: "plain" } /** nothing but its code, or data that we leave as they are */
  | { readonly kind: "malformed" };

export type OsdpLampState = {
  readonly control: number;
  readonly onMs: number;
  readonly offMs: number;
  readonly onColor: number;
  readonly offColor: number;
};
export type OsdpLamp = {
  readonly reader: number;
  readonly lamp: number;
  readonly temporary: OsdpLampState & { readonly forMs: number };
  readonly permanent: OsdpLampState;
};

const tickMs = 100;
const lampBytes = 14;
const outputBytes = 4;
/** More bits than any card format has. */
const rawBitsMax = 1_024;

/** Reads the data of a command or a reply. Never throws: too little or too much data is `malformed`. */
export function readOsdpMessage(isReply: boolean, code: number, data: Uint8Array): OsdpMessage {
  return (isReply ? readReply(code, data) : readCommand(code, data)) ?? { kind: "malformed" };
}

function readReply(code: number, data: Uint8Array): OsdpMessage | null {
  const [first = 0, second = 0, third = 0, fourth = 0] = data;
  switch (code) {
    case osdpCode.nak:
      return data.length >= 1 ? { kind: "refused", reason: first } : null;
    case osdpCode.pdId:
      return data.length !== 12
        ? null
        : {
            kind: "identity",
            vendor: data.slice(0, 3),
            model: fourth,
            version: data[4] ?? 0,
            serial: data.slice(5, 9),
            firmware: data.slice(9),
          };
    case osdpCode.pdCapabilities:
      return data.length % 3 === 0
        ? { kind: "capabilities", list: groups(data, 3).map(([a = 0, b = 0, c = 0]) => [a, b, c] as const) }
        : null;
    case 0x48:
      return data.length === 2 ? { kind: "local status", tamper: first !== 0, powerFailure: second !== 0 } : null;
    case 0x49:
    case 0x4a:
      return { kind: "states", active: [...data].map((state) => state !== 0) };
    case 0x4b:
      return data.length >= 1 ? { kind: "reader status", status: [...data] } : null;
    case osdpCode.raw:
      return data.length < 4 ? null : rawBits(first, second, third + fourth * 0x100, data.subarray(4));
    case osdpCode.formatted:
      return data.length === 3 + third ? { kind: "formatted", reader: first, isReverse: second !== 0, characters: data.slice(3) } : null;
    case osdpCode.keypad:
      return data.length === 2 + second ? { kind: "keys", reader: first, keys: data.slice(2) } : null;
    case 0x54:
      return communication(data);
    case 0x90:
      return vendor(data);
    default:
      return { kind: "plain" };
  }
}

function readCommand(code: number, data: Uint8Array): OsdpMessage | null {
  const [first = 0, second = 0] = data;
  switch (code) {
    case 0x68:
      return data.length === 0 || data.length % outputBytes !== 0
        ? null
        : {
            kind: "outputs",
            outputs: groups(data, outputBytes).map(([output = 0, control = 0, low = 0, high = 0]) => ({
              output,
              control,
              timerMs: (low + high * 0x100) * tickMs,
            })),
          };
    case osdpCode.led:
      return data.length === 0 || data.length % lampBytes !== 0 ? null : { kind: "lamps", lamps: groups(data, lampBytes).map(lampOf) };
    case osdpCode.buzzer:
      return data.length !== 5
        ? null
        : {
            kind: "buzzer",
            reader: first,
            tone: second,
            onMs: (data[2] ?? 0) * tickMs,
            offMs: (data[3] ?? 0) * tickMs,
            count: data[4] ?? 0,
          };
    case 0x6b:
      return data.length === 6 + (data[5] ?? 0)
        ? {
            kind: "text",
            reader: first,
            control: second,
            row: data[3] ?? 0,
            column: data[4] ?? 0,
            text: String.fromCharCode(...data.subarray(6)),
          }
        : null;
    case 0x6e:
      return communication(data);
    case osdpCode.keySet:
      return data.length === 2 + second ? { kind: "key set", keyType: first, key: data.slice(2) } : null;
    case 0x80:
      return vendor(data);
    default:
      return { kind: "plain" };
  }
}

function rawBits(reader: number, format: number, count: number, bytes: Uint8Array): OsdpMessage | null {
  if (count === 0 || count > rawBitsMax || bytes.length !== Math.ceil(count / 8)) return null;
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return { kind: "raw", reader, format, bits: bits.slice(0, count) };
}

function communication(data: Uint8Array): OsdpMessage | null {
  if (data.length !== 5) return null;
  return { kind: "communication", address: data[0] ?? 0, baudRate: new DataView(data.buffer, data.byteOffset).getUint32(1, true) };
}

function vendor(data: Uint8Array): OsdpMessage | null {
  return data.length < 3 ? null : { kind: "vendor", vendor: data.slice(0, 3), data: data.slice(3) };
}

function lampOf(bytes: Uint8Array): OsdpLamp {
  const state = (at: number, colors: number): OsdpLampState => ({
    control: bytes[at] ?? 0,
    onMs: (bytes[at + 1] ?? 0) * tickMs,
    offMs: (bytes[at + 2] ?? 0) * tickMs,
    onColor: bytes[colors] ?? 0,
    offColor: bytes[colors + 1] ?? 0,
  });
  const forMs = ((bytes[7] ?? 0) + (bytes[8] ?? 0) * 0x100) * tickMs;
  return { reader: bytes[0] ?? 0, lamp: bytes[1] ?? 0, temporary: { ...state(2, 5), forMs }, permanent: state(9, 12) };
}

function groups(data: Uint8Array, size: number): readonly Uint8Array[] {
  return Array.from({ length: data.length / size }, (_, i) => data.subarray(i * size, (i + 1) * size));
}
