// A host process for the board tests: unchanged johnny-five and firmata-io on a serial port. `node board-host.ts PORT` permits
// pin 8 (hold) and pin 9 (latch), pings twice a second, prints "on" and waits to be killed.

import { type JohnnyBoard, openJohnny } from "./board-johnny.ts";

const [, , path = ""] = process.argv;
// serialport 13 wakes up without running the promises that wait for its bytes: they run at the next timer, so there is one.
setInterval(() => {}, 10);
const { board, five } = await openJohnny(path);
wire(board, 8, 1);
wire(board, 9, 2);
new five.Led({ board, pin: 8 }).on();
new five.Led({ board, pin: 9 }).on();
setInterval(() => board.io.sysexCommand([0x01, 0x03]), 500);
board.io.queryPinState(9, () => console.log("on"));

function wire(to: JohnnyBoard, pin: number, role: number): void {
  to.io.sysexCommand([0x01, 0x01, pin, role, 0, 0, 0]);
}
