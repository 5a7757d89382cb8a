/**
 * What a new node needs to join, as a folder to copy onto it: `node.yaml` to be completed with the wiring, the keys that only the
 * node may read, and the certificate by which it knows its hub. Secrets exist here once; the ledger keeps a hash.
 */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "../errors.ts";
import { failed } from "./command.ts";

export type NodeBundle = {
  readonly site: string;
  readonly node: string;
  readonly kind: "door" | "machine";
  readonly ch: string;
  readonly hubUrl: string;
  /** null with an external broker that brings its own */
  readonly caPem: string | null;
  /** text of `node-keys.json` */
  readonly keys: string;
  readonly board: string;
  readonly reader: string;
  readonly meter: string | null;
};

export const bundleFiles = ["node.yaml", "node-keys.json", "ca.crt"] as const;

/** Refuses before anything is made when the folder holds a node already: its keys would be lost. */
export function checkBundleFolder(folder: string): void {
  const there = bundleFiles.find((name) => existsSync(join(folder, name)));
  if (there !== undefined) throw failed(`${join(folder, there)} exists already; choose another folder with --out.`);
}

/** Writes the files, mode 600 in a folder of mode 700, and gives their paths. */
export function writeBundle(folder: string, bundle: NodeBundle): string[] {
  const files: [string, string][] = [
    ["node.yaml", nodeYaml(bundle)],
    ["node-keys.json", bundle.keys],
    ...(bundle.caPem === null ? [] : [["ca.crt", bundle.caPem] as [string, string]]),
  ];
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return files.map(([name, text]) => {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600, flag: "wx" });
      chmodSync(path, 0o600);
      return path;
    });
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failed(
      `${folder} cannot be written (${code}); choose another folder with --out. The node is there; give it new keys with \`koprade node renew\`.`,
    );
  }
}

function nodeYaml(bundle: NodeBundle): string {
  const plain = bundle.hubUrl.startsWith("mqtt:");
  return `# Node "${bundle.node}" of ${bundle.site}. Copy this folder onto the node and run: koprade node run --config node.yaml
# Complete the serial ports and pins below with what is wired; \`ls -l /dev/serial/by-id\` names the ports.
site: ${bundle.site}
node: ${bundle.node}
kind: ${bundle.kind}
hub:
  url: ${JSON.stringify(bundle.hubUrl)}
${bundle.caPem === null ? "" : "  caFile: ca.crt\n"}${plain ? "  allowPlain: true # anybody on the network can read and forge what passes\n" : ""}keysFile: node-keys.json
dataFolder: node-data
board:
  port: ${JSON.stringify(bundle.board)}
${bundle.kind === "door" ? doorYaml(bundle) : machineYaml(bundle)}`;
}

const readerYaml = ({ reader }: NodeBundle) => `  reader:
    kind: rdm6300
    port: ${JSON.stringify(reader)}
`;

function doorYaml(bundle: NodeBundle): string {
  return `door:
  ch: ${bundle.ch}
${readerYaml(bundle)}  strike: { pin: 4, activeLow: false }
  contact: { pin: 5, activeWhen: low } # active when the door is closed; remove the line without a contact
  exitButton: { pin: 6, activeWhen: low }
`;
}

function machineYaml(bundle: NodeBundle): string {
  return `machine:
  ch: ${bundle.ch}
${readerYaml(bundle)}  permit: { kind: hold, pin: 4, activeLow: false }
  aux: { pin: 5, activeWhen: low } # active when the contactor is in; remove the line without an auxiliary contact
${bundle.meter === null ? "" : `  meter: { kind: pzem, port: ${JSON.stringify(bundle.meter)} }\n`}`;
}
