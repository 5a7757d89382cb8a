/**
 * What a family of foreign devices must say of itself so that a door or machine can be hosted behind it. All of it is pure: a family
 * hears a message and says what was sensed, is given an order and says what to send. Connections, clocks, leases and decisions are the
 * host's (hub/host), which runs the same door and machine as every node, with these senses and orders in the place of wires.
 *
 *   message of a device ─ recognise ─▶ whose?   ─ read ─▶ senses ─▶ reader, contact, meter, controller of a door or machine
 *   permit, lock, sign of a door or machine ─▶ order ─ orders ─▶ requests to the device
 *
 * A new family is one file with one `defineFamily({…})`, one line in hosted.ts, and its recorded lines in the shared suite
 * (test/support/family-suite.ts): no message makes it throw, none invents a zero, none that the broker had kept does anything.
 */
import type { EnergyTraits } from "./energy-reader.ts";
import type { JobState } from "./job.ts";
import type { Fields } from "./json.ts";

/** Which device, and which part of it. */
export type DeviceAddress = {
  /** by MQTT: the name or prefix in its topics; by HTTP: its base URL; by a connection to the device: its host name or address */
  readonly name: string;
  /** relay, meter or door of a device with several, from 0 */
  readonly channel: number;
  /** what else the family needs, by the names in its `options` */
  readonly options: Readonly<Record<string, string>>;
};

export type Heard =
  /** `retained`: the broker had kept it; nobody knows how old it is */
  | { readonly kind: "mqtt"; readonly topic: string; readonly payload: string; readonly retained: boolean }
  /** the answer to one of `polls` or to a request; `status` 0: there was none */
  | { readonly kind: "http"; readonly path: string; readonly status: number; readonly body: string };

/** A number as a reader gave it. The host makes the canonical form and the hash of it, and forgets it. */
export type HeardCard =
  | { readonly medium: "iso14443a"; readonly hex: string }
  /** the low 32 bits of an EM4100 number */
  | { readonly medium: "em32"; readonly hex: string }
  | { readonly medium: "wiegand"; readonly bits: number; readonly value: bigint };

export type Sense =
  | { readonly kind: "availability"; readonly online: boolean }
  /** the device has started: its relay is as its start-up setting says, its timers are gone */
  | { readonly kind: "started" }
  /** for how long it has been running, by its own word */
  | { readonly kind: "uptime"; readonly s: number }
  | { readonly kind: "relay"; readonly on: boolean }
  /** Undefined was not said, null is not known; neither is a zero. `energyWh` is a counter that may fall or start again. */
  | { readonly kind: "power"; readonly powerW?: number | null; readonly energyWh?: number | null; readonly voltageV?: number | null }
  /** `passed`: the device has decided already, and has let the card in or not */
  | { readonly kind: "card"; readonly card: HeardCard; readonly passed?: boolean }
  | { readonly kind: "contact"; readonly open: boolean }
  | { readonly kind: "tamper" }
  /** `job` is another text for another job; `state` says what is, so what a printer keeps after its end is said again and again */
  | {
      readonly kind: "job";
      readonly state: JobState;
      readonly job: string | null;
      readonly percent: number | null;
      readonly remainingS: number | null;
      readonly tempC?: number | null;
    }
  /** what sits on a machine with several tools, such as a laser module on a printer */
  | { readonly kind: "tool"; readonly tool: "extruder" | "laser" | "spindle" | "knife" }
  /** a setting as the device now has it: what `provision` is checked against */
  | { readonly kind: "setting"; readonly name: string; readonly value: string }
  /** one entry of the device's own list of who may pass */
  | { readonly kind: "user"; readonly card: HeardCard; readonly validUntilS: number | null }
  /** the device confirms the order of this name; orders may be confirmed in any order */
  | { readonly kind: "done"; readonly order: string }
  | { readonly kind: "identity"; readonly model?: string; readonly firmware?: string; readonly ip?: string };

export type Order =
  /** on, and off by itself after `forS` unless told again: the dead-man. On again restarts the time. */
  | { readonly kind: "on"; readonly forS: number }
  | { readonly kind: "off" }
  /** The dead-man begins again. Where the device has a word that cannot switch on, this is it: a relay that fell meanwhile stays off. */
  | { readonly kind: "refresh"; readonly forS: number }
  /** say now how you are: relay, power, settings */
  | { readonly kind: "ask" }
  | { readonly kind: "identify" }
  | { readonly kind: "open" }
  | { readonly kind: "list" }
  | { readonly kind: "admit"; readonly card: HeardCard; readonly untilS: number }
  | { readonly kind: "expel"; readonly card: HeardCard };

export type Request =
  /** never retained */
  | { readonly kind: "mqtt"; readonly topic: string; readonly payload: string }
  | { readonly kind: "http"; readonly method: "GET" | "POST" | "DELETE"; readonly path: string; readonly body?: string };

/** Topics of one device as MQTT filters; of these its account is made, and nothing else is its. */
export type DeviceTopics = {
  /** it may say */
  readonly says: readonly string[];
  /** it may hear */
  readonly hears: readonly string[];
};

export type Transport =
  /** the device comes to our listener, or to a broker that the space has already */
  | { readonly kind: "mqtt"; topics(address: DeviceAddress): DeviceTopics }
  /** we ask it */
  | {
      readonly kind: "http";
      polls(address: DeviceAddress): readonly { readonly path: string; readonly everyMs: number }[];
      headers(address: DeviceAddress): Readonly<Record<string, string>>;
      /** answers its challenge by digest (RFC 2617, RFC 7616) */
      login?(address: DeviceAddress): { readonly user: string; readonly password: string };
    }
  /** it is a broker itself, and we are its client */
  | {
      readonly kind: "mqtts";
      dial(address: DeviceAddress): {
        readonly port: number;
        readonly username: string;
        readonly password: string;
        readonly subscribe: readonly string[];
        /** SHA-256 of its certificate in hex; null: not known yet, and nothing is said to it */
        readonly fingerprint: string | null;
        /** `ask` at most so often: some printers give up when they are asked for everything again and again */
        readonly askLeastMs: number;
      };
    };

/** What a device can be to a door or machine. */
export type Part = "relay" | "meter" | "reader" | "controller" | "door";

export type Provision = {
  readonly requests: readonly Request[];
  /** settings and what they must read afterwards, in the words of `setting` */
  readonly wants: Readonly<Record<string, string>>;
};

export type Found = { readonly name: string; readonly model?: string };

export type FamilyDescription<Memory> = {
  readonly label: string;
  readonly transport: Transport;
  readonly parts: readonly Part[];
  readonly options: Readonly<Record<string, { readonly about: string; readonly secret: boolean; readonly required: boolean }>>;
  /** said before anybody adopts it */
  readonly cannot: readonly string[];
  /** how long the last word of the device stands, ms: after that its power and relay are not known */
  readonly silentMs: number;
  /** how its counter of energy behaves; null for a family that has none */
  readonly counter: EnergyTraits | null;
  initial(address: DeviceAddress): Memory;
  /** One message, in order of arrival; the same one twice does nothing new. Never throws. */
  read(heard: Heard, memory: Memory, address: DeviceAddress, nowMs: number): readonly [Memory, readonly Sense[]];
  /** What an order is on the wire; empty for one the device does not know. */
  orders(order: Order, address: DeviceAddress): readonly Request[];
  /** Settings without which it is no machine's plug, with its dead-man at `forS`; null for a family that has none. */
  provision(address: DeviceAddress, forS: number): Provision | null;
  /** Whose message this is, by topic and payload alone; null when it is of no device of this family. */
  recognise(topic: string, payload: string): Found | null;
};

/** A family whose memory is its own affair. */
export type HostedFamily = Omit<FamilyDescription<unknown>, "initial" | "read" | "orders"> & {
  /** One device from now on. */
  open(address: DeviceAddress): Device;
  orders(order: Order, address: DeviceAddress): readonly Request[];
};
export type Device = { hear(heard: Heard, nowMs: number): readonly Sense[] };

/**
 * What the broker had kept says nothing of now: a card, a relay or a job of yesterday does nothing (domain.md I5). That a device is there
 * is kept on purpose, by its own last will.
 */
const keptMeansNothing = (heard: Heard, senses: readonly Sense[]): readonly Sense[] =>
  heard.kind === "mqtt" && heard.retained ? senses.filter(({ kind }) => kind === "availability") : senses;

export function defineFamily<Memory>(description: FamilyDescription<Memory>): HostedFamily {
  const { initial, read, ...rest } = description;
  return {
    ...rest,
    open(address) {
      let memory = initial(address);
      return {
        hear(heard, nowMs) {
          const [next, senses] = read(heard, memory, address, nowMs);
          if (heard.kind !== "mqtt" || !heard.retained) memory = next;
          return keptMeansNothing(heard, senses);
        },
      };
    },
  };
}

/**
 * Foreign plugs say single zeros between two readings of a load (Tasmota #2891, Zigbee2MQTT #16709). A zero counts when it is said again
 * `zeroHoldMs` later, when the relay is off, or when nothing was drawn before; until then it was not said.
 */
export type Steadied = { readonly powerW: number | null; readonly zeroSinceMs: number | null };
export const steadyFrom: Steadied = { powerW: null, zeroSinceMs: null };
export const zeroHoldMs = 1500;
/** what waiting electronics draw: from there to zero is no news */
const littleW = 8;

export function steadied(
  before: Steadied,
  powerW: number | null,
  isOff: boolean,
  nowMs: number,
): readonly [Steadied, number | null | undefined] {
  if (powerW !== 0 || isOff || (before.powerW !== null && Math.abs(before.powerW) <= littleW && before.zeroSinceMs === null))
    return [{ powerW, zeroSinceMs: null }, powerW];
  if (before.zeroSinceMs === null && before.powerW !== null) return [{ ...before, zeroSinceMs: nowMs }, undefined];
  if (before.zeroSinceMs !== null && nowMs - before.zeroSinceMs < zeroHoldMs) return [before, undefined];
  return [{ powerW, zeroSinceMs: null }, powerW];
}

/** For each family with a meter: what the plug is plugged into is not known to it. */
export const meterOptions = {
  maxW: { about: "the most that its circuit carries in W, where that is more than a socket's 3680", secret: false, required: false },
} as const;

/** The counter of one device, by what is known of its family and of its circuit. */
export function countsOf({ counter }: Pick<HostedFamily, "counter">, { options }: DeviceAddress): EnergyTraits | null {
  const maxW = /^\d{1,6}$/.test(options.maxW ?? "") ? Number(options.maxW) : null;
  return counter === null || maxW === null ? counter : { ...counter, maxW };
}

/** Whether a topic is one of these filters (MQTT 3.1.1 §4.7). */
export function isAmong(filters: readonly string[], topic: string): boolean {
  const levels = topic.split("/");
  return filters.some((filter) => {
    const wanted = filter.split("/");
    const rest = wanted.indexOf("#");
    const head = rest === -1 ? wanted : wanted.slice(0, rest);
    if (rest === -1 ? levels.length !== wanted.length : levels.length < head.length) return false;
    return head.every((level, i) => level === "+" || level === levels[i]);
  });
}

/** A name that may stand in a topic: no wildcard, no level of its own, nothing that steers a terminal. */
export const isDeviceName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,63}(\/[A-Za-z0-9_.:@-]{1,64}){0,4}$/.test(name);

export const mqtt = (topic: string, payload: string | Fields): Request => ({
  kind: "mqtt",
  topic,
  payload: typeof payload === "string" ? payload : JSON.stringify(payload),
});
