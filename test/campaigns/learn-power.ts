/** Learning power at the terminal, from end to end: the simulated machine's own load, its meter, the node, the hub, and a person. */
import { setTimeout as pause } from "node:timers/promises";
import { personTerminal } from "../support/person-terminal.ts";
import { startWiredMachine } from "../support/wired-machine.ts";

export const name = "learn-power";

export const run = (): ReturnType<typeof learnAtTheMachine> => learnAtTheMachine();

/** @param options  of `koprade machine learn-power`: how long each part is recorded
 *  @throws Error when what it set does not tell idle from work */
export async function learnAtTheMachine(...options: string[]): Promise<{ figures: Record<string, number> }> {
  const laser = await startWiredMachine();
  try {
    laser.startNode();
    while ((await personTerminal(laser.dir).run("node", "identify", "laser-node")) !== 0) await pause(200);
    const does = (act: () => unknown) => () => {
      act();
      return "";
    };
    const at = personTerminal(laser.dir, [
      [/Switch the machine off/, () => ""],
      [/do nothing/, does(() => laser.machine.pressStart())],
      [/Let it work/, does(() => laser.machine.work(true))],
      [/\[y\/n\]/, () => "y"],
    ]);
    const code = await at.run("machine", "learn-power", "laser", "--json", ...options);
    if (code !== 0) throw new Error(`it was refused: ${at.out()}\n${at.shown()}`);
    laser.machine.work(false);
    const standbyW = Math.round(laser.machine.powerW());
    const ledger = await laser.openLedger();
    const { onW, offW, minOffMs } = ledger.read.resource("laser")?.settings ?? {};
    const [audit] = ledger.read.audit(1);
    await ledger.close();
    if (audit?.action !== "setMachine" || !(Number(offW) > standbyW && Number(onW) > Number(offW)))
      throw new Error(`standby ${standbyW} W, but idle below ${offW} W and works from ${onW} W (${audit?.action})`);
    const { separation } = JSON.parse(at.out()) as { separation: number }; // our own command wrote it
    return { figures: { standbyW, offW: Number(offW), onW: Number(onW), minOffMs: Number(minOffMs), separation } };
  } finally {
    await laser.close();
  }
}
