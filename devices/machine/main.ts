/** The machine node on a real computer: binds reader, board and meter of `node.yaml` to `machine-node.ts`. */
import { settingsFrom, settingsProblem } from "#contract";
import { debounceTimes } from "#core";
import { createBeeper } from "../drivers/beeper.ts";
import { boardClamps } from "../drivers/clamp-meter.ts";
import { createContact } from "../drivers/contact.ts";
import { openLamp } from "../drivers/lamp.ts";
import { openMeter } from "../drivers/open-meter.ts";
import { boardReaders, openReader, type ReaderSecrets, readerSecretOf } from "../drivers/open-reader.ts";
import { createRelay } from "../drivers/relay.ts";
import { type SupervisedBoard, startSupervisedBoard } from "../drivers/supervised-board.ts";
import { provingOf } from "../kit/card-counters.ts";
import { jsonLog, loadNodeConfig, openPorts } from "../kit/host.ts";
import { checkingOf, createLights, machineSignOf } from "../kit/lights.ts";
import type { InputWiring, MachineConfigFile } from "../kit/node-config.ts";
import {
  beepSigns,
  definedOf,
  displayOf,
  inputConfigOf,
  lampOfInterlock,
  lampOutputs,
  outputConfigOf,
  pressConfigOf,
} from "../kit/node-wiring.ts";
import { programVersion } from "../kit/package-version.ts";
import type { Log } from "../kit/ports.ts";
import { type ProcessPort, runUntilEnd, thisProcess } from "../kit/run-node.ts";
import { openScreen } from "../kit/screen.ts";
import { restartExitCode } from "../kit/watchdog.ts";
import { boardOf, buttonOf, driveOf, senseOf, settle } from "../kit/wires.ts";
import type { MachineHardware, PermitWire } from "./hardware.ts";
import { createMachineNode } from "./machine-node.ts";

/** an accessory may be called what another output is called */
const accessoryOutput = (name: string) => `accessory ${name}`;

/** Runs the machine node of this `node.yaml` until a signal or its watchdog ends it. Resolves with the exit code. */
export async function runMachineNode(configPath: string, port: ProcessPort = thisProcess): Promise<number> {
  const config = loadNodeConfig(configPath);
  const complain = (problems: readonly string[]) => {
    for (const sentence of problems) port.write(`${sentence}\n`);
    return 1;
  };
  if (!config.ok) return complain(config.problems);
  const file = config.value;
  if (file.kind !== "machine") return complain([`${configPath}: kind: this is a ${file.kind} node; expected "machine".`]);
  const problem = settingsProblem("machine", file.machine.settings);
  if (problem !== null) return complain([`${configPath}: machine.settings.${problem}.`]);
  const readerSecret = readerSecretOf(file.machine.reader, configPath);
  if (!readerSecret.ok) return complain([readerSecret.problem]);
  const log = jsonLog(file.node, file.logLevel, port.write);
  let restart: (why: string, code?: number) => void = () => {};
  const ports = openPorts(file, configPath, { log, rssBytes: port.rssBytes, onRestart: (why, code) => restart(why, code) });
  if (!ports.ok) return complain(ports.problems);
  return runUntilEnd(
    (end) => {
      restart = (why, code = restartExitCode) => end(code, why);
      return createMachineNode({
        ports: ports.value,
        hardware: bindMachine(file, log, { key: readerSecret.key, proving: provingOf(ports.value) }),
        ch: file.machine.ch,
        settings: settingsFrom("machine", file.machine.settings),
        insertReader: file.machine.reader.insert,
        fw: programVersion(),
        hw: ["Arduino", file.machine.reader.kind, file.machine.meter?.kind ?? "no meter"].join(", "),
      });
    },
    log,
    port,
  );
}

function bindMachine(file: MachineConfigFile, log: Log, secrets: ReaderSecrets): MachineHardware {
  const { reader, meter, aux, ancillary, lamp, display, beeper } = file.machine;
  const board = openBoard(file);
  const cards = openReader(reader, board, secrets);
  const power = meter === undefined ? null : openMeter(meter, board, (sentence) => log.warn({}, sentence));
  const lamps = [cards.lamp, lamp && openLamp("pin" in lamp, (name) => board.output(name))].filter((each) => each !== undefined);
  const lights = createLights(lamps);
  const sounds = [cards.beeper, beeper && createBeeper(board.output("beeper"))];
  const screen = display === undefined ? null : openScreen(file, display, board.display(), log);
  const contact = (name: string, wiring: InputWiring | undefined) =>
    wiring === undefined ? null : createContact(board.input(name), wiring.activeWhen);
  const sense = (name: string, wiring: InputWiring | undefined) => {
    const found = contact(name, wiring);
    return found === null ? null : senseOf(found);
  };
  const button = (name: string, wiring: InputWiring | undefined) => {
    const found = contact(name, wiring);
    return found === null ? null : buttonOf(found);
  };
  return {
    reader: cards,
    permit: bindPermit(file, board),
    aux: sense("aux", aux),
    meter: power,
    ancillary:
      ancillary === undefined
        ? null
        : { set: driveOf((on) => board.output("ancillary").write(on)), ready: sense("ancillaryReady", ancillary.ready) },
    accessories: Object.fromEntries(
      Object.keys(file.machine.accessories).map((name) => [name, driveOf((on) => board.output(accessoryOutput(name)).write(on))]),
    ),
    controller: null, // a controller is reached over its own protocol, never over the board
    stopButton: button("stopButton", file.machine.stopButton),
    oopsButton: button("oopsButton", file.machine.oopsButton),
    safety: sense("safety", file.machine.safety),
    bypass: sense("bypass", file.machine.bypass),
    signs: {
      say(key) {
        const sign = machineSignOf(key);
        if (sign !== null) lights.tells(sign);
        screen?.say(key);
      },
      checking: checkingOf({ lamps, lights, screen, sounds }),
      idle: (facts) => screen?.idle(facts),
      beep(pattern) {
        for (const sound of sounds) sound?.beep(beepSigns[pattern]);
      },
      lamp(state) {
        lights.stands(lampOfInterlock[state]);
      },
    },
    board: boardOf(board, log),
    async close() {
      await Promise.all([cards.close(), power?.close(), board.close()]);
    },
  };
}

function openBoard(file: MachineConfigFile): SupervisedBoard {
  const { permit, aux, ancillary, accessories, stopButton, oopsButton, safety, bypass, lamp, display, beeper } = file.machine;
  return startSupervisedBoard({
    path: file.board.port,
    baudRate: file.board.baudRate,
    outputs: definedOf({
      ...(permit.kind === "hold"
        ? { permit: outputConfigOf(permit) }
        : { start: pressConfigOf(permit.start, permit.pressMs), stop: pressConfigOf(permit.stop, permit.pressMs) }),
      ancillary: outputConfigOf(ancillary?.output),
      ...Object.fromEntries(Object.entries(accessories).map(([name, wiring]) => [accessoryOutput(name), outputConfigOf(wiring)])),
      ...lampOutputs(lamp),
      beeper: outputConfigOf(beeper),
    }),
    inputs: definedOf({
      aux: inputConfigOf(aux, debounceTimes.contactMs),
      ancillaryReady: inputConfigOf(ancillary?.ready, debounceTimes.contactMs),
      stopButton: inputConfigOf(stopButton, debounceTimes.buttonMs),
      oopsButton: inputConfigOf(oopsButton, debounceTimes.buttonMs),
      safety: inputConfigOf(safety, debounceTimes.contactMs),
      bypass: inputConfigOf(bypass, debounceTimes.contactMs),
    }),
    clamps: boardClamps(file.machine.meter),
    ...displayOf(display),
    wiegand: boardReaders(file.machine.reader),
  });
}

function bindPermit(file: MachineConfigFile, board: SupervisedBoard): PermitWire {
  const { permit } = file.machine;
  if (permit.kind === "pulse") return { kind: "pulse", press: (button, done) => settle(board.output(button).pulse(permit.pressMs), done) };
  const relay = createRelay({ output: board.output("permit") });
  return { kind: "hold", set: driveOf((on) => (on ? relay.permit() : relay.cut())) };
}
