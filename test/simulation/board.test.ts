// One suite for both simulated boards, so that the cheap one can stand in for the chip that runs the real firmware.

import { readFileSync } from "node:fs";
import { createArduino } from "../../simulators/hardware/arduino.ts";
import { createFirmataBoard } from "../../simulators/hardware/firmata-board.ts";
import { boardSuite } from "./board-suite.ts";

const hex = readFileSync(new URL("../../devices/firmware/koprade.hex", import.meta.url), "utf8");

boardSuite("the real firmware on an emulated ATmega328P", () => createArduino({ hex }));
boardSuite("the protocol-level board", () => createFirmataBoard());
