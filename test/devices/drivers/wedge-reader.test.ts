/** A reader that types: key strokes as Linux hands them on, and everything that is typed but is no card. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createInputEventParser } from "../../../devices/drivers/input-event.ts";
import { type WedgeSetting, wedgeSettings } from "../../../devices/drivers/wedge.ts";
import { openWedge } from "../../../devices/drivers/wedge-reader.ts";
import { doorReader } from "../../../devices/kit/node-devices.ts";
import { event, keyEvents } from "../../../simulators/hardware/wedge.ts";
import { concat, createTestLine } from "../../support/driver-suite.ts";

const em32 = { kind: "card", number: "em32:026F6C3A", usable: true };

describe("a reader that types", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const open = (format: WedgeSetting = "8H10D") => {
    const line = createTestLine();
    const reader = openWedge(line, { format });
    const heard: unknown[] = [];
    reader.onRead((read) => heard.push(read));
    reader.onState((state, why) => heard.push([state, why]));
    return { line, reader, news: () => heard.splice(0) };
  };

  it.each<[WedgeSetting, string, string]>([
    ["10H12D", "004335823930\n", "em4100:01026F6C3A"],
    ["10H", "01026F6C3A\n", "em4100:01026F6C3A"],
    ["8H10D", "40856634\t", "em32:026F6C3A"],
    ["4H4H", "00623,27706\n", "em32:026F6C3A"],
    ["6H8D", "07302202\n", "em24:6F6C3A"],
    ["2H4H", "111,27706\n", "em24:6F6C3A"],
    ["uid-msb", "1386022627\n", "iso14443a:529D06E3"],
    ["uid-lsb", "3808861522\n", "iso14443a:529D06E3"],
  ])("set to %s types %j for %s", (format, text, number) => {
    const { line, news } = open(format);
    line.push(keyEvents(text));
    expect(news()).toEqual([{ kind: "card", number, usable: true }]);
  });

  it("types on the keypad, without an end, or twice", () => {
    const { line, news } = open();
    line.push(keyEvents("0040856634\n", { keypad: true }));
    expect(news()).toEqual([em32]);
    line.push(keyEvents("0040856634", { startMs: 9_000 }));
    expect(news()).toEqual([]);
    vi.advanceTimersByTime(120);
    expect(news()).toEqual([em32]);
    line.push(keyEvents("0040856634\n0040856634\n", { startMs: 20_000 }));
    expect(news()).toEqual([em32, em32]); // one presence: the node asks once
  });

  it("is told from a person: slow, other keys, a key held down, too long", () => {
    const { line, news } = open();
    const held = concat(keyEvents("004085663"), event(1_090, 1, 5, 1), event(1_095, 1, 5, 2), keyEvents("\n", { startMs: 1_099 }));
    for (const typed of [keyEvents("0040856634\n", { keyMs: 80 }), keyEvents("hello\n"), held, keyEvents("1".repeat(40).concat("\n"))]) {
      line.push(typed);
      vi.advanceTimersByTime(150);
      expect(news()).toEqual([{ kind: "unreadable" }]);
    }
  });

  it("that is set to another format, or has a phone's number, opens nothing", () => {
    const wrong = open("10H12D");
    wrong.line.push(keyEvents("0040856634\n"));
    expect(wrong.news()).toEqual([{ kind: "unreadable" }]);
    const random = open("uid-msb");
    random.line.push(keyEvents(`${0x0824a937}\n`));
    expect(random.news()).toEqual([{ kind: "card", number: "wedge:136620343", usable: false }]);
  });

  it("whose number is heard from its middle is not believed: the rest is another card", () => {
    const { line, news } = open();
    const whole = keyEvents("0040856634\n");
    line.unplug();
    line.plugIn();
    line.push(whole.slice(24 * 25));
    vi.advanceTimersByTime(150);
    expect(news()).toEqual([
      ["lost", "unplugged"],
      ["ready", ""],
    ]);
    line.push(keyEvents("00408", { startMs: 5_000 }));
    line.push(event(5_050, 0, 3, 0)); // the kernel has dropped some
    line.push(keyEvents("56634\n", { startMs: 5_060 }));
    vi.advanceTimersByTime(150);
    expect(news()).toEqual([{ kind: "unreadable" }]);
    line.push(keyEvents("0040856634\n", { startMs: 9_000 }));
    expect(news()).toEqual([em32]);
  });

  it("closes with its device", async () => {
    const { line, reader, news } = open();
    await reader.close();
    line.push(keyEvents("0040856634\n"));
    vi.advanceTimersByTime(500);
    expect(news()).toEqual([]);
  });
});

describe("input events", () => {
  it("that are none are counted, and the next whole one is found", () => {
    const parser = createInputEventParser();
    const heard = parser.feed(concat(new Uint8Array(5).fill(0xff), event(1_000.5, 1, 2, 1), event(1_000.5, 1, 2, 1)));
    expect(heard.filter(({ kind }) => kind === "key")).toHaveLength(2);
    expect(heard[0]).toMatchObject({ kind: "rubbish" });
    expect(parser.bufferedBytes()).toBeLessThan(24);
  });

  it("of a node's file name the same formats as the driver knows", () => {
    const wired = (format: string) => doorReader.safeParse({ kind: "wedge", port: "/dev/input/by-id/usb-x-event-kbd", format }).success;
    for (const format of wedgeSettings) expect(wired(format), format).toBe(true);
    expect(wired("8H10D ")).toBe(false);
    expect(doorReader.safeParse({ kind: "wedge", port: "/dev/ttyUSB0", format: "8H10D" }).error?.issues[0]?.message).toContain("event-kbd");
  });
});
