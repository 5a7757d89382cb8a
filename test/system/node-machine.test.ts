/** A machine node as its service starts it: reader, board and meter on serial lines, a hub behind TLS (issue 2 §6, item 1). */
import { expect, test } from "vitest";
import type { EventBody } from "#contract";
import { openPty } from "../../simulators/hardware/pty.ts";
import { createPzem } from "../../simulators/hardware/pzem.ts";
import { createRdm6300 } from "../../simulators/hardware/rdm6300.ts";
import { createFirmataPeer } from "../devices/drivers/firmata-peer.ts";
import { nodeProgram } from "../devices/kit/node-process.ts";
import { pause, startRealHub, until } from "../devices/kit/test-hub.ts";
import { cards, laserFacts } from "../devices/kit/world.ts";

const permitPin = 4;
const auxBit = 1 << 5;

async function startLaser() {
  const facts = { ...laserFacts, lease: { ...laserFacts.lease, graceMs: 1000 } };
  const hub = await startRealHub({ node: "laser-node", ch: "laser-1", facts });
  const cables = { reader: openPty(), board: openPty(), meter: openPty() };
  const card = createRdm6300({ sink: (bytes) => cables.reader.write(bytes) });
  const board = createFirmataPeer((bytes) => cables.board.write(bytes));
  cables.board.onData((bytes) => board.receive(bytes));
  const meter = createPzem({ send: (bytes) => cables.meter.write(bytes), energyWh: 9_999_998 }); // about to wrap
  cables.meter.onData((bytes) => meter.receive(bytes));
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
        aux: { pin: 5 },
        meter: { kind: "pzem", port: cables.meter.path },
        settings: { profile: "laser", minOnMs: 1000, minOffMs: 2000, busyHoldMs: 2000 },
      },
    }),
  );
  const tap = async (number: string) => {
    card.present(number.slice("em4100:".length));
    await pause(200);
    card.remove();
  };
  return {
    hub,
    card,
    meter,
    tap,
    ...node,
    isPermitted: () => board.levels[permitPin] === 1,
    /** The auxiliary contact closes to ground when the contactor is in. */
    contactor: (isIn: boolean) => board.say([0x90, isIn ? 0 : auxBit, 0]),
    async close() {
      await node.kill();
      card.close();
      meter.close();
      for (const cable of Object.values(cables)) cable.close();
      await hub.close();
    },
  };
}

test("a laser from tap to off: permit, busy, idle, tap-out, grace, and the energy the meter counted", { timeout: 120_000 }, async () => {
  const laser = await startLaser();
  const bodies = <K extends EventBody["kind"]>(kind: K) =>
    laser.hub.bodies().filter((body): body is Extract<EventBody, { kind: K }> => body.kind === kind);
  try {
    await laser.start();
    laser.contactor(false);
    await laser.tap(cards.untrained);
    await until("the refusal", () => bodies("access.decided").length === 1);
    expect(bodies("access.decided")[0]).toMatchObject({ outcome: "deny", reason: "TRAINING_MISSING" });
    expect(laser.isPermitted()).toBe(false);

    const before = laser.meter.energyWhExact();
    await laser.tap(cards.good);
    await until("the permit", laser.isPermitted);
    laser.contactor(true);
    await until("power", () => bodies("mach.powered").length > 0);
    await pause(3000); // a tap this soon after the start would be a bounce
    laser.meter.setLoadW(3600);
    await until("a run", () => bodies("mach.run_started").length === 1, 15_000);
    await pause(4000);
    laser.meter.setLoadW(20);
    await until("its end", () => bodies("mach.run_ended").length === 1, 15_000);
    await pause(1500);
    await laser.tap(cards.good);
    await until("off", () => !laser.isPermitted(), 15_000);
    laser.contactor(false);
    await until("the end of the session", () => bodies("mach.session_closed").length === 1);
    const counted = laser.meter.energyWhExact() - before;
    const closed = bodies("mach.session_closed")[0];
    expect(closed?.reason).toBe("tap_out");
    expect(Math.abs((closed?.energyWh ?? 0) - counted)).toBeLessThanOrEqual(2); // the register counts whole watt-hours, and wrapped in between
    expect(closed?.busyMs).toBeGreaterThan(3000);
    expect(bodies("mach.verify_failed")).toHaveLength(0);
    console.log(
      `laser: session ${closed?.energyWh} Wh, the meter counted ${counted.toFixed(2)} Wh over the wrap of its register, busy ${closed?.busyMs} ms`,
    );
    expect(await laser.stop()).toBe(0);
  } finally {
    await laser.close();
  }
});
