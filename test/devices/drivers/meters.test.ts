/** Meters beside the PZEM: missing, negative and impossible values stay what they are, and an answer is found among glitches. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCse7766 } from "../../../devices/drivers/cse7766.ts";
import { modbusFrame } from "../../../devices/drivers/modbus-rtu.ts";
import { createSdm, decodeSdmValues, encodeSdmRead, type SdmModel } from "../../../devices/drivers/sdm.ts";
import { concat, createTestLine, fromHex, type TestLine } from "../../support/driver-suite.ts";

const float = (value: number): number[] => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value);
  return [...bytes];
};
const answer = (value: number, address = 1): Uint8Array => modbusFrame(address, [0x04, 4, ...float(value)]);

/** Answers the questions of a line in their order, as soon as they are asked; none where there is no answer. */
function answering(line: TestLine, answerOf: (question: number) => Uint8Array | undefined): void {
  const { write } = line;
  let question = 0;
  line.write = (bytes) => {
    const next = answerOf(question);
    question += 1;
    if (next !== undefined) queueMicrotask(() => line.push(next));
    return write(bytes);
  };
}

describe("an SDM meter", () => {
  const read = async (answers: readonly (Uint8Array | undefined)[], model: SdmModel = "sdm120") => {
    const line = createTestLine();
    answering(line, (question) => answers[question]);
    return { outcome: await createSdm(line, { address: 1, model, timeoutMs: 20, pauseMs: 0 }).read(), line };
  };

  it("is read with three questions, power first, signed", async () => {
    const { outcome, line } = await read([answer(-151.5), answer(12.345), answer(231)]);
    expect(outcome).toEqual({ kind: "reading", powerW: -151.5, energyWh: 12_345, voltageV: 231 });
    expect(line.written).toEqual([12, 342, 0].map((register) => encodeSdmRead(1, register)));
    const three = await read([answer(1), answer(2), answer(3)], "sdm630");
    expect(three.line.written[0]).toEqual(encodeSdmRead(1, 52));
  });

  it("that says no number has no value, and not a zero", async () => {
    const { outcome } = await read([answer(Number.NaN), answer(Number.POSITIVE_INFINITY), answer(231)]);
    expect(outcome).toEqual({ kind: "reading", powerW: null, energyWh: null, voltageV: 231 });
  });

  it("that falls silent or breaks off between two answers gives no reading", async () => {
    expect((await read([answer(1), undefined])).outcome).toEqual({ kind: "silent" });
    expect((await read([answer(1), answer(2).slice(0, 8)])).outcome).toEqual({ kind: "bad", why: "short" });
    expect((await read([modbusFrame(1, [0x84, 2])])).outcome).toEqual({ kind: "bad", why: "exception", exceptionCode: 2 });
  });

  it("answers that RS-485 turn-around glitched are found, and never taken with the last byte missing", async () => {
    expect((await read([concat(Uint8Array.of(0), answer(7)), answer(2), answer(3)])).outcome).toMatchObject({ powerW: 7 });
    expect((await read([fromHex("00 01 04 04 43 66 B3 33 3B")])).outcome).toEqual({ kind: "bad", why: "short" });
  });

  it("gives only numbers that are in its bytes, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 90 }), fc.nat(80), (data, register) => {
        for (const { value, register: at } of decodeSdmValues(data, register)) {
          const bytes = data.slice((at - register) * 2, (at - register) * 2 + 4);
          expect(value).toBe(Number.isFinite(new DataView(bytes.buffer).getFloat32(0)) ? new DataView(bytes.buffer).getFloat32(0) : null);
        }
      }),
    );
  });

  it("is asked for what it has only", () => {
    for (const [address, register, count] of [
      [0, 0, 2],
      [248, 0, 2],
      [1, -2, 2],
      [1, 0, 3],
      [1, 0, 82],
    ] as const)
      expect(() => encodeSdmRead(address, register, count)).toThrow(RangeError);
  });
});

describe("a CSE7766", () => {
  const frame = fromHex("55 5A 02 EC 70 00 03 5A 00 40 B5 00 6B B3 52 0F D0 00 A2 AA F2 6F F5 A1");
  const summed = (changes: Readonly<Record<number, number>>): Uint8Array => {
    const changed = frame.map((byte, i) => changes[i] ?? byte);
    changed[23] = changed.subarray(2, 23).reduce((sum, byte) => sum + byte, 0) & 0xff;
    return changed;
  };
  it("without load says that the power is too small, which is unknown and not zero", () => {
    expect(decodeCse7766(summed({ 0: 0xf2 }))).toMatchObject({
      powerW: null,
      currentA: expect.closeTo(0.6008, 4),
      voltageV: expect.closeTo(223.31, 2),
    });
    expect(decodeCse7766(summed({ 20: 0x10 }))).toMatchObject({ powerW: null, currentA: null, voltageV: expect.closeTo(223.31, 2) });
    expect(decodeCse7766(summed({ 17: 0, 18: 0, 19: 0 }))).toMatchObject({ powerW: null });
  });
  it("is refused without calibration, with a bit changed, cut or longer", () => {
    expect(decodeCse7766(summed({ 0: 0xaa }))).toEqual({ kind: "bad", why: "not calibrated" });
    for (let at = 1; at < frame.length; at += 1)
      expect(decodeCse7766(frame.map((byte, i) => (i === at ? byte ^ 4 : byte))).kind).toBe("bad");
    expect(decodeCse7766(frame.slice(0, 23))).toEqual({ kind: "bad", why: "short" });
    expect(decodeCse7766(concat(frame, frame))).toEqual({ kind: "bad", why: "overlong" });
  });
});
