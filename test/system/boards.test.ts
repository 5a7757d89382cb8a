/** Boards in supervised processes on simulated cables: a Firmata peer, and our firmware on an emulated chip. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type SupervisedBoard, startSupervisedBoard } from "../../devices/drivers/supervised-board.ts";
import { createArduino } from "../../simulators/hardware/arduino.ts";
import type { Pty } from "../../simulators/hardware/pty.ts";
import { attachToPty } from "../../simulators/hardware/simulated-board.ts";
import { aSocket, cleanups } from "../devices/drivers/cables.ts";
import { createFirmataPeer, type FirmataPeer } from "../devices/drivers/firmata-peer.ts";

describe("a board in a supervised process", () => {
  const outputs = { strike: { pin: 7, activeLow: false, type: "hold" }, permit: { pin: 8, activeLow: false, type: "hold" } } as const;
  const inputs = { door: { pin: 3, pullup: true, debounceMs: 20 } } as const;

  function plugInBoard(socket: ReturnType<typeof aSocket>): { readonly pty: Pty; readonly peer: FirmataPeer } {
    const pty = socket.plugIn();
    const peer = createFirmataPeer((bytes) => pty.write(bytes));
    pty.onData((bytes) => peer.receive(bytes));
    return { pty, peer };
  }

  function startBoard(path: string): SupervisedBoard {
    const board = startSupervisedBoard({ path, baudRate: 57_600, outputs, inputs, restartMs: 50, restartMsMax: 200 });
    cleanups.push(() => board.close());
    return board;
  }

  const untilReady = (board: SupervisedBoard) => expect.poll(() => board.state().kind, { timeout: 20_000, interval: 5 }).toBe("ready");

  it("commands outputs, hears inputs, and is quick", async () => {
    const socket = aSocket();
    const { peer } = plugInBoard(socket);
    const startedMs = performance.now();
    const board = startBoard(socket.path);
    expect(await board.output("strike").write(true)).toEqual({ kind: "failed", why: "not ready" });
    await untilReady(board);
    const readyMs = performance.now() - startedMs;
    const times: number[] = [];
    for (let i = 0; i < 50; i += 1) {
      const askedMs = performance.now();
      expect(await board.output("permit").write(i % 2 === 0)).toEqual({ kind: "applied" });
      times.push(performance.now() - askedMs);
      expect(peer.levels[8]).toBe(i % 2 === 0 ? 1 : 0);
    }
    expect(await board.output("strike").pulse(60)).toEqual({ kind: "applied" });
    expect(peer.levels[7]).toBe(1);
    await expect.poll(() => peer.levels[7], { interval: 5 }).toBe(0);
    const heard: unknown[] = [];
    board.input("door").onChange((level) => heard.push(level));
    peer.say([0x90, 8, 0]);
    await expect.poll(() => board.input("door").level()).toBe("high");
    peer.say([0x90, 0, 0]);
    await expect.poll(() => heard).toEqual(["high", "low"]);
    expect(() => board.output("lamp")).toThrow('no output named "lamp"');
    await board.output("permit").write(true);
    await board.close();
    expect(peer.levels[8]).toBe(0);
    times.sort((a, b) => a - b);
    console.log(
      `board: ready ${readyMs.toFixed(0)} ms after the fork; command to read-back p50 ${times[25]?.toFixed(1)} ms, longest of 50 ${times.at(-1)?.toFixed(1)} ms`,
    );
  });

  it("ABSENT × the port appears → OPENING → SAFE_INIT → READY", async () => {
    const socket = aSocket();
    const board = startBoard(socket.path);
    await expect
      .poll(() => board.state(), { timeout: 20_000 })
      .toMatchObject({ kind: "lost", why: expect.stringContaining("No such file") });
    const { peer } = plugInBoard(socket);
    peer.modes[8] = 1;
    peer.levels[8] = 1;
    await untilReady(board);
    expect(peer.levels[8]).toBe(0);
  });

  it.each<readonly [row: string, breakIt: (board: SupervisedBoard, plugged: ReturnType<typeof plugInBoard>) => void]>([
    ["READY × its process ends → LOST → ABSENT → READY", (board) => void process.kill(board.workerPid() ?? 0, "SIGKILL")],
    ["READY × unexpected REPORT_VERSION → LOST → SAFE_INIT → READY", (_board, { peer }) => peer.restart()],
    // A simulated cable outlives its unplugging in child processes, so that silence is what tells.
    ["READY × no REPORT_VERSION echo for 3 s → LOST → ABSENT → READY", (_board, { pty }) => pty.unplug()],
  ])("%s: channels unknown, a new process, outputs off", async (row, breakIt) => {
    const socket = aSocket();
    const plugged = plugInBoard(socket);
    const board = startBoard(socket.path);
    await untilReady(board);
    const firstPid = board.workerPid();
    expect(await board.output("permit").write(true)).toEqual({ kind: "applied" });
    plugged.peer.say([0x90, 8, 0]);
    await expect.poll(() => board.input("door").level()).toBe("high");
    const states: string[] = [];
    board.onState((state) => states.push(state.kind));
    const brokenMs = performance.now();
    breakIt(board, plugged);
    await expect.poll(() => states, { interval: 1, timeout: 20_000 }).toContain("lost");
    const lostMs = performance.now() - brokenMs;
    expect(board.input("door").level()).toBeUndefined();
    expect(await board.output("permit").write(true)).toEqual({ kind: "failed", why: "not ready" });
    const { peer } = row.includes("echo") ? plugInBoard(socket) : plugged;
    await untilReady(board);
    expect([peer.levels[8], states[0], board.workerPid() === firstPid]).toEqual([0, "lost", false]);
    console.log(
      `board: ${row.split(" → ")[0]}: known after ${lostMs.toFixed(0)} ms, ready again after ${(performance.now() - brokenMs).toFixed(0)} ms`,
    );
  });

  it("says what is wrong when there is no such pin", async () => {
    const socket = aSocket();
    plugInBoard(socket);
    const wrongPin = startSupervisedBoard({
      path: socket.path,
      baudRate: 57_600,
      outputs: { strike: { ...outputs.strike, pin: 40 } },
      inputs: {},
    });
    cleanups.push(() => wrongPin.close());
    await expect
      .poll(() => wrongPin.state(), { timeout: 20_000 })
      .toMatchObject({ kind: "lost", why: expect.stringContaining("no pin 40") });
  });

  /** A node in a process of its own with its permit on, so that it can be killed and stopped. */
  async function startNode() {
    const socket = aSocket();
    const { peer } = plugInBoard(socket);
    const program = `
      import { startSupervisedBoard } from ${JSON.stringify(new URL("../../devices/drivers/supervised-board.ts", import.meta.url).href)};
      const board = startSupervisedBoard(${JSON.stringify({ path: socket.path, baudRate: 57_600, outputs, inputs })});
      board.onState(async (state) => {
        if (state.kind !== "ready") return;
        await board.output("permit").write(true);
        console.log(board.workerPid());
      });
    `;
    const node = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    cleanups.push(() => node.kill("SIGKILL"));
    const workerPid = await new Promise<number>((resolve) => node.stdout.once("data", (text: Buffer) => resolve(Number(text.toString()))));
    expect(peer.levels[8]).toBe(1);
    return { node, peer, workerPid };
  }

  it("ends with its parent: kill -9 of the node leaves no process and no output on", async () => {
    const { node, peer, workerPid } = await startNode();
    const killedMs = performance.now();
    node.kill("SIGKILL");
    await expect.poll(() => peer.levels[8], { interval: 1 }).toBe(0);
    const offMs = performance.now() - killedMs;
    await expect.poll(() => isRunning(workerPid), { timeout: 20_000, interval: 5 }).toBe(false);
    console.log(
      `board: after kill -9 of the node its output is off in ${offMs.toFixed(0)} ms and its worker gone in ${(performance.now() - killedMs).toFixed(0)} ms`,
    );
  });

  it("does not trust a node that hangs, and replaces a worker that hangs", { timeout: 60_000 }, async () => {
    const hungNode = await startNode();
    const hungWorker = await startNode();
    const stoppedMs = performance.now();
    hungNode.node.kill("SIGSTOP");
    process.kill(hungWorker.workerPid, "SIGSTOP");
    await expect.poll(() => isRunning(hungWorker.workerPid), { timeout: 20_000, interval: 20 }).toBe(false);
    const replacedMs = performance.now() - stoppedMs;
    await expect.poll(() => hungNode.peer.levels[8], { timeout: 25_000, interval: 20 }).toBe(0);
    console.log(
      `board: a hung worker is killed after ${(replacedMs / 1_000).toFixed(1)} s, the output of a hung node is off after ${((performance.now() - stoppedMs) / 1_000).toFixed(1)} s`,
    );
  });
});

describe("a board with our firmware, on an emulated chip", () => {
  it("drops hold outputs of a hung host by itself, keeps latching ones, and tells a restart", { timeout: 60_000 }, async () => {
    const socket = aSocket();
    const hex = readFileSync(new URL("../../devices/firmware/koprade.hex", import.meta.url), "utf8");
    const chip = createArduino({ hex });
    const detach = attachToPty(chip, socket.plugIn());
    chip.start();
    cleanups.push(detach, () => chip.stop());
    const board = startSupervisedBoard({
      path: socket.path,
      baudRate: 57_600,
      outputs: {
        permit: { pin: 8, activeLow: true, type: "hold" },
        contactor: { pin: 9, activeLow: false, type: "latch" },
      },
      inputs: { door: { pin: 3, pullup: true, debounceMs: 20 } },
      restartMs: 50,
    });
    cleanups.push(() => board.close());
    const untilReady = () => expect.poll(() => board.state().kind, { timeout: 15_000, interval: 5 }).toBe("ready");
    await untilReady();
    expect(board.state()).toMatchObject({ watchdogMs: 2_000, outputsOn: [] });
    expect([chip.pinLevel(8), chip.pinLevel(9)]).toEqual([1, 0]);

    const times: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const askedMs = performance.now();
      expect(await board.output("permit").write(i % 2 === 0)).toEqual({ kind: "applied" });
      times.push(performance.now() - askedMs);
    }
    await expect.poll(() => board.input("door").level()).toBe("high");
    chip.setInput(3, 0);
    await expect.poll(() => board.input("door").level()).toBe("low");

    expect(await board.output("permit").write(true)).toEqual({ kind: "applied" });
    expect(await board.output("contactor").write(true)).toEqual({ kind: "applied" });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect([board.state().kind, chip.pinLevel(8), chip.pinLevel(9)]).toEqual(["ready", 0, 1]);

    const stoppedMs = performance.now();
    process.kill(board.workerPid() ?? 0, "SIGSTOP");
    await expect.poll(() => chip.pinLevel(8), { timeout: 20_000, interval: 5 }).toBe(1);
    const droppedMs = performance.now() - stoppedMs;
    expect(chip.pinLevel(9)).toBe(1);
    await expect.poll(() => board.state().kind, { timeout: 20_000, interval: 5 }).toBe("lost");
    await untilReady();
    expect(board.state()).toMatchObject({ outputsOn: ["contactor"] });
    expect([chip.pinLevel(8), chip.pinLevel(9)]).toEqual([1, 1]);

    const resetMs = performance.now();
    chip.reset("brown-out");
    await expect.poll(() => board.state().kind, { timeout: 4_000, interval: 1 }).toBe("lost");
    const lostMs = performance.now() - resetMs;
    await untilReady();
    expect(board.state()).toMatchObject({ outputsOn: [] });
    times.sort((a, b) => a - b);
    console.log(
      `our firmware: command to read-back p50 ${times[10]?.toFixed(1)} ms, longest of 20 ${times.at(-1)?.toFixed(1)} ms; hold output off ${droppedMs.toFixed(0)} ms after its host hung, latch kept; brown-out known after ${lostMs.toFixed(0)} ms`,
    );
  });
});

/** A zombie that waits for its parent to ask for its exit code has ended. */
function isRunning(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
}
