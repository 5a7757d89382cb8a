/**
 * Two Shelly plugs. The first generation says one value a topic and counts in watt-minutes from its last start; the second tells parts of
 * its state as they change, answers RPC where the asker wants it, and switches off by itself after `toggle_after`.
 */
import { type Line, openLine } from "./line.ts";

export type ShellyPlan = {
  readonly url: string;
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly loadW: () => number;
  /** a real one of the first generation reports every 30 s */
  readonly periodMs: number;
  /** how often each of its words comes; a broker may deliver again what it is not sure of */
  readonly copies?: number;
};
export type ShellyPlug = {
  isOn(): boolean;
  pressButton(): void;
  cutPower(forMs: number): void;
  /** its Wi-Fi is away, its relay stays */
  loseNetwork(forMs: number): void;
  truthWh(): number;
  close(): Promise<void>;
};
const tickMs = 100;
const accountOf = ({ url, name, username, password, copies = 1 }: ShellyPlan) => ({ url, clientId: name, username, password, copies });

/** Relay, load and counter, whatever they speak. */
class Body {
  isOn = false;
  hasPower = true;
  totalWh = 0;
  truthWh = 0;
  offAtMs: number | null = null;
  readonly #loadW: () => number;
  constructor(loadW: () => number) {
    this.#loadW = loadW;
  }
  watts(): number {
    return this.isOn && this.hasPower ? this.#loadW() : 0;
  }
  tick(): void {
    const wh = (this.watts() * tickMs) / 3_600_000;
    this.totalWh += wh;
    this.truthWh += wh;
  }
}

/** `autoOffS` as set on its own page. */
export function plugShellyGen1(plan: ShellyPlan & { readonly autoOffS: number }): ShellyPlug {
  const body = new Body(plan.loadW);
  const root = `shellies/${plan.name}`;
  const say = (leaf: string, payload: string, retain = true): void => line.say(`${root}/${leaf}`, payload, { retain });
  const report = (): void => {
    say("relay/0", body.isOn ? "on" : "off");
    say("relay/0/power", body.watts().toFixed(2));
    say("relay/0/energy", String(Math.round(body.totalWh * 60)));
  };
  const set = (on: boolean): void => {
    body.isOn = on;
    body.offAtMs = on ? Date.now() + plan.autoOffS * 1000 : null;
    report();
  };
  const line: Line = openLine({
    ...accountOf(plan),
    will: { topic: `${root}/online`, payload: "false", retain: true },
    subscribe: [`${root}/command`, `${root}/relay/0/command`, "shellies/command"],
    onUp() {
      say("online", "true");
      line.say("shellies/announce", JSON.stringify({ id: plan.name, model: "SHPLG-S", fw_ver: "20230913-113421/v1.14.0-gcb84623" }));
      report();
    },
    hear(topic, payload) {
      if (topic.endsWith("/relay/0/command") && (payload === "on" || payload === "off")) set(payload === "on");
      else if (payload === "update") report();
    },
  });
  return life(body, line, plan.periodMs, set, report, () => {
    body.totalWh = 0; // its counter begins again with each start
    body.isOn = false;
  });
}

export function plugShellyGen2(plan: ShellyPlan): ShellyPlug {
  const body = new Body(plan.loadW);
  const config = { initial_state: "restore_last", auto_on: true };
  const notify = (part: Record<string, unknown>): void =>
    line.say(
      `${plan.name}/events/rpc`,
      JSON.stringify({
        src: plan.name,
        dst: `${plan.name}/events`,
        method: "NotifyStatus",
        params: { ts: Date.now() / 1000, "switch:0": { id: 0, ...part } },
      }),
    );
  const energy = () => ({ total: Number(body.totalWh.toFixed(3)), by_minute: [0, 0, 0] });
  const status = () => ({
    id: 0,
    source: "MQTT",
    output: body.isOn,
    apower: Number(body.watts().toFixed(1)),
    voltage: 231.2,
    aenergy: energy(),
  });
  const set = (on: boolean, toggleAfterS?: number): void => {
    body.isOn = on;
    body.offAtMs = on && toggleAfterS !== undefined ? Date.now() + toggleAfterS * 1000 : null;
    notify({ output: on, source: "MQTT" });
  };
  const answer = (asked: { id: number; src: string; method: string; params?: Record<string, unknown> }): unknown => {
    const { method, params = {} } = asked;
    if (method === "Switch.Set") {
      const was = body.isOn;
      set(params.on === true, typeof params.toggle_after === "number" ? params.toggle_after : undefined);
      return { was_on: was };
    }
    if (method === "Switch.GetStatus") return status();
    if (method === "Shelly.GetStatus") return { "switch:0": status(), mqtt: { connected: true } };
    if (method === "Switch.SetConfig") {
      Object.assign(config, params.config);
      return { restart_required: false };
    }
    if (method === "Switch.GetConfig") return { id: 0, ...config };
    return method === "Shelly.GetDeviceInfo" ? { model: "SNPL-00112EU", ver: "1.4.4" } : {};
  };
  const line: Line = openLine({
    ...accountOf(plan),
    will: { topic: `${plan.name}/online`, payload: "false", retain: true },
    subscribe: [`${plan.name}/rpc`],
    onUp: () => line.say(`${plan.name}/online`, "true", { retain: true }),
    hear(_topic, payload) {
      const asked = JSON.parse(payload) as Parameters<typeof answer>[0];
      line.say(`${asked.src}/rpc`, JSON.stringify({ id: asked.id, src: plan.name, dst: asked.src, result: answer(asked) }));
    },
  });
  const report = (): void => {
    notify({ apower: Number(body.watts().toFixed(1)) });
    notify({ aenergy: energy() });
  };
  return life(body, line, plan.periodMs, set, report, () => {
    if (config.initial_state === "off") body.isOn = false;
  });
}

function life(body: Body, line: Line, periodMs: number, set: (on: boolean) => void, report: () => void, boot: () => void): ShellyPlug {
  const timers = [
    setInterval(() => {
      body.tick();
      if (body.offAtMs !== null && Date.now() >= body.offAtMs) set(false);
    }, tickMs),
    setInterval(() => body.hasPower && report(), periodMs),
  ];
  return {
    isOn: () => body.isOn && body.hasPower,
    pressButton: () => set(!body.isOn),
    cutPower(forMs) {
      body.hasPower = false;
      line.pull();
      setTimeout(() => {
        body.hasPower = true;
        body.offAtMs = null;
        boot();
        line.plug();
      }, forMs);
    },
    loseNetwork(forMs) {
      line.pull();
      setTimeout(line.plug, forMs);
    },
    truthWh: () => body.truthWh,
    async close() {
      for (const timer of timers) clearInterval(timer);
      await line.close();
    },
  };
}
