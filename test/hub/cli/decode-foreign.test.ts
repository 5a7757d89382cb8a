/** The foreign families against what was recorded of them, against what nobody recorded, and against zeros that nobody sent. */
import { expect, it } from "vitest";
import { decodeLine, protocols } from "../../../hub/cli/decode-table.ts";
import { families } from "../../../hub/hosted/families.ts";
import { jsonFamilies, otherFamilies } from "../../support/decode-families.ts";
import { testFixture, testHonesty, testMutations } from "../../support/decode-suite.ts";

for (const { file, noMessage } of [...jsonFamilies, ...otherFamilies]) {
  testFixture(file, noMessage);
  testMutations(file, 10);
}
for (const { file, places } of jsonFamilies) testHonesty(file, places, 10);

it("a device of any kind is read by the paths its owner named", () => {
  const line = {
    protocol: "json-path",
    payload: '{"em":{"p":"812.5","i":383,"gone":null},"rel":"ON"}',
    context: {
      paths: { power_w: "em.p", current_a: "em.i", energy_wh: "em.gone", missing: "em.x", relay_on: "rel" },
      factors: { current_a: 0.001 },
    },
  };
  expect(decodeLine(JSON.stringify(line), 1).decoded).toEqual({ power_w: 812.5, current_a: 0.383, energy_wh: null, relay_on: true });
  expect(decodeLine(JSON.stringify({ ...line, context: {} }), 1).decoded).toMatchObject({
    accept: false,
    why: expect.stringContaining("paths"),
  });
});

it("every family that is described has a decoder, and says what it cannot do", () => {
  const known = new Map(protocols().map(({ protocol, cannot }) => [protocol, cannot]));
  for (const [name, { cannot }] of Object.entries(families)) {
    expect(cannot.length, name).toBeGreaterThan(0);
    expect(known.get(name), name).toEqual(cannot);
  }
});
