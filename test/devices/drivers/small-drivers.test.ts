/** Strike, relay, contact, lamp, beeper and debouncing on ports that the test holds. */
import { describe, expect, it } from "vitest";
import { createBeeper } from "../../../devices/drivers/beeper.ts";
import { readFromWorker, readToWorker } from "../../../devices/drivers/board-messages.ts";
import { checkedPulseMs, type InputLevel, type InputPort, type OutputPort } from "../../../devices/drivers/board-ports.ts";
import { createContact } from "../../../devices/drivers/contact.ts";
import { createDebounce } from "../../../devices/drivers/debounce.ts";
import { createLamp } from "../../../devices/drivers/lamp.ts";
import { createRelay } from "../../../devices/drivers/relay.ts";
import { createStrike } from "../../../devices/drivers/strike.ts";

function anOutput(outcome: "applied" | "board lost" = "applied") {
  const log: string[] = [];
  const result = outcome === "applied" ? ({ kind: "applied" } as const) : ({ kind: "failed", why: outcome } as const);
  const output: OutputPort = {
    async write(isOn) {
      log.push(isOn ? "on" : "off");
      return result;
    },
    async pulse(pulseMs) {
      log.push(`pulse ${pulseMs}`);
      return result;
    },
  };
  return { output, log };
}

function anInput() {
  let level: InputLevel;
  const listeners = new Set<(next: InputLevel) => void>();
  const input: InputPort = {
    level: () => level,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const set = (next: InputLevel): void => {
    level = next;
    for (const listener of listeners) listener(next);
  };
  return { input, set };
}

describe("debounce", () => {
  it("takes a level that stayed, and forgets one that bounced back", () => {
    const debounce = createDebounce<"high" | "low">(150);
    expect(debounce.level()).toBeUndefined();
    expect(debounce.feed("high", 0)).toBe(150);
    expect(debounce.feed("high", 100)).toBe(50);
    expect(debounce.settle(149)).toBeUndefined();
    expect(debounce.settle(150)).toBe("high");
    expect(debounce.feed("low", 200)).toBe(150);
    expect(debounce.feed("high", 340)).toBeUndefined();
    expect(debounce.settle(1_000)).toBeUndefined();
    expect(debounce.level()).toBe("high");
  });
});

describe("a strike", () => {
  it("releases as one pulse, so that nothing has to come back to lock it", async () => {
    const { output, log } = anOutput();
    await createStrike(output).release(5_000);
    await createStrike(output).lock();
    expect(log).toEqual(["pulse 5000", "off"]);
  });

  it("is never released for a time out of range", () => {
    for (const pulseMs of [0, -1, 30_001, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => checkedPulseMs(pulseMs)).toThrow("a pulse lasts");
  });
});

describe("a relay", () => {
  it("believes its auxiliary contact: on, off, stuck, unknown", async () => {
    const { input, set } = anInput();
    const relay = createRelay({ output: anOutput().output, auxiliary: { input, onWhen: "low" } });
    expect(relay.proof()).toBe("unknown");
    await relay.permit();
    expect(relay.proof()).toBe("unknown");
    set("low");
    expect(relay.proof()).toBe("on");
    await relay.cut();
    expect(relay.proof()).toBe("stuck");
    set("high");
    expect(relay.proof()).toBe("off");
    set(undefined);
    expect(relay.proof()).toBe("unknown");
  });

  it("proves nothing without a contact or after a failed command", async () => {
    const { input, set } = anInput();
    set("low");
    const failing = createRelay({ output: anOutput("board lost").output, auxiliary: { input, onWhen: "low" } });
    expect(await failing.permit()).toEqual({ kind: "failed", why: "board lost" });
    expect(failing.proof()).toBe("unknown");
    const blind = createRelay({ output: anOutput().output });
    await blind.permit();
    expect(blind.proof()).toBe("unknown");
  });
});

describe("a contact", () => {
  it("speaks of active, idle and unknown instead of levels", () => {
    const { input, set } = anInput();
    const door = createContact(input, "low");
    const heard: string[] = [];
    door.onChange((state) => heard.push(state));
    expect(door.state()).toBe("unknown");
    set("low");
    set("high");
    set(undefined);
    expect(heard).toEqual(["active", "idle", "unknown"]);
  });
});

describe("lamp and beeper", () => {
  it("blink and beep short patterns, and the newest sign wins", async () => {
    const { output, log } = anOutput();
    const lamp = createLamp(output);
    lamp.show("fast");
    lamp.show("fast");
    await expect.poll(() => log.length).toBe(3);
    lamp.show("off");
    expect(log).toEqual(["on", "off", "on", "off"]);
    const buzzer = anOutput();
    createBeeper(buzzer.output).beep("refused");
    await expect.poll(() => buzzer.log).toEqual(["on", "off", "on", "off"]);
  });
});

describe("messages between a board's process and its supervisor", () => {
  it("pass when they are whole, and are refused when they are not", () => {
    const config = { path: "/dev/x", baudRate: 57_600, outputs: { strike: { pin: 7, activeLow: false, type: "hold" } }, inputs: {} };
    expect(readToWorker({ kind: "open", config })).toEqual({ kind: "open", config });
    expect(readToWorker({ kind: "write", id: 1, output: "strike", isOn: true })).toBeDefined();
    const wrong = [
      undefined,
      null,
      7,
      "open",
      [],
      {},
      { kind: "open" },
      { kind: "write", id: 1, output: "strike" },
      { kind: "pulse", id: "1", output: "x", pulseMs: 5 },
    ];
    for (const message of wrong) expect(readToWorker(message)).toBeUndefined();
    const wrongOutput = { ...config, outputs: { strike: { pin: "7", activeLow: false, type: "hold" } } };
    expect(readToWorker({ kind: "open", config: wrongOutput })).toBeUndefined();
    expect(readFromWorker({ kind: "done", id: 3, outcome: { kind: "applied" } })).toBeDefined();
    for (const message of [
      { kind: "done", id: 3, outcome: { kind: "failed", why: "tired" } },
      { kind: "changed", input: "door" },
      { kind: "ready" },
    ]) {
      expect(readFromWorker(message)).toBeUndefined();
    }
  });
});
