/** The PZEM-004T driver against recorded answers and a Modbus library of others. */
import { readFileSync } from "node:fs";
import modbusSerial from "modbus-serial";
import { describe, expect, it } from "vitest";
import { modbusCrc } from "../../../devices/drivers/modbus-rtu.ts";
import { createPzem, decodeRead, encodeRead, encodeReadAddress, encodeSetAddress } from "../../../devices/drivers/pzem004t.ts";
import { concat, createTestLine, fromHex } from "../../support/driver-suite.ts";

const answer = fromHex("01 04 14 08 2C 07 49 00 00 0E F5 00 00 4A E6 00 03 01 F4 00 62 00 00 1B DD");
const exception = fromHex("01 84 02 C2 C1");
const timeoutMs = 8;

interface Vector {
  readonly id: string;
  readonly protocol: string;
  readonly direction: string;
  readonly hex: string;
  readonly expect: {
    readonly name?: string;
    readonly accept?: boolean;
    readonly exception?: string;
    readonly address?: number;
    readonly voltage_v?: number;
    readonly current_a?: number;
    readonly power_w?: number;
    readonly energy_wh?: number;
    readonly frequency_hz?: number;
    readonly power_factor?: number;
    readonly alarm?: boolean;
  };
}

const all: readonly Vector[] = readFileSync(new URL("../../fixtures/pzem004t.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
const vectors = all.filter((vector) => vector.protocol === "pzem004t-v3");
const answers = vectors.filter((vector) => vector.direction === "meter->host");
const questions = vectors.filter((vector) => vector.direction === "host->meter");

describe("pzem004t decodes recorded answers", () => {
  it.each(answers)("$id", ({ hex, expect: expected }) => {
    const outcome = decodeRead(fromHex(hex));
    if (outcome.kind === "bad") {
      expect(expected.accept === false || expected.exception !== undefined).toBe(true);
      if (expected.exception !== undefined) {
        expect(outcome).toEqual({ kind: "bad", why: "exception", exceptionCode: Number(expected.exception) });
      }
      return;
    }
    expect(outcome).toEqual({
      kind: "reading",
      address: expected.address,
      voltageV: expected.voltage_v,
      currentA: expected.current_a,
      powerW: expected.power_w,
      energyWh: expected.energy_wh,
      frequencyHz: expected.frequency_hz,
      powerFactor: expected.power_factor,
      alarm: expected.alarm,
    });
  });

  it.each(questions)("$id: the question has a right checksum, and ours is the same bytes where we ask it", ({ hex, expect: expected }) => {
    const bytes = fromHex(hex);
    expect(modbusCrc(bytes)).toBe(0);
    if (expected.name === "set address 1->5") expect(encodeSetAddress(1, 5)).toEqual(bytes);
    if (expected.name === "read own slave address (general address F8)") expect(encodeReadAddress()).toEqual(bytes);
  });

  it("counts the entries and leaves the CSE7766 ones, another chip, to their own driver", () => {
    console.log(
      `pzem004t: ${vectors.length} of ${all.length} entries decoded, ${all.length - vectors.length} are CSE7766 (another driver)`,
    );
    expect(answers.length).toBeGreaterThanOrEqual(8);
    expect(all.every((vector) => vector.protocol === "pzem004t-v3" || vector.protocol === "cse7766")).toBe(true);
  });
});

describe("pzem004t asks", () => {
  it("with the same bytes as modbus-serial", async () => {
    const sent: Buffer[] = [];
    const port = { isOpen: true, open: () => {}, close: () => {}, on: () => port, write: (bytes: Buffer) => sent.push(bytes) };
    const client = new modbusSerial.default(port);
    client.setTimeout(5);
    client.open(() => {});
    for (const address of [1, 2, 0x42, 247]) {
      client.setID(address);
      await client.readInputRegisters(0, 10).catch(() => undefined);
      expect(encodeRead(address)).toEqual(Uint8Array.from(sent.at(-1) ?? []));
    }
  });

  it("never with the command that resets the energy counter, whatever the address", () => {
    for (let address = 1; address <= 248; address += 1) expect(encodeRead(address)[1]).toBe(0x04);
    for (const address of [0, 249, 1.5, Number.NaN]) expect(() => encodeRead(address)).toThrow("meter address");
  });
});

describe("pzem004t tells silence, a broken answer and a lost line apart", () => {
  const open = (address = 1) => {
    const line = createTestLine();
    return { line, pzem: createPzem(line, { address, timeoutMs }) };
  };

  it("silent: not one byte came", async () => {
    expect(await open().pzem.read()).toEqual({ kind: "silent" });
  });

  it("bad: checksum, cut short, foreign, exception", async () => {
    const { line, pzem } = open();
    const hear = async (bytes: Uint8Array) => {
      const asked = pzem.read();
      await Promise.resolve();
      line.push(bytes);
      return asked;
    };
    expect(await hear(concat(answer.slice(0, 24), Uint8Array.of(0)))).toEqual({ kind: "bad", why: "checksum" });
    expect(await hear(answer.slice(0, 20))).toEqual({ kind: "bad", why: "short" });
    expect(await hear(exception)).toEqual({ kind: "bad", why: "exception", exceptionCode: 2 });
    const asked = createPzem(line, { address: 7, timeoutMs }).read();
    await Promise.resolve();
    line.push(answer);
    expect(await asked).toEqual({ kind: "bad", why: "foreign" });
  });

  it("bad: the line was lost before or during the question, which is not the silence of an unpowered machine", async () => {
    const { line, pzem } = open();
    const during = pzem.read();
    await Promise.resolve();
    line.unplug();
    expect(await during).toEqual({ kind: "bad", why: "line lost" });
    expect(await pzem.read()).toEqual({ kind: "bad", why: "line lost" });
  });

  it("a late answer is not taken for the next one", async () => {
    const { line, pzem } = open();
    expect(await pzem.read()).toEqual({ kind: "silent" });
    line.push(answer);
    expect(await pzem.read()).toEqual({ kind: "silent" });
  });

  it("meters on one line wait for each other", async () => {
    const line = createTestLine();
    const [first, second] = [createPzem(line, { address: 1, timeoutMs: 30 }), createPzem(line, { address: 2, timeoutMs: 30 })];
    const both = [first.read(), second.read()];
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(line.written).toEqual([encodeRead(1)]);
    line.push(answer);
    await both[0];
    await Promise.resolve();
    expect(line.written).toEqual([encodeRead(1), encodeRead(2)]);
    expect(await both[1]).toEqual({ kind: "silent" });
  });
});
