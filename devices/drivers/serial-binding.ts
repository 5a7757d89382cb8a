/**
 * Three mends to serialport's binding 13.0.0 on Linux, made on each port after it opened.
 *
 * 1. Its native callback resolves promises without letting them run, so from Node 26.4 on they wait for the next timer
 *    or socket: in an idle process a card would be read seconds late (serialport/bindings-cpp pull request 239).
 * 2. Its read takes the end of file of an unplugged terminal for "nothing yet" and asks again at once, for ever: one
 *    processor burns and nobody learns of the unplug.
 * 3. Whoever asks its poller to wait after the port was closed makes libuv watch a descriptor that is gone: the process
 *    aborts in `uv__epoll_ctl_flush`, or the garbage collector meets freed memory. A read that comes back empty just after
 *    the close does that. A closed port's poller refuses to wait, and is kept, since it cannot be freed safely
 *    (src/poller.cpp, `Poller::destroy`): some hundred bytes for each time a device was opened.
 *
 * All are covered by tests in `test/system/drivers.test.ts`; a binding that passes them without this file needs it no more.
 */
import { read } from "node:fs";
import { promisify } from "node:util";
import type { SerialPort } from "serialport";

const readBytes = promisify(read);
const tryAgainCodes: ReadonlySet<unknown> = new Set(["EAGAIN", "EWOULDBLOCK", "EINTR"]);

/** Pollers of closed ports, out of the garbage collector's reach. */
const retired = new Set<unknown>();

/** Call it when the port has opened, before anything reads from it. */
export function mendBinding(port: SerialPort): void {
  const binding = port.port;
  if (binding === undefined || !("poller" in binding)) return;
  // An immediate, planned from the same event, lets the promises run in the same turn of the loop.
  for (const event of ["readable", "writable", "disconnect"]) binding.poller.on(event, () => setImmediate(() => {}));

  const { poller } = binding;
  // `close` calls this just after it stopped the poller, which took the descriptor off the loop and told whoever waited.
  poller.destroy = () => {
    retired.add(poller);
    poller.once = (_event: string, callback: (error: Error) => void) => {
      queueMicrotask(() => callback(canceled()));
      return poller;
    };
  };

  binding.read = async (buffer: Buffer, offset: number, length: number) => {
    for (;;) {
      if (binding.fd === null) throw canceled();
      try {
        const { bytesRead } = await readBytes(binding.fd, buffer, offset, length, null);
        if (bytesRead > 0) return { bytesRead, buffer };
      } catch (error) {
        if (!(error instanceof Error) || !("code" in error) || !tryAgainCodes.has(error.code)) throw error;
        await untilReadable(binding.poller);
        continue;
      }
      throw new Error("the device hung up");
    }
  };
}

interface Poller {
  once(event: "readable", callback: (error: Error | null) => void): unknown;
}

function untilReadable(poller: Poller): Promise<void> {
  return new Promise((resolve, reject) => {
    poller.once("readable", (error) => (error ? reject(error) : resolve()));
  });
}

/** The mark by which serialport's stream tells a closed port from a broken one. */
function canceled(): Error {
  return Object.assign(new Error("the port is closed"), { canceled: true });
}
