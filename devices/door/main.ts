/** The door node on a real computer: binds the reader and the board of `node.yaml` to `door-node.ts`. */
import { settingsFrom, settingsProblem } from "#contract";
import { debounceTimes } from "#core";
import { createBeeper } from "../drivers/beeper.ts";
import { createContact } from "../drivers/contact.ts";
import { openLamp } from "../drivers/lamp.ts";
import { boardReaders, openReader, type ReaderSecrets, readerSecretOf } from "../drivers/open-reader.ts";
import { createStrike } from "../drivers/strike.ts";
import { startSupervisedBoard } from "../drivers/supervised-board.ts";
import { provingOf } from "../kit/card-counters.ts";
import { jsonLog, loadNodeConfig, openPorts } from "../kit/host.ts";
import { checkingOf, createLights } from "../kit/lights.ts";
import type { DoorConfigFile } from "../kit/node-config.ts";
import { beepSigns, definedOf, displayOf, inputConfigOf, lampOutputs, lampSignOf, outputConfigOf } from "../kit/node-wiring.ts";
import { programVersion } from "../kit/package-version.ts";
import type { Log } from "../kit/ports.ts";
import { type ProcessPort, runUntilEnd, thisProcess } from "../kit/run-node.ts";
import { openScreen } from "../kit/screen.ts";
import { restartExitCode } from "../kit/watchdog.ts";
import { boardOf, buttonOf, senseOf, settle } from "../kit/wires.ts";
import { createDoorNode, type DoorHardware } from "./door-node.ts";

/** Longest pulse a board gives by itself; longer releases are held and ended by the node. */
const pulseMsMax = 30_000;

/** Runs the door node of this `node.yaml` until a signal or its watchdog ends it. Resolves with the exit code. */
export async function runDoorNode(configPath: string, port: ProcessPort = thisProcess): Promise<number> {
  const config = loadNodeConfig(configPath);
  const complain = (problems: readonly string[]) => {
    for (const sentence of problems) port.write(`${sentence}\n`);
    return 1;
  };
  if (!config.ok) return complain(config.problems);
  const file = config.value;
  if (file.kind !== "door") return complain([`${configPath}: kind: this is a ${file.kind} node; expected "door".`]);
  const problem = settingsProblem("door", file.door.settings);
  if (problem !== null) return complain([`${configPath}: door.settings.${problem}.`]);
  const readerSecret = readerSecretOf(file.door.reader, configPath);
  if (!readerSecret.ok) return complain([readerSecret.problem]);
  const log = jsonLog(file.node, file.logLevel, port.write);
  let restart: (why: string, code?: number) => void = () => {};
  const ports = openPorts(file, configPath, { log, rssBytes: port.rssBytes, onRestart: (why, code) => restart(why, code) });
  if (!ports.ok) return complain(ports.problems);
  return runUntilEnd(
    (end) => {
      restart = (why, code = restartExitCode) => end(code, why);
      return createDoorNode({
        ports: ports.value,
        hardware: bindDoor(file, log, { key: readerSecret.key, proving: provingOf(ports.value) }),
        ch: file.door.ch,
        settings: settingsFrom("door", file.door.settings),
        fw: programVersion(),
        hw: `Arduino, ${file.door.reader.kind}`,
      });
    },
    log,
    port,
  );
}

function bindDoor(file: DoorConfigFile, log: Log, secrets: ReaderSecrets): DoorHardware {
  const { reader, strike, contact, exitButton, lamp, display, beeper, siren } = file.door;
  const board = startSupervisedBoard({
    path: file.board.port,
    baudRate: file.board.baudRate,
    outputs: definedOf({
      strike: outputConfigOf(strike),
      ...lampOutputs(lamp),
      beeper: outputConfigOf(beeper),
      siren: outputConfigOf(siren),
    }),
    inputs: definedOf({
      contact: inputConfigOf(contact, debounceTimes.doorContactMs),
      exitButton: inputConfigOf(exitButton, debounceTimes.buttonMs),
    }),
    ...displayOf(display),
    wiegand: boardReaders(reader),
  });
  const cards = openReader(reader, board, secrets);
  const lock = createStrike(board.output("strike"));
  const light = lamp === undefined ? undefined : openLamp("pin" in lamp, (name) => board.output(name));
  const lamps = [cards.lamp, light].filter((each) => each !== undefined);
  const lights = createLights(lamps);
  const sounds = [cards.beeper, beeper && createBeeper(board.output("beeper"))];
  const screen = display === undefined ? null : openScreen(file, display, board.display(), log);
  const closed = contact === undefined ? null : senseOf(createContact(board.input("contact"), contact.activeWhen));
  return {
    reader: cards,
    lock: {
      release: (limitMs, done) =>
        settle(limitMs === null || limitMs > pulseMsMax ? board.output("strike").write(true) : lock.release(limitMs), done),
      lock: (done) => settle(lock.lock(), done),
    },
    contact:
      closed === null
        ? null
        : {
            read: () => not(closed.read()),
            onChange: (listener) => closed.onChange((isClosed) => listener(not(isClosed))),
          },
    exitButton: exitButton === undefined ? null : buttonOf(createContact(board.input("exitButton"), exitButton.activeWhen)),
    signs: {
      say(key) {
        lights.tells(lampSignOf(key));
        screen?.say(key);
      },
      checking: checkingOf({ lamps, lights, screen, sounds }),
      idle: (facts) => screen?.idle(facts),
      beep(pattern) {
        for (const sound of sounds) sound?.beep(beepSigns[pattern]);
      },
      siren: (on) => void (siren === undefined ? undefined : board.output("siren").write(on)),
    },
    board: boardOf(board, log),
    async close() {
      await Promise.all([cards.close(), board.close()]);
    },
  };
}

const not = (value: boolean | null) => (value === null ? null : !value);
