/** The real machine node program with played hands and electricity: permit, a meter if wanted, no auxiliary contact. */
import { join } from "node:path";
import type { Clock } from "../../devices/kit/ports.ts";
import type { CardReader } from "../../devices/kit/reader-channel.ts";
import type { MachineHardware } from "../../devices/machine/hardware.ts";
import { createMachineNode, type MachineNode } from "../../devices/machine/machine-node.ts";
import type { SayKey } from "../../hub/core/index.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { writeNode } from "../../simulators/node-folder.ts";
import { type HubFolder, site } from "./hub-process.ts";
import { portsOf, testTimes } from "./test-node.ts";

export type TestMachine = {
  readonly node: MachineNode;
  tap(number: string): void;
  isPermitted(): boolean;
  /** the last words of its display, if it has said any */
  said(): SayKey | null;
  /** how often the permit was switched on */
  starts(): number;
  /** changes of the permit wire, for tests that want none */
  changes(): number;
  stop(): Promise<void>;
};

export async function machineFolder(hub: HubFolder, ledger: Ledger, node: string): Promise<string> {
  const file = {
    site,
    node,
    kind: "machine",
    hub: { url: `mqtts://127.0.0.1:${hub.mqttPort}`, caFile: "ca.pem" },
    trustSystemClock: true,
    logLevel: "error",
    times: testTimes,
    board: { port: "/dev/null" },
    machine: { ch: "machine", reader: { kind: "rdm6300", port: "/dev/null" }, permit: { kind: "hold", pin: 4 } },
  };
  return await writeNode({ ledger, caPem: hub.caPem }, join(hub.dir, "nodes"), node, file);
}

/** @param meter  none, unless the test plays one  @param clock  its own, unless the test plays one */
export function startMachine(configPath: string, meter: MachineHardware["meter"] = null, clock?: Clock): TestMachine {
  const ports = portsOf(configPath);
  let onRead: Parameters<CardReader["onRead"]>[0] = () => undefined;
  let permitted = false;
  let said: SayKey | null = null;
  let starts = 0;
  let changes = 0;
  const node = createMachineNode({
    ports: clock === undefined ? ports : { ...ports, clock },
    ch: "machine",
    fw: "test",
    hw: "test",
    settings: { startGuardMs: 200, chatterMs: 0 },
    hardware: {
      reader: {
        onRead: (listener) => {
          onRead = listener;
        },
        onState: () => undefined,
        close: () => undefined,
      },
      permit: {
        kind: "hold",
        set(on, done) {
          if (on !== permitted) changes += 1;
          if (on && !permitted) starts += 1;
          permitted = on;
          done(null);
        },
      },
      aux: null,
      meter,
      ancillary: null,
      accessories: {},
      controller: null,
      stopButton: null,
      oopsButton: null,
      safety: null,
      bypass: null,
      signs: {
        say: (key) => {
          said = key;
        },
        beep: () => undefined,
        lamp: () => undefined,
      },
      board: null,
      close: () => undefined,
    },
  });
  node.start();
  return {
    node,
    tap: (number) => onRead({ kind: "card", number }),
    isPermitted: () => permitted,
    said: () => said,
    starts: () => starts,
    changes: () => changes,
    stop: () => node.stop(),
  };
}
