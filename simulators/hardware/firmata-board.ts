// A simulated Arduino without a chip: it speaks what devices/firmware speaks (Firmata 2.6 and the extension 0x01) and keeps
// the same promises about its pins. A dozen of these cost less than one emulated chip; test/simulation/board-suite.ts holds
// both to the same behaviour.

import { createFirmataPins, firstAnalogPin, isUsablePin, pinCount } from "./firmata-pins.ts";
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
import { type I2cDevice, type PinListener, type ResetCause, resetCauseBits, type SimulatedBoard } from "./simulated-board.ts";

export interface FirmataBoardOptions {
  /** What the board remembers without power. Give the same object to the board's next life. */
  readonly memory?: FirmataBoardMemory;
}

/** The board's EEPROM. */
export interface FirmataBoardMemory {
  boots: number;
  readonly wirings: Map<number, Wiring>;
}

const everyPin = Array.from({ length: pinCount }, (_, pin) => pin);
const ports = [0, 1, 2];
const bootMs = 5;
const watchdogMsDefault = 2000;
const watchdogMsMin = 100;
const samplingMsDefault = 19;
const samplingMsMin = 10;
const samplesPerS = 1_000_000 / 752;
const windowSamples = 266;
const watchedChannelsMax = 4;
const i2cPins = [18, 19];
const i2cReadMax = 16;
const wiegandSilenceMs = 30;
const wiegandBitsMax = 64;

export function createFirmataBoard({ memory = { boots: 0, wirings: new Map() } }: FirmataBoardOptions = {}): SimulatedBoard {
  const volts = new Array<(aliveS: number) => number>(6).fill(() => 0);
  const i2c = new Map<number, I2cDevice>();
  let isI2cOn = false;
  const watchedChannels = new Set<number>();
  const pinListeners = new Set<PinListener>();
  const pins = createFirmataPins(memory.wirings, (pin, level, before) => {
    for (const listener of pinListeners) listener(pin, level, before);
  });
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
  let windowTimer: NodeJS.Timeout | undefined;
  let wiegandTimer: NodeJS.Timeout | undefined;
  let wiegandPins: readonly [number, number] | null = null;
  let bornMs = 0;

  const send = (...bytes: number[]): void => {
    for (const listener of txListeners) listener(Uint8Array.from(bytes));
  };
  const reply = (...bytes: number[]): void => send(firmata.startSysex, ...bytes, firmata.endSysex);

  function dropHolds(): void {
    const dropped = pins.dropHolds();
    feedWatchdog();
    if (dropped.length === 0) return;
    drops = Math.min(drops + 1, 0x7f);
    const bits = dropped.reduce((sum, pin) => sum | (1 << pin), 0);
    reply(sysex.koprade, extension.dropped, ...to14(bits), bits >> 14);
  }

  function reportInputs(): void {
    for (const port of reportedPorts) {
      const levels = pins.inputsOf(port);
      if (levels === reported[port]) continue;
      reported[port] = levels;
      send(firmata.digitalMessage | port, ...to14(levels));
    }
  }

  const stepsOf = (channel: number, aliveS: number): number =>
    Math.max(0, Math.min(1023, Math.floor((volts[channel]?.(aliveS) ?? 0) * 204.8)));
  const aliveS = (): number => (performance.now() - bornMs) / 1000;

  function reportAnalog(): void {
    for (const channel of reportedChannels) send(firmata.analogMessage | channel, ...to14(stepsOf(channel, aliveS())));
  }

  /** One window of the chip's own measurement: 266 samples, 752 µs apart, the mean taken away. */
  function reportCurrents(): void {
    const fromS = aliveS();
    for (const channel of watchedChannels) {
      const steps = Array.from({ length: windowSamples }, (_, i) => stepsOf(channel, fromS + i / samplesPerS));
      const mean = steps.reduce((sum, step) => sum + step, 0) / windowSamples;
      const variance = steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / windowSamples;
      const isClipped = steps.some((step) => step === 0 || step === 1023);
      reply(sysex.koprade, extension.current, channel, ...to14(Math.floor(Math.sqrt(variance) * 32)), isClipped ? 1 : 0);
    }
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
      for (let bit = 0; bit < 8; bit++) pins.write(channel * 8 + bit, (((first | (second << 7)) >> bit) & 1) === 1);
    if (code === firmata.setDigitalPin) pins.write(first, second !== 0);
    if (code === firmata.setPinMode) pins.setMode(first, second);
    if (code === firmata.reportVersion) sendVersion();
    if (code === firmata.systemReset) resetAll();
    if (code === firmata.reportDigital && ports.includes(channel)) setPortReport(channel, first !== 0);
    if (code === firmata.reportAnalog && channel < volts.length) {
      reportedChannels.delete(channel);
      if (first === 0) return;
      pins.setMode(firstAnalogPin + channel, mode.analog);
      reportedChannels.add(channel);
    }
    if (code === firmata.startSysex) onSysex(data);
    reportInputs();
  }

  function setPortReport(port: number, isWanted: boolean): void {
    reportedPorts.delete(port);
    if (!isWanted) return;
    reportedPorts.add(port);
    reported[port] = pins.inputsOf(port);
    send(firmata.digitalMessage | port, ...to14(reported[port] ?? 0));
  }

  function onSysex([code = 0, ...data]: readonly number[]): void {
    if (code === sysex.koprade) onExtension(data);
    if (code === sysex.reportFirmware) sendFirmware();
    if (code === sysex.capabilityQuery) {
      const digital = [mode.input, 1, mode.pullup, 1, mode.output, 1];
      const modesOf = (pin: number): number[] => [
        ...(isUsablePin(pin) ? digital : []),
        ...(pin >= firstAnalogPin ? [mode.analog, 10] : []),
        ...(i2cPins.includes(pin) ? [mode.i2c, 1] : []),
        0x7f,
      ];
      reply(sysex.capabilityResponse, ...everyPin.flatMap(modesOf));
    }
    if (code === sysex.analogMappingQuery) {
      reply(sysex.analogMappingResponse, ...everyPin.map((pin) => (pin >= firstAnalogPin ? pin - firstAnalogPin : 0x7f)));
    }
    if (code === sysex.pinStateQuery && data.length === 1) sendPinState(data[0] ?? 0);
    if (code === sysex.i2cConfig) {
      for (const pin of i2cPins) pins.setMode(pin, mode.i2c);
      isI2cOn = true;
    }
    if (code === sysex.i2cRequest && isI2cOn) onI2c(data);
    if (code === sysex.samplingInterval && data.length === 2) sampleEvery(Math.max(samplingMsMin, (data[0] ?? 0) | ((data[1] ?? 0) << 7)));
  }

  function onI2c([address = 0, how = 0, ...pairs]: readonly number[]): void {
    const device = i2c.get(address);
    const bytes = Array.from({ length: pairs.length >> 1 }, (_, i) => (pairs[2 * i] ?? 0) | ((pairs[2 * i + 1] ?? 0) << 7));
    if (how === 0) for (const byte of bytes) if (device?.isThere()) device.write(byte & 0xff);
    if (how !== 8 || bytes.length !== 1) return;
    const wanted = device?.isThere() ? Math.min(bytes[0] ?? 0, i2cReadMax) : 0;
    reply(sysex.i2cReply, ...to14(address), 0, 0, ...Array.from({ length: wanted }, () => to14(device?.read() ?? 0xff)).flat());
  }

  function onWriteLcd(data: readonly number[]): void {
    const [address = 0, isData = 0, ...pairs] = data;
    if (data.length < 4 || isData > 1 || !isI2cOn) {
      refuse(extension.writeLcd, data.length < 4 ? refused.length : refused.value);
      return;
    }
    const device = i2c.get(address);
    const [control, enable] = [0x08 | isData, 0x04];
    const bytes = Array.from({ length: pairs.length >> 1 }, (_, i) => (pairs[2 * i] ?? 0) | ((pairs[2 * i + 1] ?? 0) << 7));
    const halves = bytes.flatMap((byte) => [(byte & 0xf0) | control, ((byte << 4) & 0xf0) | control]);
    for (const byte of [control, ...halves.flatMap((half) => [half | enable, half])]) if (device?.isThere()) device.write(byte);
    reply(sysex.koprade, extension.writeLcd, address, device?.isThere() ? 1 : 0);
  }

  function onExtension(data: readonly number[]): void {
    const [what, ...rest] = data;
    if (what === extension.hello) {
      const boots = memory.boots & 0xffff;
      reply(sysex.koprade, what, 3, resetCauseBits[cause], ...to14(boots), boots >> 14, ...to14(watchdogMs), drops);
    } else if (what === extension.wiring) onWiring(rest);
    else if (what === extension.watchdog) onWatchdog(rest);
    else if (what === extension.ping) reply(sysex.koprade, what);
    else if (what === extension.watchCurrent) onWatchCurrent(rest);
    else if (what === extension.writeLcd) onWriteLcd(rest);
    else if (what === extension.watchWiegand) onWatchWiegand(rest);
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
    else if (!isUsablePin(pin) || (data.length === 5 && !isSound)) refuse(extension.wiring, refused.value);
    else {
      if (data.length === 5) pins.setWiring(pin, asked);
      const { role: asNow, isActiveLow, durationMs } = pins.wiringOf(pin);
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

  function onWatchCurrent(data: readonly number[]): void {
    const [channel = 0, on = 0] = data;
    const isTooMany = on === 1 && !watchedChannels.has(channel) && watchedChannels.size >= watchedChannelsMax;
    if (data.length !== 2) refuse(extension.watchCurrent, refused.length);
    else if (channel >= volts.length || on > 1 || isTooMany) refuse(extension.watchCurrent, refused.value);
    else {
      if (on === 1) pins.setMode(firstAnalogPin + channel, mode.analog);
      if (on === 1) watchedChannels.add(channel);
      else watchedChannels.delete(channel);
      clearInterval(windowTimer);
      windowTimer = setInterval(reportCurrents, (windowSamples / samplesPerS) * 1000);
      reply(sysex.koprade, extension.watchCurrent, channel, on);
    }
  }

  function onWatchWiegand(data: readonly number[]): void {
    const [pin0 = 0, pin1 = 0] = data;
    if (data.length !== 2) refuse(extension.watchWiegand, refused.length);
    else if (!isUsablePin(pin0) || !isUsablePin(pin1)) refuse(extension.watchWiegand, refused.value);
    else {
      pins.setMode(pin0, mode.pullup);
      pins.setMode(pin1, mode.pullup);
      wiegandPins = pin0 === pin1 ? null : [pin0, pin1];
      reply(sysex.koprade, extension.watchWiegand, pin0, pin1);
    }
  }

  function reportWiegand(bits: string): void {
    const isWord = bits.length <= wiegandBitsMax;
    const sevens = isWord ? (bits.match(/.{1,7}/g) ?? []).map((seven) => Number.parseInt(seven.padEnd(7, "0"), 2)) : [];
    reply(sysex.koprade, extension.wiegand, isWord ? bits.length : 0, ...sevens);
  }

  function sendVersion(): void {
    send(firmata.reportVersion, 2, 6);
  }

  function sendFirmware(): void {
    reply(sysex.reportFirmware, 1, 0, ...Array.from("koprade", (letter) => to14(letter.charCodeAt(0))).flat());
  }

  function sendPinState(pin: number): void {
    if (pin < pinCount) reply(sysex.pinStateResponse, pin, pins.modeOf(pin), pins.stateOf(pin) ? 1 : 0);
  }

  // ── power ──

  function resetAll(): void {
    for (let pin = 0; pin < pinCount; pin++) pins.setMode(pin, mode.input);
    reportedPorts.clear();
    reportedChannels.clear();
    stopSenses();
    watchdogMs = watchdogMsDefault;
    feedWatchdog();
    sampleEvery(samplingMsDefault);
  }

  function stopSenses(): void {
    isI2cOn = false;
    watchedChannels.clear();
    clearInterval(windowTimer);
    clearTimeout(wiegandTimer);
    wiegandPins = null;
  }

  function halt(): void {
    isBooted = false;
    stopSenses();
    clearTimeout(bootTimer);
    pins.halt();
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
    bornMs = performance.now();
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
    pinLevel: pins.levelOf,
    setInput(pin, level) {
      pins.setInput(pin, level);
      if (isBooted) reportInputs();
    },
    setAnalog(channel, value) {
      volts[channel] = () => value;
    },
    setWave(channel, voltsAt) {
      volts[channel] = voltsAt;
    },
    sendWiegand(pin0, pin1, bits) {
      if (wiegandPins?.[0] !== pin0 || wiegandPins[1] !== pin1 || bits === "") return;
      clearTimeout(wiegandTimer);
      wiegandTimer = setTimeout(() => reportWiegand(bits), 2 * bits.length + wiegandSilenceMs);
    },
    attachI2c: (address, device) => void i2c.set(address, device),
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
