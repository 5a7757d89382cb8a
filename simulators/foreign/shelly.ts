/**
 * Two Shelly plugs. The first generation says one value a topic and counts in watt-minutes from its last start; the second tells parts of
 * its state as they change, answers RPC where the asker wants it, and switches off by itself after `toggle_after`.
 */
import { createLiveScheduler, type Scheduler } from "../scheduler.ts";
import { type Line, type LineGiven, openLine } from "./line.ts";

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
  /** otherwise real time, and a real client at `url` */
  readonly virtual?: { readonly scheduler: Scheduler; readonly stepMs: number; readonly open: (given: LineGiven) => Line };
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
  readonly time: Scheduler;
  readonly #plan: ShellyPlan;
  constructor(plan: ShellyPlan) {
    this.#plan = plan;
    this.time = plan.virtual?.scheduler ?? createLiveScheduler();
  }
  open(given: LineGiven): Line {
    return (this.#plan.virtual?.open ?? openLine)(given);
  }
  watts(): number {
    return this.isOn && this.hasPower ? this.#plan.loadW() : 0;
  }
  tick(stepMs: number): void {
    const wh = (this.watts() * stepMs) / 3_600_000;
    this.totalWh += wh;
    this.truthWh += wh;
  }
}

/** `autoOffS` as set on its own page. */
export function plugShellyGen1(plan: ShellyPlan & { readonly autoOffS: number }): ShellyPlug {
  const body = new Body(plan);
  const root = `shellies/${plan.name}`;
  const say = (leaf: string, payload: string, retain = true): void => line.say(`${root}/${leaf}`, payload, { retain });
  const report = (): void => {
    say("relay/0", body.isOn ? "on" : "off");
    say("relay/0/power", body.watts().toFixed(2));
    say("relay/0/energy", String(Math.round(body.totalWh * 60)));
  };
  const set = (on: boolean): void => {
    body.isOn = on;
    body.offAtMs = on ? body.time.nowMs() + plan.autoOffS * 1000 : null;
    report();
  };
  const line: Line = body.open({
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
  return life({ body, line, plan, set, report }, () => {
    body.totalWh = 0; // its counter begins again with each start
    body.isOn = false;
  });
}

export function plugShellyGen2(plan: ShellyPlan): ShellyPlug {
  const body = new Body(plan);
  const config = { initial_state: "restore_last", auto_on: true };
  const notify = (part: Record<string, unknown>): void =>
    line.say(
      `${plan.name}/events/rpc`,
      JSON.stringify({
        src: plan.name,
        dst: `${plan.name}/events`,
        method: "NotifyStatus",
        params: { ts: body.time.nowMs() / 1000, "switch:0": { id: 0, ...part } },
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
    body.offAtMs = on && toggleAfterS !== undefined ? body.time.nowMs() + toggleAfterS * 1000 : null;
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
  const line: Line = body.open({
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
  return life({ body, line, plan, set, report }, () => {
    if (config.initial_state === "off") body.isOn = false;
  });
}

type Living = {
  readonly body: Body;
  readonly line: Line;
  readonly plan: ShellyPlan;
  readonly set: (on: boolean) => void;
  readonly report: () => void;
};

function life({ body, line, plan, set, report }: Living, boot: () => void): ShellyPlug {
  const { time } = body;
  const { stepMs } = plan.virtual ?? { stepMs: tickMs };
  let isOver = false;
  const every = (periodMs: number, run: () => void): void => {
    const again = (): void => {
      if (isOver) return;
      run();
      time.after(periodMs, again);
    };
    time.after(periodMs, again);
  };
  every(stepMs, () => {
    body.tick(stepMs);
    if (body.offAtMs !== null && time.nowMs() >= body.offAtMs) set(false);
  });
  every(plan.periodMs, () => body.hasPower && report());
  return {
    isOn: () => body.isOn && body.hasPower,
    pressButton: () => set(!body.isOn),
    cutPower(forMs) {
      body.hasPower = false;
      line.pull();
      time.after(forMs, () => {
        body.hasPower = true;
        body.offAtMs = null;
        boot();
        line.plug();
      });
    },
    loseNetwork(forMs) {
      line.pull();
      time.after(forMs, line.plug);
    },
    truthWh: () => body.truthWh,
    async close() {
      isOver = true;
      if (plan.virtual === undefined) time.stop();
      await line.close();
    },
  };
}
