/** What keys of a keypad make of a PIN. */
import { expect, it } from "vitest";
import { openPin, type PinEntry, pressPin } from "../../../hub/core/pin-entry.ts";

const windowMs = 15_000;
/** Presses keys half a second apart; what was to be asked, and whether something is still waited for. */
function press(keys: string, from: PinEntry = openPin(0, windowMs), startMono = 0) {
  const asked: string[] = [];
  let entry: PinEntry | null = from;
  let nowMono = startMono;
  for (const key of keys) {
    nowMono += 500;
    if (entry === null) break;
    const [next, pin]: readonly [PinEntry | null, string | null] = pressPin(entry, key, nowMono, windowMs);
    if (pin !== null) asked.push(pin);
    entry = next;
  }
  return { asked, entry };
}

it.each([
  ["2718#", ["2718"]],
  ["27182818", ["27182818"]],
  ["12*2718#", ["2718"]],
  ["123#2718#", ["2718"]],
  ["#*##", []],
  ["2718", []],
  ["27a18#", ["2718"]],
  ["1111#2222#", ["1111", "2222"]],
])("%s asks %j", (keys, asked) => expect(press(keys).asked).toEqual(asked));

it("counts the tries of a tap, and no slip of the finger", () => {
  expect(press("12#*2718#").entry).toMatchObject({ triesLeft: 2, digits: "" });
  expect(press("1111#2222#3333#").entry).toMatchObject({ triesLeft: 0 });
});

it("waits as long again after each key, and no longer", () => {
  const { entry } = press("27");
  if (entry === null) throw new Error("two digits are waited on");
  expect(pressPin(entry, "1", 1_000 + windowMs - 1, windowMs)[0]).toMatchObject({ digits: "271" });
  expect(pressPin(entry, "1", 1_000 + windowMs, windowMs)).toEqual([null, null]);
});
