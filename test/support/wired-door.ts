/** A door as it stands in a space: its node's own program, reader and board on cables that can be pulled, strike, contact and exit button. */
import { join } from "node:path";
import { type SimulatedDoor, simulateDoor } from "../../simulators/bodies.ts";
import { createFirmataBoard } from "../../simulators/hardware/firmata-board.ts";
import type { Pty } from "../../simulators/hardware/pty.ts";
import { createRdm6300 } from "../../simulators/hardware/rdm6300.ts";
import { attachToPty } from "../../simulators/hardware/simulated-board.ts";
import { writeNode } from "../../simulators/node-folder.ts";
import { doorPins } from "../../simulators/wiring.ts";
import { furnishedFolder, openTestLedger, site, startHubProcess } from "./hub-process.ts";
import { temporaryDir } from "./ledger.ts";
import { openSocket } from "./socket.ts";
import { testTimes } from "./test-node.ts";
import { nodeOf } from "./wired-machine.ts";

const by = "cli:test";
const node = "door-node";
const lampPin = 9;
export const doorId = "front-door";

/** What hands can reach. */
export type WiredDoor = {
  readonly dir: string;
  readonly door: SimulatedDoor;
  isLampOn(): boolean;
  /** lays a card on the reader; gives what takes it away */
  lay(card: string): () => void;
  unplugBoard(): void;
  plugInBoard(): void;
  startNode(): void;
  openLedger(): ReturnType<typeof openTestLedger>;
  close(): Promise<void>;
};

/** @param card  of the one member there is */
export async function startWiredDoor(card: string): Promise<WiredDoor> {
  const temporary = temporaryDir();
  const { dir } = temporary;
  const folder = await furnishedFolder(dir, async ({ change }) => {
    await change.addPlan({ plan: "member", label: "Member", always: true }, by);
    await change.addNode({ node, kind: "door" }, by);
    await change.addDoor({ door: doorId, node, ch: "door", label: "Front door", failMode: "safe", strikeMs: 20_000 }, by);
    const { member } = await change.addMember({ displayName: "Ada" }, by);
    await change.assignCard({ member, card: { number: `em4100:${card}` } }, by);
    await change.setMembership({ member, plan: "member", from: "2025-01-01" }, by);
  });
  const sockets = { reader: openSocket(), board: openSocket() };
  let readerEnd: Pty | undefined;
  const cards = createRdm6300({ sink: (bytes) => readerEnd?.write(bytes) });
  const board = createFirmataBoard({});
  const pins = {
    level: (pin: number) => board.pinLevel(pin),
    onChange: (watch: (pin: number, level: 0 | 1 | "z") => void) => void board.onPinChange((pin, level) => watch(pin, level)),
    setInput: (pin: number, level: 0 | 1 | "z") => board.setInput(pin, level),
  };
  const door = simulateDoor({ pins, wires: doorPins, after: (delayMs, run) => void setTimeout(run, delayMs).unref() });
  const ledger = await openTestLedger(dir);
  const configPath = await writeNode({ ledger, caPem: folder.caPem }, join(dir, "nodes"), node, {
    ...{ site, node, kind: "door", trustSystemClock: true, logLevel: "error", times: testTimes },
    hub: { url: `mqtts://127.0.0.1:${folder.mqttPort}`, caFile: "ca.pem" },
    board: { port: sockets.board.path },
    door: {
      ch: "door",
      reader: { kind: "rdm6300", port: sockets.reader.path },
      strike: { pin: doorPins.strikePin },
      contact: { pin: doorPins.contactPin },
      exitButton: { pin: doorPins.exitPin },
      lamp: { pin: lampPin },
    },
  });
  await ledger.close();
  // before the cables: a hub that inherits an end of one keeps it from ever being pulled
  const hub = await startHubProcess(folder);
  let detach = (): void => undefined;
  const plugInBoard = (): void => {
    detach = attachToPty(board, sockets.board.plugIn());
    board.start();
  };
  const unplugBoard = (): void => {
    detach();
    board.stop(); // its power came over the same cable
    sockets.board.pull();
  };
  readerEnd = sockets.reader.plugIn();
  plugInBoard();
  const program = nodeOf(configPath);
  return {
    ...{ dir, door, unplugBoard, plugInBoard, startNode: program.startNode },
    isLampOn: () => board.pinLevel(lampPin) === 1,
    lay(number) {
      cards.present(number);
      return () => cards.remove();
    },
    openLedger: () => openTestLedger(dir),
    async close() {
      await program.stopNode("SIGKILL");
      await hub.kill();
      cards.close();
      board.stop();
      for (const socket of Object.values(sockets)) socket.close();
      temporary.remove();
    },
  };
}
