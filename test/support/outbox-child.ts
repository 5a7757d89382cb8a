/** A machine node in a process of its own whose hub is away: it records as fast as it can and says how much is on the disk. */
import { startMachine } from "./test-machine.ts";

const [configPath = "", count = "0"] = process.argv.slice(2);
const { node } = startMachine(configPath);
const { outbox, boot } = node.node;
let left = Number(count);

const say = (upTo: number): void => void process.stdout.write(`${boot} ${upTo} ${outbox.depth()}\n`);
const more = (): void => {
  let seq = 0;
  for (let i = 0; i < 100 && left > 0; i += 1, left -= 1) seq = outbox.append("machine", { kind: "mach.powered", on: left % 2 === 0 }).seq;
  if (seq > 0) outbox.whenDurable(10_000, (isDurable) => (isDurable ? say(seq) : undefined));
  if (left > 0) setTimeout(more, 5);
};
more();
