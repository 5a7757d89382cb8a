/** No fact of a door or machine lacks an option: what the ledger takes is compared with what `koprade policy set` gives it. */
import { expect, it } from "vitest";
import { type Change, fields } from "../../../hub/cli/policy-fields.ts";
import { inputs } from "../../../hub/ledger/inputs.ts";

/** one good value for every option */
const values: Readonly<Record<string, string>> = {
  label: "Other",
  node: "node-2",
  ch: "other",
  zone: "shop",
  "from-zone": "yard",
  course: "basics",
  hours: "late",
  passage: "late",
  "two-person": "late",
  alone: "warn",
  "steward-required": "yes",
  guests: "with-host",
  "minors-supervised": "yes",
  "check-in": "yes",
  "min-credit": "5",
  assurance: "2",
  "anti-passback": "yes",
  "warn-only": "yes",
  "always-enabled": "yes",
  "overridable-by": "IN_USE=steward+staff",
  offline: "deny",
  "offline-hours": "3",
  "unknown-clock": "floor",
  asks: "credit,check-in",
  disabled: "yes",
  "fail-mode": "secure",
  "strike-s": "7",
  "held-s": "40",
  risk: "B",
  "cut-hazard": "no",
  sharing: "handover",
  attendance: "unattended_ok",
  "lease-min": "60",
  "idle-min": "9",
  "grace-s": "20",
  "enable-s": "45",
  "min-useful-s": "90",
  "member-limit": "2",
  "supervisor-limit": "3",
  booking: "required",
  "booking-lead-min": "10",
  "booking-no-show-min": "20",
  group: "dusty",
  circuit: "feed-3",
  watts: "2200",
  check: "checker",
  restartable: "no",
  set: "onW=200,oddW=",
};

const changes = { machine: inputs.setMachine.shape.change, door: inputs.setDoor.shape.change };

it.each(["machine", "door"] as const)("gives every field of a %s, in the form that the ledger takes", (kind) => {
  const given: Change[] = Object.entries(fields)
    .filter(([, { only }]) => (only ?? kind) === kind)
    .map(([option, field]) => field.read(`--${option}`, values[option] ?? "this test has no value for it"));
  const booking = Object.assign({}, ...given.map((change) => change.booking)) as Change;
  const change = Object.assign({}, ...given, kind === "machine" ? { booking } : {}) as Change;
  expect(Object.keys(change).sort()).toEqual(Object.keys(changes[kind].shape).sort());
  expect(changes[kind].parse(change)).toEqual(change);
});

it("gives every part of a booking rule", () => {
  const given = Object.entries(fields).flatMap(([option, field]) =>
    option.startsWith("booking") ? Object.keys(field.read(`--${option}`, values[option] ?? "").booking as object) : [],
  );
  const whole = changes.machine.parse({ booking: { mode: "required" } }).booking;
  expect(given.sort()).toEqual(Object.keys(whole ?? {}).sort());
});

it("has a value for no option that is gone", () => {
  expect(Object.keys(values).sort()).toEqual(Object.keys(fields).sort());
});
