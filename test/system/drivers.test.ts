/** Drivers on real serial lines: pseudo-terminals with simulated readers and meters at the far end. */
import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";
import { createPzem, pzemBaudRate } from "../../devices/drivers/pzem004t.ts";
import { openRdm6300, rdm6300BaudRate } from "../../devices/drivers/rdm6300.ts";
import { openPty, type Pty } from "../../simulators/hardware/pty.ts";
import { createPzem as createSimulatedPzem } from "../../simulators/hardware/pzem.ts";
import { createRdm6300 } from "../../simulators/hardware/rdm6300.ts";
import { aSocket, cleanups, openLine, untilOpen } from "../devices/drivers/cables.ts";
import { slowdown } from "../support/slowdown.ts";

/** A program with a serial line and nothing else, so that no timer of a test runner wakes it. */
const idleListener = `
  import { openSerialLine } from ${JSON.stringify(new URL("../../devices/drivers/serial-line.ts", import.meta.url).href)};
  const line = openSerialLine({ path: process.argv[1] ?? "", baudRate: 9600 });
  line.onState((state) => console.log(state.kind));
  // A loop with nothing to wait for ends and starts anew, which would hide a byte that woke nobody.
  setInterval(() => {}, 1_000_000);
  line.onBytes(() => console.log(performance.timeOrigin + performance.now()));
`;

describe("an RDM6300 on a serial line", () => {
  it("reads a card, loses the cable, and reads again after the replug", async () => {
    const socket = aSocket();
    const numbers: { readonly number: string; readonly atMs: number }[] = [];
    let rubbish = 0;
    const first = socket.plugIn();
    const line = openLine(socket.path, rdm6300BaudRate);
    const reader = openRdm6300(line);
    reader.onFrame((frame, atMs) => {
      if (frame.kind === "card") numbers.push({ number: frame.number, atMs });
      else rubbish += frame.count;
    });
    await untilOpen(line);

    const simulated = createRdm6300({ sink: (bytes) => first.write(bytes) });
    cleanups.push(() => simulated.close());
    simulated.noise("phantom");
    simulated.noise("garbage");
    const presentedMs = performance.now();
    simulated.present("000414CD7E");
    await expect.poll(() => numbers.length, { interval: 5 }).toBeGreaterThan(0);
    const tapMs = (numbers[0]?.atMs ?? 0) - presentedMs;
    simulated.remove();
    expect(new Set(numbers.map((each) => each.number))).toEqual(new Set(["em4100:000414CD7E"]));
    expect(rubbish).toBeGreaterThan(0);

    const unpluggedMs = performance.now();
    first.unplug();
    await expect.poll(() => line.state().kind, { interval: 5 }).toBe("lost");
    const noticedMs = performance.now() - unpluggedMs;
    numbers.length = 0;

    const second = socket.plugIn();
    const pluggedMs = performance.now();
    await untilOpen(line);
    const reopenedMs = performance.now() - pluggedMs;
    const again = createRdm6300({ sink: (bytes) => second.write(bytes) });
    cleanups.push(() => again.close());
    again.present("1F00644BB6");
    await expect.poll(() => numbers.at(-1)?.number).toBe("em4100:1F00644BB6");
    console.log(
      `rdm6300: card accepted ${tapMs.toFixed(0)} ms after it came (three frames, 65 ms apart), unplug noticed in ${noticedMs.toFixed(0)} ms, open ${reopenedMs.toFixed(0)} ms after the replug`,
    );
  });
});

describe("a PZEM-004T on a serial line", () => {
  it("reads what the meter measures, is silent without mains, and comes back after an unplug", async () => {
    const socket = aSocket();
    const pty = socket.plugIn();
    const connect = (cable: Pty) => {
      const meter = createSimulatedPzem({ send: (bytes) => cable.write(bytes), energyWh: 70_000 });
      const stop = cable.onData((bytes) => meter.receive(bytes));
      cleanups.push(stop, () => meter.close());
      return meter;
    };
    const meter = connect(pty);
    const line = openLine(socket.path, pzemBaudRate);
    await untilOpen(line);
    const pzem = createPzem(line, { address: 1, timeoutMs: 300 });

    meter.setLoadW(1_150, 1);
    const times: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const askedMs = performance.now();
      expect(await pzem.read()).toMatchObject({
        kind: "reading",
        voltageV: 230,
        powerW: 1_150,
        currentA: 5,
        energyWh: 70_000,
        alarm: false,
      });
      times.push(performance.now() - askedMs);
    }
    meter.setMains(false);
    expect(await pzem.read()).toEqual({ kind: "silent" });
    meter.setMains(true);
    meter.ignoreRequests(1);
    expect(await pzem.read()).toEqual({ kind: "silent" });
    expect(await pzem.read()).toMatchObject({ kind: "reading" });

    pty.unplug();
    await expect.poll(() => line.state().kind).toBe("lost");
    expect(await pzem.read()).toEqual({ kind: "bad", why: "line lost" });
    connect(socket.plugIn()).setLoadW(60);
    await untilOpen(line);
    expect(await pzem.read()).toMatchObject({ kind: "reading", powerW: 60 });
    expect(meter.resetCount()).toBe(0);
    times.sort((a, b) => a - b);
    console.log(
      `pzem004t: question to reading p50 ${times[10]?.toFixed(1)} ms, longest ${times.at(-1)?.toFixed(1)} ms (the simulated meter takes 20 ms)`,
    );
  });
});

describe("a serial line", () => {
  it("says why it is lost, keeps trying, and opens when the device appears", async () => {
    const socket = aSocket();
    const line = openLine(socket.path, 9_600);
    await expect.poll(() => line.state()).toMatchObject({ kind: "lost", why: expect.stringContaining("No such file") });
    expect(await line.write(Uint8Array.of(1))).toEqual({ kind: "failed", why: "not open" });
    const states: string[] = [];
    line.onState((state) => states.push(state.kind));
    socket.plugIn();
    await untilOpen(line);
    expect(states).toEqual(["open"]);
    expect(await line.write(Uint8Array.of(1))).toEqual({ kind: "written" });
    expect(await line.write(new Uint8Array(5_000))).toEqual({ kind: "failed", why: "queue full" });
    await line.close();
    expect(await line.write(Uint8Array.of(1))).toEqual({ kind: "failed", why: "closed" });
  });

  it("hands bytes over at once in a process that does nothing else", async () => {
    const pty = aSocket().plugIn();
    const listening = spawn(process.execPath, ["--input-type=module-typescript", "-e", idleListener, pty.path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    cleanups.push(() => listening.kill("SIGKILL"));
    const lines: string[] = [];
    listening.stdout.on("data", (text: Buffer) => lines.push(...text.toString().trim().split("\n")));
    await expect.poll(() => lines, { timeout: 20_000 }).toEqual(["open"]);
    const delaysMs: number[] = [];
    for (let sent = 1; sent <= 10; sent += 1) {
      // Longer than any timer the listener might still have: only the byte itself may wake it.
      await new Promise((resolve) => setTimeout(resolve, 120));
      const sentMs = performance.timeOrigin + performance.now();
      pty.write(Uint8Array.of(sent));
      await expect.poll(() => lines.length, { timeout: 20_000, interval: 5 }).toBe(1 + sent);
      delaysMs.push(Number(lines.at(-1)) - sentMs);
    }
    console.log(`serial line: byte to listener in an idle process, longest of ten ${Math.max(...delaysMs).toFixed(1)} ms`);
    expect(Math.max(...delaysMs)).toBeLessThan(250 * slowdown());
  });

  it("notices an unplug in the middle of traffic, and does not spin", async () => {
    const noticedMs: number[] = [];
    const startedUsage = process.cpuUsage();
    for (let round = 0; round < 10; round += 1) {
      const pty = openPty();
      const line = openLine(pty.path, 57_600);
      await untilOpen(line);
      line.onBytes((bytes) => void line.write(bytes));
      pty.onData((bytes) => pty.write(bytes));
      pty.write(Uint8Array.of(round));
      await new Promise((resolve) => setTimeout(resolve, 20 + round));
      const unpluggedMs = performance.now();
      pty.unplug();
      await expect.poll(() => line.state().kind, { interval: 1 }).toBe("lost");
      noticedMs.push(performance.now() - unpluggedMs);
      await line.close();
    }
    const { user, system } = process.cpuUsage(startedUsage);
    console.log(
      `serial line: ten unplugs under traffic noticed within ${Math.max(...noticedMs).toFixed(1)} ms, ${((user + system) / 1_000).toFixed(0)} ms of processor time`,
    );
  });

  it("passes all 256 byte values both ways", async () => {
    const socket = aSocket();
    const pty = socket.plugIn();
    const line = openLine(socket.path, 57_600);
    await untilOpen(line);
    const every = Uint8Array.from({ length: 256 }, (_, i) => i);
    const [heard, sent]: [number[], number[]] = [[], []];
    // A loop with nothing to wait for ends and starts anew, which would hide a byte that woke nobody.
    setInterval(() => {}, 1_000_000);
    line.onBytes((bytes) => heard.push(...bytes));
    pty.onData((bytes) => sent.push(...bytes));
    pty.write(every);
    await line.write(every);
    await expect.poll(() => [heard.length, sent.length]).toEqual([256, 256]);
    expect([heard, sent]).toEqual([[...every], [...every]]);
  });
});
