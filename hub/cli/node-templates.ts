/**
 * The text of a `node.yaml`, to be completed with what is wired: one row per kind of reader and meter. The kinds and their fields are
 * those of devices/kit/node-devices.ts; a test holds the two against each other.
 */

/** What a row may need of the command line. */
type Wiring = {
  /** path of a serial device */
  readonly port: string;
};
/** Lines of YAML beside `kind`, without indentation. */
type Template = { readonly about: string; readonly isOnBoard?: true; readonly lines: (given: Wiring) => readonly string[] };

const onPort = ({ port }: Wiring): string[] => [`port: ${JSON.stringify(port)}`];
const onBus = (given: Wiring): string[] => [...onPort(given), "address: 1"];
const onBusAt = (baudRate: number) => (given: Wiring) => [...onBus(given), `baudRate: ${baudRate} # as set on the meter`];

export const readerTemplates = {
  rdm6300: { about: "RDM6300, ID-12, ID-20: 125 kHz, serial", lines: onPort },
  pn532: { about: "PN532: 13.56 MHz, its switches on HSU", lines: onPort },
  wiegand: { about: "Wiegand 26 or 34, on pins of the board", isOnBoard: true, lines: () => ["pin0: 2 # D0", "pin1: 3 # D1"] },
  wedge: {
    about: "a USB reader that types; its keyboard is taken for the node",
    lines: ({ port }) => [
      `port: ${JSON.stringify(port.startsWith("/dev/input/") ? port : "/dev/input/by-id/usb-reader-event-kbd")} # ls /dev/input/by-id`,
      "format: 8H10D # ten digits; what it types for a card",
    ],
  },
  osdp: {
    about: "OSDP on RS-485; its key comes from `koprade reader key`",
    lines: (given) => [...onPort(given), "address: 0", "baudRate: 9600", "keyFile: reader.key"],
  },
} as const satisfies Record<string, Template>;

export const meterTemplates = {
  pzem: { about: "PZEM-004T v3", lines: onPort },
  sdm120: { about: "Eastron SDM120", lines: onBusAt(2400) },
  sdm230: { about: "Eastron SDM230", lines: onBusAt(9600) },
  sdm630: { about: "Eastron SDM630", lines: onBusAt(9600) },
  clamp: {
    about: "current clamps on pins of the board, which estimate power",
    isOnBoard: true,
    lines: () => ["pin: A0", "ampsPerVolt: 30 # SCT-013-030"],
  },
} as const satisfies Record<string, Template>;

export type ReaderKind = keyof typeof readerTemplates;
export type MeterKind = keyof typeof meterTemplates;
/** On pins of the board there is no device to name. */
export const meterNeedsPort = (kind: MeterKind): boolean => !("isOnBoard" in meterTemplates[kind]);
export const readerKinds = Object.keys(readerTemplates) as ReaderKind[];
export const meterKinds = Object.keys(meterTemplates) as MeterKind[];

export type NodeFileGiven = {
  readonly kind: "door" | "machine";
  /** name of its one channel */
  readonly ch: string;
  readonly hubUrl: string;
  /** which node of which site, with its keys beside it; or the words by which a new node knows its hub */
  readonly identity:
    | { readonly site: string; readonly node: string; readonly hasCa: boolean }
    | { readonly site: string; readonly hubWords: string };
  /** path of the board's serial device */
  readonly board: string;
  readonly reader: Wiring & { readonly kind: ReaderKind };
  readonly meter: (Wiring & { readonly kind: MeterKind }) | null;
};

/** The whole file. What it leaves open are pins and ports. */
export function nodeYaml(given: NodeFileGiven): string {
  const lines = [
    ...headOf(given),
    "dataFolder: node-data",
    "board:",
    `  port: ${JSON.stringify(given.board)}`,
    ...(given.kind === "door" ? doorLines(given) : machineLines(given)),
  ];
  return `${lines.join("\n")}\n`;
}

function headOf({ identity, kind, hubUrl }: NodeFileGiven): string[] {
  const plain = hubUrl.startsWith("mqtt:") ? ["  allowPlain: true # anybody on the network can read and forge what passes"] : [];
  const wiring = "# Complete the serial ports and pins below with what is wired; `ls -l /dev/serial/by-id` names the ports.";
  if ("hubWords" in identity)
    return [
      "# A new node: nothing in this file is secret. Run on its computer: koprade node run --config node.yaml",
      wiring,
      `site: ${identity.site}`,
      `kind: ${kind}`,
      "hub:",
      `  url: ${JSON.stringify(hubUrl)}`,
      ...plain,
      `  words: ${identity.hubWords} # by these the node knows its hub`,
    ];
  return [
    `# Node "${identity.node}" of ${identity.site}. Copy this folder onto the node and run: koprade node run --config node.yaml`,
    wiring,
    `site: ${identity.site}`,
    `node: ${identity.node}`,
    `kind: ${kind}`,
    "hub:",
    `  url: ${JSON.stringify(hubUrl)}`,
    ...(identity.hasCa ? ["  caFile: ca.crt"] : []),
    ...plain,
    "keysFile: node-keys.json",
  ];
}

const readerLines = ({ reader }: NodeFileGiven): string[] => [
  "  reader:",
  ...[`kind: ${reader.kind}`, ...readerTemplates[reader.kind].lines(reader)].map((line) => `    ${line}`),
];

const doorLines = (given: NodeFileGiven): string[] => [
  "door:",
  `  ch: ${given.ch}`,
  ...readerLines(given),
  "  strike: { pin: 4, activeLow: false }",
  "  contact: { pin: 5, activeWhen: low } # active when the door is closed; remove the line without a contact",
  "  exitButton: { pin: 6, activeWhen: low }",
];

const machineLines = (given: NodeFileGiven): string[] => [
  "machine:",
  `  ch: ${given.ch}`,
  ...readerLines(given),
  "  permit: { kind: hold, pin: 4, activeLow: false }",
  "  aux: { pin: 5, activeWhen: low } # active when the contactor is in; remove the line without an auxiliary contact",
  ...meterLines(given),
];

function meterLines({ meter }: NodeFileGiven): string[] {
  if (meter === null) return [];
  return ["  meter:", ...[`kind: ${meter.kind}`, ...meterTemplates[meter.kind].lines(meter)].map((line) => `    ${line}`)];
}
