/** What PN532 commands are called and what the chip's answers say (NXP UM0701-02 §7). */

/** Commands by code; the answer's code is one higher. */
export const pn532Commands: Readonly<Record<number, string>> = {
  0: "Diagnose",
  2: "GetFirmwareVersion",
  4: "GetGeneralStatus",
  6: "ReadRegister",
  8: "WriteRegister",
  12: "ReadGPIO",
  14: "WriteGPIO",
  16: "SetSerialBaudRate",
  18: "SetParameters",
  20: "SAMConfiguration",
  22: "PowerDown",
  50: "RFConfiguration",
  64: "InDataExchange",
  66: "InCommunicateThru",
  68: "InDeselect",
  70: "InJumpForPSL",
  74: "InListPassiveTarget",
  78: "InPSL",
  80: "InATR",
  82: "InRelease",
  84: "InSelect",
  86: "InJumpForDEP",
  88: "RFRegulationTest",
  96: "InAutoPoll",
  134: "TgGetData",
  136: "TgGetInitiatorCommand",
  138: "TgGetTargetStatus",
  140: "TgInitAsTarget",
  142: "TgSetData",
  144: "TgResponseToInitiator",
  146: "TgSetGeneralBytes",
  148: "TgSetMetaData",
};

export const pn532Code = {
  firmware: 0x02,
  setBaudRate: 0x10,
  samConfiguration: 0x14,
  rfConfiguration: 0x32,
  dataExchange: 0x40,
  deselect: 0x44,
  listTargets: 0x4a,
  release: 0x52,
} as const;
/** What card the antenna looks for (§7.3.5). */
export const pn532Baud = { type106A: 0x00, felica212: 0x01, felica424: 0x02, type106B: 0x03, jewel: 0x04 } as const;

export type Pn532Target =
  | {
      readonly kind: "type A";
      readonly target: number;
      /** in the order of this chip; others show it reversed */
      readonly sensRes: Uint8Array;
      readonly selRes: number;
      readonly uid: Uint8Array;
      /** with its length byte; null for cards without */
      readonly ats: Uint8Array | null;
    }
  | { readonly kind: "jewel"; readonly target: number; readonly sensRes: Uint8Array; readonly id: Uint8Array };

export type Pn532TypeA = Extract<Pn532Target, { kind: "type A" }>;

/** Whether it speaks ISO 14443-4, so that it can be asked more than its number. */
export const isAskable = ({ selRes, ats }: Pn532TypeA): boolean => (selRes & selResWithAts) !== 0 && ats !== null;

export type Pn532Targets =
  | { readonly kind: "targets"; readonly list: readonly Pn532Target[] }
  | { readonly kind: "malformed"; readonly count: number };

const targetsMax = 2;
const uidLengths: readonly number[] = [4, 7, 10];
const selResWithAts = 0x20;
const jewelBytes = 7;

/**
 * The answer to InListPassiveTarget: type A (106 kbit/s), or Jewel, which has no UID length byte and is told by its size. `data`
 * is what follows the code.
 */
export function readPn532Targets(data: Uint8Array): Pn532Targets {
  const count = data[0] ?? 0;
  if (data.length === 0 || count > targetsMax) return { kind: "malformed", count };
  const list: Pn532Target[] = [];
  let at = 1;
  for (let i = 0; i < count; i += 1) {
    const rest = data.subarray(at);
    const found = typeA(rest, i === count - 1) ?? (count === 1 ? jewel(rest) : null);
    if (found === null) return { kind: "malformed", count };
    list.push(found.target);
    at += found.length;
  }
  return at === data.length ? { kind: "targets", list } : { kind: "malformed", count };
}

function typeA(bytes: Uint8Array, isLast: boolean): { readonly target: Pn532Target; readonly length: number } | null {
  const [target = 0, , , selRes = 0, uidLength = 0] = bytes;
  const end = 5 + uidLength;
  if (!uidLengths.includes(uidLength) || bytes.length < end) return null;
  const hasAts = (selRes & selResWithAts) !== 0 && (!isLast || bytes.length > end);
  const atsLength = hasAts ? (bytes[end] ?? 0) : 0;
  if ((hasAts && atsLength === 0) || bytes.length < end + atsLength) return null;
  const ats = hasAts ? bytes.slice(end, end + atsLength) : null;
  return {
    target: { kind: "type A", target, sensRes: bytes.slice(1, 3), selRes, uid: bytes.slice(5, end), ats },
    length: end + atsLength,
  };
}

function jewel(bytes: Uint8Array): { readonly target: Pn532Target; readonly length: number } | null {
  if (bytes.length !== jewelBytes) return null;
  return { target: { kind: "jewel", target: bytes[0] ?? 0, sensRes: bytes.slice(1, 3), id: bytes.slice(3) }, length: jewelBytes };
}

export type Pn532Firmware = { readonly chip: number; readonly version: number; readonly revision: number; readonly support: number };

/** The answer to GetFirmwareVersion; a PN532 says 32 01 06 07. */
export function readPn532Firmware(data: Uint8Array): Pn532Firmware | null {
  const [chip = 0, version = 0, revision = 0, support = 0] = data;
  return data.length === 4 ? { chip, version, revision, support } : null;
}
