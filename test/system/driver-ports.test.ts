/**
 * Every driver with its real port on a real serial line: works, hears another baud rate, nothing at all, loses its cable, and works
 * again each time. What the bytes may be is the driver suite's; here it is about lines that come and go.
 */
import { expect, it } from "vitest";
import { listenToCse7766 } from "../../devices/drivers/cse7766.ts";
import { openMeter } from "../../devices/drivers/open-meter.ts";
import { openReader, type ReaderWiring } from "../../devices/drivers/open-reader.ts";
import { openOsdpReader } from "../../devices/drivers/osdp-reader.ts";
import { openSerialLine } from "../../devices/drivers/serial-line.ts";
import { createOsdpReader } from "../../simulators/hardware/osdp.ts";
import { createPn532 } from "../../simulators/hardware/pn532.ts";
import type { Pty } from "../../simulators/hardware/pty.ts";
import { createPzem } from "../../simulators/hardware/pzem.ts";
import { createRdm6300 } from "../../simulators/hardware/rdm6300.ts";
import { createSdm } from "../../simulators/hardware/sdm.ts";
import { aSocket, cleanups } from "../devices/drivers/cables.ts";
import { fromHex, heardAt } from "../support/driver-suite.ts";

/** What a device at the far end of a cable is, and how its driver shows that it hears it. */
type Rig = {
  /** bytes from the program; absent where nobody asks */
  readonly receive?: (bytes: Uint8Array) => void;
  /** Opens the driver; the answer tells whether it hears the device, now or within a while. */
  readonly open: (path: string) => () => Promise<boolean>;
  /** what the device lost besides its cable */
  readonly onReplug?: () => void;
};

const noBoard = {
  wiegand: () => ({ onWord: () => () => undefined }),
  onState: () => undefined,
  clamp: () => {
    throw new Error("no clamp here");
  },
};
const hearingMs = 4_000;
const troubleMs = 500;

/** Whether `isHeard` turns true in time. */
async function within(limitMs: number, isHeard: () => boolean): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  while (!isHeard()) {
    if (performance.now() > endMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

/** A reader: a card is put down until it is heard, and taken away. */
const readerRig =
  (wiring: (path: string) => ReaderWiring, number: string, put: () => void, take: () => void) =>
  (path: string): (() => Promise<boolean>) => {
    const reader = openReader(wiring(path), noBoard, { key: null, proving: null });
    return listened(reader, number, put, take);
  };

function listened(reader: ReturnType<typeof openReader>, number: string, put: () => void, take: () => void) {
  cleanups.push(() => reader.close());
  let heard = 0;
  reader.onRead((read) => {
    if (read.kind === "card" && read.number === number) heard += 1;
  });
  return async () => {
    heard = 0;
    put();
    const isHeard = await within(hearingMs, () => heard > 0);
    take();
    return isHeard;
  };
}

const meterRig = (kind: "pzem" | "sdm120", powerW: number) => (path: string) => {
  const wiring =
    kind === "pzem" ? ({ kind, port: path, address: 1 } as const) : ({ kind, port: path, address: 1, baudRate: 9_600 } as const);
  const meter = openMeter(wiring, noBoard, () => undefined);
  cleanups.push(() => meter.close());
  return async () => {
    const endMs = performance.now() + hearingMs;
    for (;;) {
      const figures = await meter.read();
      if (figures !== null) return Math.abs(figures.powerW - powerW) < 1;
      if (performance.now() > endMs) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
};

const key = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
const rigs: Readonly<Record<string, (send: (bytes: Uint8Array) => void) => Rig>> = {
  rdm6300(send) {
    const far = createRdm6300({ sink: send });
    const wiring = (port: string): ReaderWiring => ({ kind: "rdm6300", port });
    return { open: readerRig(wiring, "em4100:000414CD7E", () => far.present("000414CD7E"), far.remove) };
  },
  pn532(send) {
    const far = createPn532({ send });
    const wiring = (port: string): ReaderWiring => ({ kind: "pn532", port });
    const open = readerRig(wiring, "iso14443a:04A23B1C5D6E80", () => far.present({ uid: "04A23B1C5D6E80" }), far.remove);
    return { receive: far.receive, open, onReplug: far.brownOut };
  },
  osdp(send) {
    const far = createOsdpReader({ send, key });
    const open = (path: string) => {
      const reader = openOsdpReader(openSerialLine({ path, baudRate: 9_600 }), { address: 0, key });
      return listened(
        reader,
        "w26:024/34924",
        () => far.present("10001100010001000011011000"),
        () => undefined,
      );
    };
    return { receive: (bytes) => far.receive(bytes), open };
  },
  pzem(send) {
    const far = createPzem({ send });
    far.setLoadW(1_150);
    return { receive: far.receive, open: meterRig("pzem", 1_150) };
  },
  sdm120(send) {
    const far = createSdm({ send });
    far.setLoadW(1_150);
    return { receive: far.receive, open: meterRig("sdm120", 1_150) };
  },
  cse7766(send) {
    const speaking = setInterval(() => send(fromHex("55 5A 02 EC 70 00 03 5A 00 40 B5 00 6B B3 52 0F D0 00 A2 AA F2 6F F5 A1")), 60);
    cleanups.push(() => clearInterval(speaking));
    return {
      open(path) {
        const line = openSerialLine({ path, baudRate: 4_800, parity: "even" });
        cleanups.push(() => line.close());
        let heard = 0;
        listenToCse7766(line, (each) => {
          if (each.kind === "reading") heard += 1;
        });
        return () => {
          heard = 0;
          return within(hearingMs, () => heard > 0);
        };
      },
    };
  },
};

it.each(Object.keys(rigs))("%s works again after another baud rate, silence, and a cable that was pulled", async (name) => {
  const socket = aSocket();
  let cable: Pty | undefined;
  let wire: "plain" | "another rate" | "cut" = "plain";
  const across = (bytes: Uint8Array, to: (bytes: Uint8Array) => void): void => {
    if (wire === "plain") to(bytes);
    if (wire === "another rate") to(heardAt(bytes, 9_600, 38_400));
  };
  const rig = rigs[name]?.((bytes) => across(bytes, (heard) => cable?.write(heard)));
  if (rig === undefined) throw new Error(name);
  const plugIn = (): Pty => {
    const pty = socket.plugIn();
    pty.onData((bytes) => across(bytes, (heard) => rig.receive?.(heard)));
    return pty;
  };
  cable = plugIn();
  const isHeard = rig.open(socket.path);
  expect(await isHeard(), "at first").toBe(true);

  for (const trouble of ["another rate", "cut"] as const) {
    wire = trouble;
    const early = isHeard();
    const nothing = new Promise<string>((resolve) => setTimeout(resolve, troubleMs, "nothing"));
    expect(await Promise.race([early, nothing]), `during ${trouble}`).toBe("nothing");
    wire = "plain";
    expect(await early, `after ${trouble}`).toBe(true);
    expect(await isHeard(), `after ${trouble}, and again`).toBe(true);
  }

  cable.unplug();
  await new Promise((resolve) => setTimeout(resolve, 150));
  rig.onReplug?.();
  cable = plugIn();
  expect(await isHeard(), "after the replug").toBe(true);
});
