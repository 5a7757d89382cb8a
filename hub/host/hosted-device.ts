/**
 * One foreign device, as the door or machine in front of it sees it: its last word on relay, power, job; orders with their confirmation;
 * its dead-man kept alive while somebody wants it to be on, and never given back once the relay fell (domain.md I1).
 */

import type { Clock, Log } from "../../devices/kit/ports.ts";
import type { DeviceAddress, Heard, HostedFamily, Order, Request, Sense } from "../hosted/family.ts";
import { type EnergySaid, energySaid } from "./hosted-energy.ts";
import { type PowerWord, withSaid } from "./power-word.ts";

export type DeviceEvents = {
  onCard(sense: Extract<Sense, { kind: "card" }>): void;
  onRelay(on: boolean): void;
  /** wanted on, and off by itself: its dead-man, its own protection, a power cut */
  onFallen(why: string): void;
  onJob(job: Extract<Sense, { kind: "job" }>): void;
  onContact(open: boolean): void;
  onTamper(): void;
  onUser(user: Extract<Sense, { kind: "user" }>): void;
  onOnline(online: boolean): void;
  onTool(tool: Extract<Sense, { kind: "tool" }>["tool"]): void;
  /** what one message said of energy */
  onEnergy(said: EnergySaid): void;
};

export type HostedDeviceGiven = {
  readonly account: string;
  readonly family: HostedFamily;
  readonly address: DeviceAddress;
  readonly deadManS: number;
  readonly send: (request: Request) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** the settings of a plug are the host's to set; of other parts nothing is set */
  readonly isRelay: boolean;
};

export type DeviceReport = {
  readonly account: string;
  readonly family: string;
  readonly online: boolean | null;
  readonly model: string | null;
  readonly firmware: string | null;
  /** settings that are not as they must be, by name, with what the device has */
  readonly unset: Readonly<Record<string, string | null>>;
};

const answerMs = 3000;
export const refreshesPerLife = 4;
const askEveryMs = 10_000;
const provisionAgainMs = 60_000;

export class HostedDevice {
  readonly #given: HostedDeviceGiven;
  readonly #mind: ReturnType<HostedFamily["open"]>;
  readonly #listeners = new Set<Partial<DeviceEvents>>();
  readonly #waits = new Set<{ readonly isIt: (sense: Sense) => boolean; readonly end: (failure: string | null) => void }>();
  readonly #settings = new Map<string, string>();
  readonly #cancels: (() => void)[] = [];
  #power: PowerWord = { powerW: null, voltageV: null, atMono: Number.NEGATIVE_INFINITY };
  #relay: boolean | null = null;
  #relayMono = Number.NEGATIVE_INFINITY;
  #online: boolean | null = null;
  #heardMono = Number.NEGATIVE_INFINITY;
  /** by its own voice since it came: that a broker had kept its "online" says nothing of now, and who was asked then may not have heard it */
  #isHeard = false;
  #provisionedMono = Number.NEGATIVE_INFINITY;
  #isWanted = false;
  #model: string | null = null;
  #firmware: string | null = null;
  #ip: string | null = null;

  constructor(given: HostedDeviceGiven) {
    this.#given = given;
    this.#mind = given.family.open(given.address);
    this.#cancels.push(given.clock.every(`${given.account} look`, askEveryMs, () => this.#look()));
  }

  listen(events: Partial<DeviceEvents>): void {
    this.#listeners.add(events);
  }

  /** What came in; `connected` is the transport's word, where it has one. */
  hear(heard: Heard): void {
    const senses = this.#mind.hear(heard, this.#given.clock.nowMs());
    if (senses.length === 0) return;
    for (const sense of senses) if (sense.kind === "identity") this.#take(sense); // by which it may have to be addressed at once
    const isLive = heard.kind === "http" || !heard.retained;
    if (isLive && !senses.some((sense) => sense.kind === "availability" && !sense.online)) {
      this.#heardMono = this.#given.clock.monoMs();
      if (this.#online !== true || !this.#isHeard) this.#comes();
      this.#isHeard = true;
    }
    for (const sense of senses) this.#take(sense);
    if (!isLive) return;
    const energy = energySaid(senses);
    if (energy !== null) this.#tell((events) => events.onEnergy?.(energy));
    for (const wait of this.#waits) if (senses.some(wait.isIt)) wait.end(null);
  }

  connected(isConnected: boolean): void {
    if (isConnected) this.#ask();
    else this.#goes("its connection ended");
  }

  /** On, with the dead-man; confirmed when the relay says so. */
  on(done: (failure: string | null) => void): void {
    this.#isWanted = true;
    const finish = (failure: string | null) => {
      if (failure !== null) this.#isWanted = false;
      done(failure);
    };
    this.#order({ kind: "on", forS: this.#given.deadManS }, (sense) => sense.kind === "relay" && sense.on, finish);
  }

  off(done: (failure: string | null) => void): void {
    this.#isWanted = false;
    this.#order({ kind: "off" }, (sense) => sense.kind === "relay" && !sense.on, done);
  }

  /**
   * The dead-man begins again, four times in its life; only for a relay that was heard to be on since the last time. Of an older word
   * nobody knows whether it has fallen meanwhile (this computer may have hung), and what keeps on may also switch on: then it is asked.
   */
  refresh(): void {
    const on = this.relay();
    if (!this.#isWanted || on === false) return;
    const isRecent = on === true && this.#given.clock.monoMs() - this.#relayMono <= (this.#given.deadManS * 1000) / refreshesPerLife;
    this.#send(isRecent ? { kind: "refresh", forS: this.#given.deadManS } : { kind: "ask" });
  }

  /** A relay that outlives this program: it is on, and its session goes on. */
  resume(): void {
    this.#isWanted = true;
  }

  isWanted(): boolean {
    return this.#isWanted;
  }

  /** `confirmedBy` undefined: sent is done. */
  order(order: Order, confirmedBy: ((sense: Sense) => boolean) | undefined, done: (failure: string | null) => void): void {
    if (confirmedBy !== undefined) this.#order(order, confirmedBy, done);
    else {
      this.#send(order);
      done(null);
    }
  }

  relay(): boolean | null {
    return this.#isFresh(this.#relayMono) ? this.#relay : null;
  }

  /** The last reading, while it stands; a relay of its own that is open says zero, and nothing else does. */
  power(): PowerWord | null {
    const isOpen = this.#given.isRelay && this.relay() === false;
    const { voltageV } = this.#power;
    if (isOpen && this.#power.atMono > Number.NEGATIVE_INFINITY) return { powerW: 0, voltageV, atMono: this.#relayMono };
    return this.#isFresh(this.#power.atMono) && this.#power.powerW !== null ? this.#power : null;
  }

  isOnline(): boolean {
    return this.#online === true && this.#isFresh(this.#heardMono);
  }

  report(): DeviceReport {
    const wants = this.#given.isRelay ? (this.#given.family.provision(this.#given.address, this.#given.deadManS)?.wants ?? {}) : {};
    const unset = Object.entries(wants).flatMap(([name, value]) => {
      const has = this.#settings.get(name);
      return has === value ? [] : [[name, has ?? null] as const];
    });
    const { account, family } = this.#given;
    const online = this.#online === null ? null : this.isOnline();
    return { account, family: family.label, online, model: this.#model, firmware: this.#firmware, unset: Object.fromEntries(unset) };
  }

  close(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
    for (const wait of this.#waits) wait.end("the host ends");
  }

  #take(sense: Sense): void {
    if (sense.kind === "availability") this.#takeWordOfLine(sense.online);
    else if (sense.kind === "started") this.#restarted();
    else if (sense.kind === "relay") this.#takeRelay(sense.on);
    else if (sense.kind === "power") this.#power = withSaid(this.#power, sense, this.#given.clock.monoMs());
    else if (sense.kind === "uptime") return;
    else if (sense.kind === "setting") this.#settings.set(sense.name, sense.value);
    else if (sense.kind === "identity") {
      this.#model = sense.model ?? this.#model;
      this.#firmware = sense.firmware ?? this.#firmware;
      this.#ip = sense.ip ?? this.#ip;
    } else this.#tell((events) => passOn(sense, events));
  }

  #takeWordOfLine(online: boolean): void {
    if (!online) this.#goes("it says that it is gone");
    else if (this.#online !== true) this.#comes();
  }

  /** Its relay is as its settings say, its timers are gone; what was wanted is not wanted any more. */
  #restarted(): void {
    this.#settings.clear();
    this.#provisionedMono = Number.NEGATIVE_INFINITY;
    if (this.#isWanted) this.#fall("it has restarted");
    this.#ask();
  }

  #takeRelay(on: boolean): void {
    const was = this.#relay;
    this.#relay = on;
    this.#relayMono = this.#given.clock.monoMs();
    const isAnswer = [...this.#waits].some((wait) => wait.isIt({ kind: "relay", on: true }) || wait.isIt({ kind: "relay", on: false }));
    if (!on && this.#isWanted && !isAnswer) this.#fall("its relay fell");
    if (was !== on) this.#tell((events) => events.onRelay?.(on));
  }

  #fall(why: string): void {
    this.#isWanted = false;
    this.#given.log.warn({ device: this.#given.account, cause: why }, "a hosted relay is off that was wanted on; it is not given back");
    this.#tell((events) => events.onFallen?.(why));
  }

  #comes(): void {
    this.#online = true;
    this.#given.log.info({ device: this.#given.account }, "a hosted device is there");
    this.#tell((events) => events.onOnline?.(true));
    this.#ask();
  }

  /** Its relay stays as it is: what is lost is word of it (domain.md I2). */
  #goes(why: string): void {
    if (this.#online === false) return;
    const wasKnown = this.#online === true;
    this.#online = false;
    this.#isHeard = false;
    if (wasKnown)
      this.#given.log.warn({ device: this.#given.account, cause: why }, "a hosted device is gone; nothing is known of it until it is back");
    this.#tell((events) => events.onOnline?.(false));
  }

  /** One that talks of power all the time may say nothing of its relay unless that changes: of a plug that is what must be known. */
  #look(): void {
    const nowMono = this.#given.clock.monoMs();
    const silentMs = nowMono - this.#heardMono;
    if (this.#online === true && silentMs > this.#given.family.silentMs) this.#goes("it is silent");
    const oldestMs = this.#given.isRelay ? nowMono - this.#relayMono : silentMs;
    if (Math.max(silentMs, oldestMs) > askEveryMs * 0.8) this.#ask();
    else if (this.#online === true) this.#provision();
  }

  #ask(): void {
    this.#send({ kind: "ask" });
    this.#provision();
  }

  /** Sets what must be set, and asks how it is set; until it is right. */
  #provision(): void {
    const { family, address, deadManS, isRelay, clock } = this.#given;
    if (!isRelay || this.#online !== true || clock.monoMs() - this.#provisionedMono < provisionAgainMs) return;
    if (Object.keys(this.report().unset).length === 0) return;
    this.#provisionedMono = clock.monoMs();
    for (const request of family.provision(address, deadManS)?.requests ?? []) this.#given.send(request);
  }

  #order(order: Order, isIt: (sense: Sense) => boolean, done: (failure: string | null) => void): void {
    const wait = {
      isIt,
      end: (failure: string | null) => {
        if (!this.#waits.delete(wait)) return;
        cancel();
        done(failure);
      },
    };
    const cancel = this.#given.clock.after(`${this.#given.account} answer`, answerMs, () =>
      wait.end("the device did not confirm it in time"),
    );
    this.#waits.add(wait);
    this.#send(order);
  }

  #send(order: Order): void {
    const { address, family } = this.#given;
    // some are addressed by the IP that they tell themselves
    const known =
      this.#ip === null || address.options.ip !== undefined ? address : { ...address, options: { ...address.options, ip: this.#ip } };
    for (const request of family.orders(order, known)) this.#given.send(request);
  }

  #isFresh(atMono: number): boolean {
    return this.#online === true && this.#given.clock.monoMs() - atMono < this.#given.family.silentMs;
  }

  #tell(run: (events: Partial<DeviceEvents>) => void): void {
    for (const events of this.#listeners) run(events);
  }
}

type PassedOn = Exclude<Sense, { kind: "availability" | "started" | "uptime" | "relay" | "power" | "setting" | "identity" }>;

function passOn(sense: PassedOn, events: Partial<DeviceEvents>): void {
  if (sense.kind === "card") events.onCard?.(sense);
  else if (sense.kind === "job") events.onJob?.(sense);
  else if (sense.kind === "contact") events.onContact?.(sense.open);
  else if (sense.kind === "tamper") events.onTamper?.();
  else if (sense.kind === "user") events.onUser?.(sense);
  else if (sense.kind === "tool") events.onTool?.(sense.tool);
}
