/** No fact of a door or machine lacks an option: what the ledger takes is compared with what `koprade policy set` gives it. */
import { expect, it } from "vitest";
import { type Change, fields } from "../../../hub/cli/policy-fields.ts";
import { inputs } from "../../../hub/ledger/inputs.ts";
import { policyValues } from "../../support/policy-values.ts";

const changes = { machine: inputs.setMachine.shape.change, door: inputs.setDoor.shape.change };

it.each(["machine", "door"] as const)("gives every field of a %s, in the form that the ledger takes", (kind) => {
  const given: Change[] = Object.entries(fields)
    .filter(([, { only }]) => (only ?? kind) === kind)
    .map(([option, field]) => field.read(`--${option}`, policyValues[option] ?? "this test has no value for it"));
  const booking = Object.assign({}, ...given.map((change) => change.booking)) as Change;
  const change = Object.assign({}, ...given, kind === "machine" ? { booking } : {}) as Change;
  expect(Object.keys(change).sort()).toEqual(Object.keys(changes[kind].shape).sort());
  expect(changes[kind].parse(change)).toEqual(change);
});

it("gives every part of a booking rule", () => {
  const given = Object.entries(fields).flatMap(([option, field]) =>
    option.startsWith("booking") ? Object.keys(field.read(`--${option}`, policyValues[option] ?? "").booking as object) : [],
  );
  const whole = changes.machine.parse({ booking: { mode: "required" } }).booking;
  expect(given.sort()).toEqual(Object.keys(whole ?? {}).sort());
});

it("has a value for no option that is gone", () => {
  expect(Object.keys(policyValues).sort()).toEqual(Object.keys(fields).sort());
});
