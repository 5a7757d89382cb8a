/**
 * Current clamps from the copper to the books: a wave on the analog pins of the emulated chip, true RMS in the real firmware, the real
 * node program, and the energy of the session at the hub.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decode, type EventBody, type Heartbeat, type Telemetry } from "#contract";
import { createArduino } from "../../simulators/hardware/arduino.ts";
import { openPty } from "../../simulators/hardware/pty.ts";
import { createRdm6300 } from "../../simulators/hardware/rdm6300.ts";
import { attachToPty } from "../../simulators/hardware/simulated-board.ts";
import { nodeProgram } from "../devices/kit/node-process.ts";
import { pause, startRealHub, until } from "../devices/kit/test-hub.ts";
import { cards, laserFacts, site } from "../devices/kit/world.ts";

const hex = readFileSync(new URL("../../devices/firmware/koprade.hex", import.meta.url), "utf8");
const permitPin = 4;
const [ampsPerVolt, supplyV, powerFactor] = [30, 230, 0.9];
const phases = [0, 1, 2];
type Shape = (phase: number) => number;
const sine: Shape = Math.sin;
/** What a rectifier with a capacitor takes: a pulse at each crest. */
const switched: Shape = (phase) => (Math.abs(Math.sin(phase)) > 0.93 ? Math.sign(Math.sin(phase)) : 0);

test("three clamps: a sine and the pulses of switched supplies, within 3 % in power and in the session's energy", {
  timeout: 120_000,
}, async () => {
  const hub = await startRealHub({ node: "laser-node", ch: "laser-1", facts: laserFacts });
  const cables = { reader: openPty(), board: openPty() };
  const card = createRdm6300({ sink: (bytes) => cables.reader.write(bytes) });
  const chip = createArduino({ hex });
  const detach = attachToPty(chip, cables.board);
  chip.start();
  const telemetry: Telemetry[] = [];
  const heartbeats: Heartbeat[] = [];
  hub.broker.onMessage((message) => {
    const heard = decode(site, message.path, message.bytes);
    if (heard.ok && heard.topic === "channelTelemetry") telemetry.push(heard.body);
    if (heard.ok && heard.topic === "nodeHeartbeat") heartbeats.push(heard.body);
  });
  const node = nodeProgram(
    hub,
    hub.writeConfig(hub.port, {
      kind: "machine",
      logLevel: "error",
      board: { port: cables.board.path },
      machine: {
        ch: "laser-1",
        reader: { kind: "rdm6300", port: cables.reader.path, confirmFrames: 1 },
        permit: { kind: "hold", pin: permitPin },
        meter: { kind: "clamp", pin: "A0", pin2: 15, pin3: "A2", ampsPerVolt, supplyV, powerFactor, uncertainPct: 30 },
        settings: { profile: "laser", minOnMs: 1000, minOffMs: 30_000, busyHoldMs: 1000 },
      },
    }),
  );
  const bodies = <K extends EventBody["kind"]>(kind: K) =>
    hub.bodies().filter((body): body is Extract<EventBody, { kind: K }> => body.kind === kind);
  let [trueWh, since, nowW] = [0, performance.now(), 0];
  /** The same wave on each phase, a third of a turn apart, or what a clamp shows without a load: noise. Gives the true power. */
  const load = (shape: Shape | null, amplitudeV = 0): number => {
    trueWh += (nowW * (performance.now() - since)) / 3_600_000;
    since = performance.now();
    for (const phase of phases) {
      chip.setWave(phase, (aliveS) => {
        const angle = 2 * Math.PI * (50 * aliveS + phase / 3);
        return 2.5 + (shape === null ? 0.001 * Math.sin(77 * angle) : amplitudeV * shape(angle));
      });
    }
    const meanSquare =
      Array.from({ length: 10_000 }, (_, i) => (shape?.((2 * Math.PI * i) / 10_000) ?? 0) ** 2).reduce((a, b) => a + b) / 1e4;
    nowW = shape === null ? 0 : 3 * amplitudeV * Math.sqrt(meanSquare) * ampsPerVolt * supplyV * powerFactor;
    return nowW;
  };
  const samples = () => telemetry.flatMap(({ powerW }) => powerW);
  try {
    load(null);
    await node.start();
    await until("the board", () => heartbeats.at(-1)?.boards[0]?.state === "ready", 20_000);
    expect(heartbeats.at(-1)?.boards[0]).toMatchObject({ board: "main", firmware: "koprade 1.0", resetCause: "power-on", boots: 1 });
    card.present(cards.good.slice("em4100:".length));
    await pause(200);
    card.remove();
    await until("the permit", () => chip.pinLevel(permitPin) === 1);
    await pause(500);
    const sineW = load(sine, 0.35);
    await pause(6000);
    load(null);
    await pause(1500);
    const pulsesW = load(switched, 0.5);
    await pause(6000);
    load(null);
    await pause(2500);
    card.present(cards.good.slice("em4100:".length));
    await until("the end of the session", () => bodies("mach.session_closed").length === 1, 20_000);
    await until("the telemetry of it", () => samples().length >= 20, 15_000);
    const near = (truth: number) => samples().filter((powerW) => Math.abs((powerW ?? 0) / truth - 1) < 0.03).length;
    expect(near(sineW), `${samples()} of ${sineW}`).toBeGreaterThanOrEqual(4);
    expect(near(pulsesW), `${samples()} of ${pulsesW}`).toBeGreaterThanOrEqual(4);
    expect(samples().filter((powerW) => powerW === 0).length, "noise is no load").toBeGreaterThanOrEqual(1);
    expect(telemetry.at(-1)).toMatchObject({ energyWh: null, voltageV: null, uncertainPct: 30 });
    const { energyWh = null } = bodies("mach.session_closed")[0] ?? {};
    console.log(
      `clamps: sine ${sineW.toFixed(0)} W, pulses ${pulsesW.toFixed(0)} W; session ${energyWh?.toFixed(3)} Wh, truth ${trueWh.toFixed(3)} Wh`,
    );
    expect(Math.abs((energyWh ?? 0) / trueWh - 1)).toBeLessThan(0.03);
    expect(await node.stop()).toBe(0);
  } finally {
    await node.kill();
    card.close();
    chip.stop();
    detach();
    for (const cable of Object.values(cables)) cable.close();
    await hub.close();
  }
});
