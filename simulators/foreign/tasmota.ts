/**
 * A Tasmota plug with a meter and, if wanted, a card reader: topics, answers and quirks as recorded (test/fixtures/tasmota.jsonl). It comes
 * back from a power cut as PowerOnState says, its PulseTime really expires, its counter may fall, a zero may lie, and when it connects it
 * says an empty word to its own POWER command.
 */
import { type Line, openLine } from "./line.ts";

export type TasmotaPlan = {
  readonly url: string;
  readonly topic: string;
  readonly username?: string;
  readonly password?: string;
  /** what hangs on it draws now, W, if it has power */
  readonly loadW: () => number;
  /** speeds up TelePeriod: a real one is 10 s at least */
  readonly periodMs?: number;
};
export type TasmotaPlug = {
  isOn(): boolean;
  /** it is connected to its broker */
  isUp(): boolean;
  /** a card on its reader; hex as PN532 says it */
  card(uid: string): void;
  pressButton(): void;
  /** the mains fail and return after so long */
  cutPower(forMs: number): void;
  loseNetwork(forMs: number): void;
  /** the next report says nothing is drawn */
  lieZero(): void;
  resetCounter(toKwh: number): void;
  /** what it has counted itself, which no reset moves */
  truthWh(): number;
  setting(name: string): string | undefined;
  close(): Promise<void>;
};

const tickMs = 100;

export function plugTasmota(plan: TasmotaPlan): TasmotaPlug {
  return new Plug(plan);
}

class Plug implements TasmotaPlug {
  readonly #plan: TasmotaPlan;
  readonly #line: Line;
  readonly #timers: NodeJS.Timeout[] = [];
  /** what a plug is like out of the box: 3 is "as it was", which brings a laser back after a power cut */
  readonly #settings = new Map<string, string>([
    ["PowerOnState", "3"],
    ["SetOption0", "1"],
    ["TelePeriod", "300"],
    ["PowerDelta", "0"],
    ["PulseTime1", "0"],
  ]);
  #isOn = false;
  #hasPower = true;
  #offAtMs: number | null = null;
  #totalWh = 183_360;
  #truthWh = 0;
  #liesLeft = 0;
  #lastW = 0;
  #bootMs = Date.now();
  #isFirstConnection = true;

  constructor(plan: TasmotaPlan) {
    this.#plan = plan;
    const { topic, url, username, password } = plan;
    this.#line = openLine({
      url,
      clientId: `DVES_${topic.slice(-6).toUpperCase()}`,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      will: { topic: `tele/${topic}/LWT`, payload: "Offline", retain: true },
      subscribe: [`cmnd/${topic}/#`, "cmnd/tasmotas/#"],
      onUp: () => this.#up(),
      hear: (heard, payload) => this.#hear(heard, payload),
    });
    this.#timers.push(
      setInterval(() => this.#tick(), tickMs),
      setInterval(() => this.#report(), plan.periodMs ?? 10_000),
    );
  }

  isOn(): boolean {
    return this.#isOn && this.#hasPower;
  }

  isUp(): boolean {
    return this.#line.isUp();
  }

  card(uid: string): void {
    this.#say("tele", "SENSOR", { Time: this.#time(), PN532: { UID: uid } });
  }

  pressButton(): void {
    this.#switch(!this.#isOn);
  }

  cutPower(forMs: number): void {
    this.#hasPower = false;
    this.#line.pull();
    setTimeout(() => this.#boot(), forMs);
  }

  loseNetwork(forMs: number): void {
    this.#line.pull();
    setTimeout(() => this.#line.plug(), forMs);
  }

  lieZero(): void {
    this.#liesLeft = 1;
    this.#report();
  }

  resetCounter(toKwh: number): void {
    this.#totalWh = toKwh * 1000;
  }

  truthWh(): number {
    return this.#truthWh;
  }

  setting(name: string): string | undefined {
    return this.#settings.get(name);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#line.close();
  }

  #boot(): void {
    this.#hasPower = true;
    this.#bootMs = Date.now();
    this.#isFirstConnection = true;
    this.#offAtMs = null;
    const state = this.#settings.get("PowerOnState");
    if (state === "0") this.#isOn = false;
    else if (state === "1") this.#isOn = true;
    this.#line.plug();
  }

  #up(): void {
    const { topic } = this.#plan;
    this.#line.say(`tele/${topic}/LWT`, "Online", { retain: true });
    this.#line.say(`cmnd/${topic}/POWER`, "");
    if (!this.#isFirstConnection) return;
    this.#isFirstConnection = false;
    this.#say("tele", "INFO1", {
      Info1: {
        Module: "Gosund SP111 v1.1",
        Version: "13.1.0(tasmota)",
        FallbackTopic: "cmnd/DVES_XXXXXX_fb/",
        GroupTopic: "cmnd/tasmotas/",
      },
    });
    this.#say("tele", "INFO3", { Info3: { RestartReason: "Power On", BootCount: 7 } });
    this.#say("stat", "RESULT", { POWER: this.#isOn ? "ON" : "OFF" });
    this.#line.say(`stat/${topic}/POWER`, this.#isOn ? "ON" : "OFF");
  }

  #hear(heard: string, payload: string): void {
    const command = heard.split("/").at(-1) ?? "";
    if (/^backlog0?$/i.test(command)) for (const word of payload.split(";")) this.#obey(...pair(word));
    else this.#obey(command, payload);
  }

  #obey(command: string, value: string): void {
    if (/^power1?$/i.test(command)) this.#power(value);
    else if (/^status$/i.test(command)) this.#status(value);
    else this.#set(command, value);
  }

  #power(value: string): void {
    if (/^(on|1)$/i.test(value)) this.#switch(true);
    else if (/^(off|0)$/i.test(value)) this.#switch(false);
    else if (value === "") this.#sayPower();
  }

  #set(command: string, value: string): void {
    const known = [...this.#settings.keys()].find((key) => key.toLowerCase() === command.toLowerCase());
    if (known !== undefined && value !== "") this.#settings.set(known, value);
    if (known === "PulseTime1" && value !== "") this.#beginPulse();
    this.#say("stat", "RESULT", known === undefined ? { Command: "Unknown" } : { [known]: this.#answerOf(known) });
  }

  #answerOf(known: string): unknown {
    const has = this.#settings.get(known) ?? "";
    if (known.startsWith("PulseTime")) return { Set: Number(has), Remaining: 0 };
    return known.startsWith("SetOption") ? (has === "1" ? "ON" : "OFF") : Number(has);
  }

  /** Each ON begins the time of PulseTime again. */
  #switch(on: boolean): void {
    if (!this.#hasPower) return;
    this.#isOn = on;
    this.#beginPulse();
    this.#sayPower();
  }

  #beginPulse(): void {
    const pulse = Number(this.#settings.get("PulseTime1") ?? 0);
    const forMs = pulse === 0 ? null : pulse <= 111 ? pulse * 100 : (pulse - 100) * 1000;
    this.#offAtMs = this.#isOn && forMs !== null ? Date.now() + forMs : null;
  }

  #sayPower(): void {
    this.#say("stat", "RESULT", { POWER: this.#isOn ? "ON" : "OFF" });
    this.#line.say(`stat/${this.#plan.topic}/POWER`, this.#isOn ? "ON" : "OFF");
  }

  #status(which: string): void {
    if (which === "8" || which === "10") this.#say("stat", `STATUS${which}`, { StatusSNS: { Time: this.#time(), ENERGY: this.#energy() } });
    if (which === "11") this.#say("stat", "STATUS11", { StatusSTS: this.#state() });
  }

  #watts(): number {
    return this.isOn() ? this.#plan.loadW() : 0;
  }

  #tick(): void {
    const watts = this.#watts();
    const wh = (watts * tickMs) / 3_600_000;
    this.#totalWh += wh;
    this.#truthWh += wh;
    if (this.#offAtMs !== null && Date.now() >= this.#offAtMs) this.#switch(false);
    // PowerDelta 105: a change by 5 W is said at once, except that power has ended
    const isNews = this.#settings.get("PowerDelta") !== "0" && Math.abs(watts - this.#lastW) >= 5 && watts > 0;
    if (isNews) this.#say("tele", "SENSOR", { Time: this.#time(), ENERGY: this.#energy() });
    this.#lastW = watts;
  }

  #report(): void {
    if (!this.#hasPower) return;
    this.#say("tele", "STATE", this.#state());
    this.#say("tele", "SENSOR", { Time: this.#time(), ENERGY: { ...this.#energy(), Period: 1 } });
  }

  #state(): Record<string, unknown> {
    return {
      Time: this.#time(),
      UptimeSec: Math.floor((Date.now() - this.#bootMs) / 1000),
      MqttCount: 1,
      POWER: this.#isOn ? "ON" : "OFF",
      Wifi: { RSSI: 86, Signal: -57 },
    };
  }

  #energy(): Record<string, unknown> {
    const watts = this.#liesLeft > 0 ? 0 : Math.round(this.#watts());
    this.#liesLeft = Math.max(0, this.#liesLeft - 1);
    return {
      TotalStartTime: "2025-11-14T18:39:40",
      Total: Number((this.#totalWh / 1000).toFixed(3)),
      Yesterday: 0,
      Today: 0,
      Power: watts,
      ApparentPower: watts,
      Factor: watts === 0 ? 0 : 0.98,
      Voltage: 231,
      Current: Number((watts / 231).toFixed(3)),
    };
  }

  /** Without the internet a plug lives in 1970. */
  #time(): string {
    return new Date(Date.now() - this.#bootMs).toISOString().slice(0, 19);
  }

  #say(prefix: "tele" | "stat", leaf: string, body: Record<string, unknown>): void {
    this.#line.say(`${prefix}/${this.#plan.topic}/${leaf}`, JSON.stringify(body));
  }
}

function pair(word: string): [string, string] {
  const [name = "", ...rest] = word.trim().split(/\s+/);
  return [name, rest.join(" ")];
}
