// A simulated Arduino without a chip: it speaks what devices/firmware speaks (Firmata 2.6 and the extension 0x01) and keeps
// the same promises about its pins. A dozen of these cost less than one emulated chip; test/simulation/board-suite.ts holds
// both to the same behaviour.

import {
  createFirmataParser,
  extension,
  type FirmataCommand,
  firmata,
  mode,
  refused,
  role,
  sysex,
  to14,
  type Wiring,
} from "./firmata-wire.ts";
import { type PinLevel, type PinListener, type ResetCause, resetCauseBits, type SimulatedBoard } from "./simulated-board.ts";

export interface FirmataBoardOptions {
  /** What the board remembers without power. Give the same object to the board's next life. */
  readonly memory?: FirmataBoardMemory;
}

/** The board's EEPROM. */
export interface FirmataBoardMemory {
  boots: number;
  readonly wirings: Map<number, Wiring>;
}

interface Pin {
  mode: number;
  isPulledUp: boolean;
  isOn: boolean;
  isCommanded: boolean;
  pulseEnd: NodeJS.Timeout | undefined;
  input: PinLevel;
}

const pinCount = 20;
const ports = [0, 1, 2];
const firstAnalogPin = 14;
const bootMs = 5;
const watchdogMsDefault = 2000;
const watchdogMsMin = 100;
const samplingMsDefault = 19;
const samplingMsMin = 10;
const plainWiring: Wiring = { role: role.plain, isActiveLow: false, durationMs: 0 };

export function createFirmataBoard({ memory = { boots: 0, wirings: new Map() } }: FirmataBoardOptions = {}): SimulatedBoard {
  const pins = Array.from(
    { length: pinCount },
    (): Pin => ({ mode: 0, isPulledUp: false, isOn: false, isCommanded: false, pulseEnd: undefined, input: "z" }),
  );
  const volts = new Array<number>(6).fill(0);
  const pinListeners = new Set<PinListener>();
  const txListeners = new Set<(bytes: Uint8Array) => void>();
  const reported = [0, 0, 0];
  const reportedPorts = new Set<number>();
  const reportedChannels = new Set<number>();
  let parse = createFirmataParser(onCommand);
  let cause: ResetCause = "power-on";
  let isPowered = false;
  let isBooted = false;
  let drops = 0;
  let watchdogMs = watchdogMsDefault;
  let samplingMs = samplingMsDefault;
  let bootTimer: NodeJS.Timeout | undefined;
  let watchdogTimer: NodeJS.Timeout | undefined;
  let samplingTimer: NodeJS.Timeout | undefined;

  const send = (...bytes: number[]): void => {
    for (const listener of txListeners) listener(Uint8Array.from(bytes));
  };
  const reply = (...bytes: number[]): void => send(firmata.startSysex, ...bytes, firmata.endSysex);
  const exists = (pin: number): boolean => pin >= 2 && pin < pinCount;
  const wiringOf = (pin: number): Wiring => memory.wirings.get(pin) ?? plainWiring;

  // ── the pins ──

  function levelOf(pin: number): PinLevel {
    const it = pins[pin];
    if (!it || it.mode !== mode.output) return "z";
    return it.isOn === wiringOf(pin).isActiveLow ? 0 : 1;
  }

  /** Makes a change to a pin and tells the listeners what became of its level. */
  function change(pin: number, apply: (it: Pin) => void): void {
    const it = pins[pin];
    if (!it) return;
    const before = levelOf(pin);
    apply(it);
    const after = levelOf(pin);
    if (after !== before) for (const listener of pinListeners) listener(pin, after, before);
  }

  function drive(pin: number, isOn: boolean): void {
    change(pin, (it) => {
      clearTimeout(it.pulseEnd);
      it.isOn = isOn;
      if (isOn && wiringOf(pin).role === role.pulse) it.pulseEnd = setTimeout(() => drive(pin, false), wiringOf(pin).durationMs);
    });
  }

  function setMode(pin: number, wanted: number): void {
    const it = pins[pin];
    if (!it || !exists(pin) || (wanted === mode.output && it.mode === mode.output)) return;
    if (wanted === mode.analog && pin < firstAnalogPin) return;
    if (it.mode === mode.output) drive(pin, false);
    change(pin, () => {
      if (it.mode === mode.output) Object.assign(it, { mode: mode.input, isCommanded: false });
      if (wanted === mode.input || wanted === mode.output || wanted === mode.analog || wanted === mode.pullup) {
        Object.assign(it, { mode: wanted, isPulledUp: wanted === mode.pullup });
      }
    });
  }

  function write(pin: number, value: boolean): void {
    const it = pins[pin];
    if (!it || !exists(pin)) return;
    // johnny-five's buttons still switch the pull-up on by writing to an input, as Firmata had it before 2.5.
    if (it.mode === mode.input && wiringOf(pin).role === role.plain) it.isPulledUp = value;
    if (it.mode !== mode.output || value === it.isCommanded) return;
    it.isCommanded = value;
    drive(pin, value);
  }

  function setWiring(pin: number, wiring: Wiring): void {
    const old = wiringOf(pin);
    if (old.role === wiring.role && old.isActiveLow === wiring.isActiveLow && old.durationMs === wiring.durationMs) return;
    const wasOutput = pins[pin]?.mode === mode.output;
    if (wasOutput) setMode(pin, mode.input);
    memory.wirings.set(pin, wiring);
    if (wasOutput) setMode(pin, mode.output);
  }

  function dropHolds(): void {
    const dropped = pins.flatMap((it, pin) => (it.isOn && wiringOf(pin).role === role.hold ? [pin] : []));
    for (const pin of dropped) drive(pin, false);
    feedWatchdog();
    if (dropped.length === 0) return;
    drops = Math.min(drops + 1, 0x7f);
    const bits = dropped.reduce((sum, pin) => sum | (1 << pin), 0);
    reply(sysex.koprade, extension.dropped, ...to14(bits), bits >> 14);
  }

  // ── inputs ──

  function isHigh(pin: number): boolean {
    const it = pins[pin];
    return it !== undefined && (it.input === "z" ? it.isPulledUp : it.input === 1);
  }

  function inputsOf(port: number): number {
    let levels = 0;
    for (let bit = 0; bit < 8; bit++) {
      const kind = pins[port * 8 + bit]?.mode;
      if (exists(port * 8 + bit) && (kind === mode.input || kind === mode.pullup) && isHigh(port * 8 + bit)) levels |= 1 << bit;
    }
    return levels;
  }

  function reportInputs(): void {
    for (const port of reportedPorts) {
      const levels = inputsOf(port);
      if (levels === reported[port]) continue;
      reported[port] = levels;
      send(firmata.digitalMessage | port, ...to14(levels));
    }
  }

  function reportAnalog(): void {
    for (const channel of reportedChannels)
      send(firmata.analogMessage | channel, ...to14(Math.min(1023, Math.floor((volts[channel] ?? 0) * 204.8))));
  }

  // ── the host ──

  function feedWatchdog(): void {
    clearTimeout(watchdogTimer);
    watchdogTimer = setTimeout(dropHolds, watchdogMs);
  }

  function sampleEvery(ms: number): void {
    samplingMs = ms;
    clearInterval(samplingTimer);
    samplingTimer = setInterval(reportAnalog, samplingMs);
  }

  function onCommand(command: FirmataCommand): void {
    feedWatchdog();
    const { code, channel, data } = command;
    const [first = 0, second = 0] = data;
    if (code === firmata.digitalMessage)
      for (let bit = 0; bit < 8; bit++) write(channel * 8 + bit, (((first | (second << 7)) >> bit) & 1) === 1);
    if (code === firmata.setDigitalPin) write(first, second !== 0);
    if (code === firmata.setPinMode) setMode(first, second);
    if (code === firmata.reportVersion) sendVersion();
    if (code === firmata.systemReset) resetAll();
    if (code === firmata.reportDigital && ports.includes(channel)) setPortReport(channel, first !== 0);
    if (code === firmata.reportAnalog && channel < volts.length) {
      reportedChannels.delete(channel);
      if (first === 0) return;
      setMode(firstAnalogPin + channel, mode.analog);
      reportedChannels.add(channel);
    }
    if (code === firmata.startSysex) onSysex(data);
    reportInputs();
  }

  function setPortReport(port: number, isWanted: boolean): void {
    reportedPorts.delete(port);
    if (!isWanted) return;
    reportedPorts.add(port);
    reported[port] = inputsOf(port);
    send(firmata.digitalMessage | port, ...to14(reported[port] ?? 0));
  }

  function onSysex([code = 0, ...data]: readonly number[]): void {
    if (code === sysex.koprade) onExtension(data);
    if (code === sysex.reportFirmware) sendFirmware();
    if (code === sysex.capabilityQuery) {
      const digital = [mode.input, 1, mode.pullup, 1, mode.output, 1];
      const modesOf = (pin: number): number[] => [
        ...(exists(pin) ? digital : []),
        ...(pin >= firstAnalogPin ? [mode.analog, 10] : []),
        0x7f,
      ];
      reply(sysex.capabilityResponse, ...pins.flatMap((_, pin) => modesOf(pin)));
    }
    if (code === sysex.analogMappingQuery) {
      reply(sysex.analogMappingResponse, ...pins.map((_, pin) => (pin >= firstAnalogPin ? pin - firstAnalogPin : 0x7f)));
    }
    if (code === sysex.pinStateQuery && data.length === 1) sendPinState(data[0] ?? 0);
    if (code === sysex.samplingInterval && data.length === 2) sampleEvery(Math.max(samplingMsMin, (data[0] ?? 0) | ((data[1] ?? 0) << 7)));
  }

  function onExtension(data: readonly number[]): void {
    const [what, ...rest] = data;
    if (what === extension.hello) {
      const boots = memory.boots & 0xffff;
      reply(sysex.koprade, what, 1, resetCauseBits[cause], ...to14(boots), boots >> 14, ...to14(watchdogMs), drops);
    } else if (what === extension.wiring) onWiring(rest);
    else if (what === extension.watchdog) onWatchdog(rest);
    else if (what === extension.ping) reply(sysex.koprade, what);
    else refuse(what ?? 0, refused.command);
  }

  function refuse(what: number, why: number): void {
    reply(sysex.koprade, extension.refused, what, why);
  }

  function onWiring(data: readonly number[]): void {
    const [pin = 0, asRole = 0, activeLow = 0, low = 0, high = 0] = data;
    const asked: Wiring = { role: asRole, isActiveLow: activeLow === 1, durationMs: low | (high << 7) };
    const isSound = asRole <= role.pulse && activeLow <= 1 && (asRole !== role.pulse || asked.durationMs > 0);
    if (data.length !== 1 && data.length !== 5) refuse(extension.wiring, refused.length);
    else if (!exists(pin) || (data.length === 5 && !isSound)) refuse(extension.wiring, refused.value);
    else {
      if (data.length === 5) setWiring(pin, asked);
      const { role: asNow, isActiveLow, durationMs } = wiringOf(pin);
      reply(sysex.koprade, extension.wiring, pin, asNow, isActiveLow ? 1 : 0, ...to14(durationMs));
    }
  }

  function onWatchdog(data: readonly number[]): void {
    const ms = (data[0] ?? 0) | ((data[1] ?? 0) << 7);
    if (data.length !== 0 && data.length !== 2) refuse(extension.watchdog, refused.length);
    else if (data.length === 2 && ms < watchdogMsMin) refuse(extension.watchdog, refused.value);
    else {
      if (data.length === 2) watchdogMs = ms;
      feedWatchdog();
      reply(sysex.koprade, extension.watchdog, ...to14(watchdogMs));
    }
  }

  function sendVersion(): void {
    send(firmata.reportVersion, 2, 6);
  }

  function sendFirmware(): void {
    reply(sysex.reportFirmware, 1, 0, ...Array.from("koprade", (letter) => to14(letter.charCodeAt(0))).flat());
  }

  function sendPinState(pin: number): void {
    const it = pins[pin];
    if (!it) return;
    const state = it.mode === mode.output ? it.isOn : it.mode === mode.pullup;
    reply(sysex.pinStateResponse, pin, exists(pin) ? it.mode : mode.ignore, state ? 1 : 0);
  }

  // ── power ──

  function resetAll(): void {
    for (let pin = 0; pin < pinCount; pin++) setMode(pin, mode.input);
    reportedPorts.clear();
    reportedChannels.clear();
    watchdogMs = watchdogMsDefault;
    feedWatchdog();
    sampleEvery(samplingMsDefault);
  }

  function halt(): void {
    isBooted = false;
    clearTimeout(bootTimer);
    for (let pin = 0; pin < pinCount; pin++) {
      change(pin, (it) => {
        clearTimeout(it.pulseEnd);
        Object.assign(it, { mode: mode.input, isPulledUp: false, isOn: false, isCommanded: false });
      });
    }
    reportedPorts.clear();
    reportedChannels.clear();
    clearTimeout(watchdogTimer);
    clearInterval(samplingTimer);
  }

  function boot(why: ResetCause): void {
    halt();
    cause = why;
    drops = 0;
    parse = createFirmataParser(onCommand);
    memory.boots += 1;
    bootTimer = setTimeout(() => {
      isBooted = true;
      resetAll();
      sendVersion();
      sendFirmware();
    }, bootMs);
  }

  return {
    start() {
      isPowered = true;
      boot("power-on");
    },
    stop() {
      isPowered = false;
      halt();
    },
    reset(why = "external") {
      if (isPowered) boot(why);
    },
    pinLevel: levelOf,
    setInput(pin, level) {
      const it = pins[pin];
      if (it) it.input = level;
      if (isBooted) reportInputs();
    },
    setAnalog(channel, value) {
      volts[channel] = value;
    },
    onPinChange: (listener) => subscribe(pinListeners, listener),
    serial: {
      onTx: (listener) => subscribe(txListeners, listener),
      rx(bytes) {
        if (isBooted) parse(bytes);
      },
    },
  };
}

function subscribe<Listener>(set: Set<Listener>, listener: Listener): () => void {
  set.add(listener);
  return () => set.delete(listener);
}
