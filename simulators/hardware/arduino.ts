// An Arduino Uno that runs a real firmware image: an emulated ATmega328P (avr8js), kept in step with the wall clock.
// While the firmware sleeps the emulator leaps to the next event, so that an idle board costs almost nothing.

import {
  ADCMuxInputType,
  AVRADC,
  AVRClock,
  AVREEPROM,
  AVRIOPort,
  AVRTimer,
  AVRTWI,
  AVRUSART,
  AVRWatchdog,
  adcConfig,
  avrInstruction,
  CPU,
  clockConfig,
  EEPROMMemoryBackend,
  PinState,
  portBConfig,
  portCConfig,
  portDConfig,
  timer0Config,
  timer1Config,
  twiConfig,
  usart0Config,
  watchdogConfig,
} from "avr8js";
import {
  type I2cDevice,
  type PinLevel,
  type PinListener,
  type ResetCause,
  resetCauseBits,
  type SimulatedBoard,
} from "./simulated-board.ts";

export interface ArduinoOptions {
  /** The firmware in Intel HEX, as avr-objcopy and the Arduino IDE write it. */
  readonly hex: string;
  /** EEPROM content (1,024 bytes, 0xFF is blank). Written in place, so that it can outlive the board. */
  readonly eepromBytes?: Uint8Array;
}

export interface Arduino extends SimulatedBoard {
  /** Time the chip has lived since its last start, in ms of its own clock. */
  chipMs(): number;
  /** Share of cycles in which the firmware was awake, since the last start. */
  awakeShare(): number;
  /** Wall-clock time the emulator could not keep up with and let go, in ms. */
  slippedMs(): number;
}

const clockHz = 16_000_000;
const cyclesPerMs = clockHz / 1000;
const sliceMs = 4;
/** The most the chip catches up in one go when our process was held up; the rest slips. */
const catchUpMsMax = 250;
const sleepOpcode = 0x9588;
const mcusrAddress = 0x54;
const flashBytes = 32_768;
const pinCount = 20;
const rxQueueBytesMax = 65_536;
const wiegandPulseUs = 50;
const wiegandEveryUs = 2000;
const cyclesPerUs = clockHz / 1_000_000;

export function createArduino({ hex, eepromBytes }: ArduinoOptions): Arduino {
  const program = programOf(hex);
  const eeprom = new EEPROMMemoryBackend(1024);
  if (eepromBytes) Reflect.set(eeprom, "memory", eepromBytes);
  const listeners = { pin: new Set<PinListener>(), tx: new Set<(bytes: Uint8Array) => void>() };
  const inputs = new Array<PinLevel>(pinCount).fill("z");
  const volts = new Array<(aliveS: number) => number>(6).fill(() => 0);
  const i2c = new Map<number, I2cDevice>();
  const levels = new Array<PinLevel>(pinCount).fill("z");
  const rxQueue: number[] = [];
  let txBytes: number[] = [];
  let chip: Chip | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let aheadOfMs = 0;
  let slipMs = 0;

  function boot(cause: ResetCause): void {
    rxQueue.length = 0;
    chip = createChip(program, eeprom, i2c, (byte) => txBytes.push(byte));
    chip.cpu.data[mcusrAddress] = resetCauseBits[cause];
    for (const port of chip.ports) port.io.addListener(() => readPort(port));
    chip.usart.onRxComplete = feed;
    for (const port of chip.ports) readPort(port);
    inputs.forEach((_, pin) => {
      applyInput(pin);
    });
    const { adc, cpu } = chip;
    const readChannel = adc.onADCRead;
    adc.onADCRead = (input) => {
      if (input.type === ADCMuxInputType.SingleEnded) adc.channelValues[input.channel] = volts[input.channel]?.(cpu.cycles / clockHz) ?? 0;
      readChannel(input);
    };
    aheadOfMs = performance.now();
  }

  function readPort({ io, firstPin, pins }: ChipPort): void {
    for (let bit = 0; bit < pins; bit++) {
      const state = io.pinState(bit);
      setLevel(firstPin + bit, state === PinState.High ? 1 : state === PinState.Low ? 0 : "z");
      applyInput(firstPin + bit);
    }
  }

  function setLevel(pin: number, level: PinLevel): void {
    const before = levels[pin] ?? "z";
    if (level === before) return;
    levels[pin] = level;
    for (const listener of listeners.pin) listener(pin, level, before);
  }

  function applyInput(pin: number): void {
    const port = chip?.ports.find(({ firstPin, pins }) => pin >= firstPin && pin < firstPin + pins);
    if (!port) return;
    const bit = pin - port.firstPin;
    const isPulledUp = port.io.pinState(bit) === PinState.InputPullUp;
    port.io.setPin(bit, inputs[pin] === "z" ? isPulledUp : inputs[pin] === 1);
  }

  /** Gives the chip the next byte, if its receiver is on and free. */
  function feed(): void {
    if (!chip || chip.usart.rxBusy || !chip.usart.rxEnable) return;
    const byte = rxQueue.shift();
    if (byte !== undefined) chip.usart.writeByte(byte);
  }

  /** Lets the chip live up to now. */
  function advance(): void {
    if (!chip || isRunning) return;
    isRunning = true;
    const now = performance.now();
    const dueMs = now - aheadOfMs;
    slipMs += Math.max(0, dueMs - catchUpMsMax);
    aheadOfMs = now;
    feed();
    chip.run(Math.min(dueMs, catchUpMsMax) * cyclesPerMs);
    isRunning = false;
    flushTx();
    if (chip?.isBitten()) boot("watchdog");
  }

  function flushTx(): void {
    if (txBytes.length === 0) return;
    const bytes = Uint8Array.from(txBytes);
    txBytes = [];
    for (const listener of listeners.tx) listener(bytes);
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
    chip = null;
    txBytes = [];
    for (let pin = 0; pin < pinCount; pin++) setLevel(pin, "z");
  }

  return {
    start() {
      stop();
      slipMs = 0;
      boot("power-on");
      timer = setInterval(advance, sliceMs);
    },
    stop,
    reset(cause = "external") {
      if (!chip) return;
      for (let pin = 0; pin < pinCount; pin++) setLevel(pin, "z");
      boot(cause);
    },
    pinLevel: (pin) => levels[pin] ?? "z",
    setInput(pin, level) {
      inputs[pin] = level;
      applyInput(pin);
    },
    setAnalog(channel, value) {
      volts[channel] = () => value;
    },
    setWave(channel, voltsAt) {
      volts[channel] = voltsAt;
    },
    sendWiegand(pin0, pin1, bits) {
      if (!chip) return;
      const { cpu } = chip;
      const put = (pin: number, level: PinLevel, atUs: number): void => {
        cpu.addClockEvent(() => {
          inputs[pin] = level;
          applyInput(pin);
        }, atUs * cyclesPerUs);
      };
      [...bits].forEach((bit, index) => {
        const pin = bit === "0" ? pin0 : pin1;
        put(pin, 0, (index + 1) * wiegandEveryUs);
        put(pin, 1, (index + 1) * wiegandEveryUs + wiegandPulseUs);
      });
    },
    attachI2c: (address, device) => void i2c.set(address, device),
    onPinChange: (listener) => subscribe(listeners.pin, listener),
    serial: {
      onTx: (listener) => subscribe(listeners.tx, listener),
      rx(bytes) {
        if (!chip || rxQueue.length + bytes.length > rxQueueBytesMax) return;
        rxQueue.push(...bytes);
        advance();
      },
    },
    chipMs: () => (chip ? chip.cpu.cycles / cyclesPerMs : 0),
    awakeShare: () => (chip ? chip.awakeCycles() / Math.max(1, chip.cpu.cycles) : 0),
    slippedMs: () => slipMs,
  };
}

interface ChipPort {
  readonly io: AVRIOPort;
  readonly firstPin: number;
  readonly pins: number;
}

interface Chip {
  readonly cpu: CPU;
  readonly ports: readonly ChipPort[];
  readonly usart: AVRUSART;
  readonly adc: AVRADC;
  run(cycles: number): void;
  awakeCycles(): number;
  /** Whether its watchdog has run out: the chip then stands still until it is started anew. */
  isBitten(): boolean;
}

/** One life of the chip, from reset to reset. */
function createChip(
  program: Uint16Array,
  eeprom: EEPROMMemoryBackend,
  i2c: ReadonlyMap<number, I2cDevice>,
  onTx: (byte: number) => void,
): Chip {
  const cpu = new CPU(program);
  const ports = [
    { io: new AVRIOPort(cpu, portDConfig), firstPin: 0, pins: 8 },
    { io: new AVRIOPort(cpu, portBConfig), firstPin: 8, pins: 6 },
    { io: new AVRIOPort(cpu, portCConfig), firstPin: 14, pins: 6 },
  ];
  new AVRTimer(cpu, timer0Config);
  new AVRTimer(cpu, timer1Config);
  new AVREEPROM(cpu, eeprom);
  new AVRWatchdog(cpu, watchdogConfig, new AVRClock(cpu, clockHz, clockConfig));
  const usart = new AVRUSART(cpu, usart0Config, clockHz);
  const adc = new AVRADC(cpu, adcConfig);
  putOnBus(cpu, i2c);
  usart.onByteTransmit = onTx;
  let isBitten = false;
  // The emulator's own reset leaves its peripherals as they were; the board starts a new chip instead.
  cpu.reset = () => {
    isBitten = true;
  };
  let isAsleep = false;
  let asleepCycles = 0;

  /** Passes the time to the next event or `untilCycle`. An interrupt moves the program counter: that is waking up. */
  function sleep(untilCycle: number): void {
    const next: { readonly cycles: number } | null = Reflect.get(cpu, "nextClockEvent");
    const before = cpu.cycles;
    cpu.cycles = Math.max(before, Math.min(untilCycle, next?.cycles ?? untilCycle));
    asleepCycles += cpu.cycles - before;
    const { pc } = cpu;
    cpu.tick();
    isAsleep = cpu.pc === pc;
  }

  return {
    cpu,
    ports,
    usart,
    adc,
    run(cycles) {
      const untilCycle = cpu.cycles + cycles;
      while (cpu.cycles < untilCycle && !isBitten) {
        if (isAsleep) {
          sleep(untilCycle);
        } else if (program[cpu.pc] === sleepOpcode) {
          cpu.pc += 1;
          cpu.cycles += 1;
          isAsleep = true;
        } else {
          avrInstruction(cpu);
          cpu.tick();
        }
      }
    },
    awakeCycles: () => cpu.cycles - asleepCycles,
    isBitten: () => isBitten,
  };
}

/** The two-wire interface: each byte takes the nine bits that it takes on the wire. */
function putOnBus(cpu: CPU, devices: ReadonlyMap<number, I2cDevice>): void {
  const twi = new AVRTWI(cpu, twiConfig, clockHz);
  let device: I2cDevice | undefined;
  const later = (bits: number, run: () => void): void => void cpu.addClockEvent(run, Math.round((bits * clockHz) / twi.sclFrequency));
  twi.eventHandler = {
    start: () => later(1, () => twi.completeStart()),
    stop() {
      device = undefined;
      later(1, () => twi.completeStop());
    },
    connectToSlave(address) {
      const found = devices.get(address);
      device = found?.isThere() === true ? found : undefined;
      later(9, () => twi.completeConnect(device !== undefined));
    },
    writeByte: (byte) =>
      later(9, () => {
        device?.write(byte);
        twi.completeWrite(device?.isThere() === true);
      }),
    readByte: () => later(9, () => twi.completeRead(device?.isThere() === true ? device.read() : 0xff)),
  };
}

/** Reads Intel HEX (record types 00 and 01, all that 32 KB need). Throws on a bad line, with its number. */
function programOf(hex: string): Uint16Array {
  const bytes = new Uint8Array(flashBytes);
  for (const [index, line] of hex.trim().split(/\r?\n/).entries()) {
    const record = Buffer.from(line.slice(1), "hex");
    const [length = 0, high = 0, low = 0, type = 0] = record;
    const isWhole = line.startsWith(":") && record.length === length + 5 && record.reduce((sum, byte) => sum + byte, 0) % 256 === 0;
    const address = high * 256 + low;
    if (!isWhole || type > 1 || address + length > flashBytes)
      throw new Error(`line ${index + 1} of the firmware is not Intel HEX for this chip`);
    if (type === 0) bytes.set(record.subarray(4, 4 + length), address);
  }
  return new Uint16Array(bytes.buffer);
}

function subscribe<Listener>(set: Set<Listener>, listener: Listener): () => void {
  set.add(listener);
  return () => set.delete(listener);
}
