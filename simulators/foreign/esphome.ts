/**
 * An ESPHome plug over MQTT (protocols.md C5): bare values, one topic each, kept by the broker; "nan" until a sensor knows; a start
 * every 15 minutes where nobody uses its own API and nobody has told it not to; its energy of the day begins again with it. Its
 * configuration has the lease of hub/README.md: a number that holds the relay for so many seconds.
 */
import type { Scheduler } from "../scheduler.ts";
import type { Plug } from "./plug.ts";
import type { ForeignWire } from "./wire.ts";

export type EspHomeSim = {
  readonly name: string;
  reboot(): void;
  /** its connection was lost and is back: it says again how everything is */
  reconnect(): void;
  /** a card on the PN532 that it has as well */
  card(uid: string): void;
  stop(): void;
};

export function simulateEspHome(given: {
  readonly wire: ForeignWire;
  readonly plug: Plug;
  readonly scheduler: Scheduler;
  readonly name?: string;
  readonly reportMs?: number;
  /** null: reboot_timeout is 0s */
  readonly rebootMs?: number | null;
}): EspHomeSim {
  const { wire, plug, scheduler, name = "plug-1", reportMs = 10_000, rebootMs = null } = given;
  let isAlive = true;
  let knows = false;
  let baseWh = 0;
  let letGo = (): void => undefined;
  const say = (component: string, object: string, value: string) => wire.publish(`${name}/${component}/${object}/state`, value, true);
  const report = () => {
    say("switch", "relay", plug.isOn() ? "ON" : "OFF"); // the interval of hub/README.md
    say("sensor", "power", knows ? plug.powerW().toFixed(1) : "nan");
    say("sensor", "energy", knows ? ((plug.energyWh() - baseWh) / 1000).toFixed(3) : "nan");
    knows = true;
  };
  const boot = () => {
    knows = false;
    letGo();
    baseWh = plug.energyWh();
    plug.set(false); // restore_mode: ALWAYS_OFF
    wire.publish(`${name}/status`, "online", true);
    report();
    if (rebootMs !== null) scheduler.after(rebootMs, () => isAlive && boot());
  };
  const tick = () => {
    if (!isAlive) return;
    report();
    scheduler.after(reportMs, tick);
  };
  wire.subscribe(`${name}/switch/relay/command`, (_topic, payload) => {
    if (isAlive && (payload === "ON" || payload === "OFF")) plug.set(payload === "ON");
  });
  wire.subscribe(`${name}/number/lease/command`, (_topic, payload) => {
    const holdS = Number(payload);
    if (!isAlive || !(holdS > 0)) return;
    letGo();
    plug.set(true);
    letGo = scheduler.after(holdS * 1000, () => plug.set(false));
    say("number", "lease", payload);
  });
  plug.onChange(() => {
    if (!isAlive) return;
    report();
  });
  boot();
  scheduler.after(reportMs, tick);
  return {
    name,
    reboot: boot,
    reconnect() {
      wire.publish(`${name}/status`, "online", true);
      report();
    },
    card: (uid) => wire.publish(`${name}/tag_scanned`, JSON.stringify({ PN532: { UID: uid } })),
    stop() {
      isAlive = false;
      wire.publish(`${name}/status`, "offline", true);
    },
  };
}
