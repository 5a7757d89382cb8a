/**
 * esp-rfid as a hosted family: a door that decides by its own list and tells what it did. Commands are addressed by the door's IP inside
 * the payload, which it tells itself; a command counts once it is acknowledged, and the acknowledgement names no card (design notes C6).
 */

import { type EspRfidMessage, espRfidCannot, parseEspRfid } from "./esp-rfid.ts";
import { type DeviceAddress, defineFamily, type FamilyDescription, type HeardCard, mqtt, type Request, type Sense } from "./family.ts";
import { said } from "./json.ts";

const isOld = ({ options }: DeviceAddress): boolean => options.version === "1";
const commandTopic = (address: DeviceAddress): string => (isOld(address) ? address.name : `${address.name}/cmd`);
const command = (address: DeviceAddress, cmd: string, more: Record<string, string> = {}): Request =>
  mqtt(commandTopic(address), { cmd, doorip: address.options.ip ?? "", ...more });
const baseOf = ({ options }: DeviceAddress): 10 | 16 => (options.numbers === "decimal" ? 10 : 16);
/** as the door writes it itself: a number from Wiegand wires without zeros in front */
const uidOf = (card: HeardCard, address: DeviceAddress): string =>
  card.medium === "wiegand" ? card.value.toString(baseOf(address)) : card.hex.toLowerCase();

export const espRfidFamily = defineFamily<null>({
  label: "esp-rfid door controllers",
  transport: {
    kind: "mqtt",
    topics: (address) => ({
      says: isOld(address)
        ? [address.name, `${address.name}/avty`]
        : [`${address.name}/send`, `${address.name}/avty`, `${address.name}/tag`],
      hears: [commandTopic(address)],
    }),
  },
  parts: ["door", "reader"],
  options: {
    version: { about: "1 for firmware before 2.0, where each door needs a topic of its own", secret: false, required: false },
    ip: { about: "its address, where it does not tell it", secret: false, required: false },
    reader: { about: "wiegand26 or wiegand34, where its reader is wired so", secret: false, required: false },
    numbers: { about: "decimal, where its page is set so for Wiegand", secret: false, required: false },
    contact: { about: "yes where a door contact is wired to it", secret: false, required: false },
  },
  cannot: [
    ...espRfidCannot,
    "keep users of its own: whoever the hub would not let in is taken off its list",
    "tell every card at an MFRC522 or PN532 before firmware 2: zeros inside a number are left out, and such a number opens nothing",
  ],
  silentMs: 600_000, // a heartbeat is 180 s
  counter: null,
  initial: () => null,
  read(heard, memory, address) {
    if (heard.kind !== "mqtt") return [memory, []];
    const own = isOld(address) ? [address.name, `${address.name}/avty`] : ["send", "avty", "tag"].map((leaf) => `${address.name}/${leaf}`);
    return [memory, own.includes(heard.topic) ? sensesOf(parseEspRfid(heard.topic, heard.payload), address) : []];
  },
  orders(order, address) {
    switch (order.kind) {
      case "open":
        return [command(address, "opendoor")];
      case "list":
        return [command(address, "getuserlist")];
      case "admit":
        return [
          command(address, "adduser", {
            uid: uidOf(order.card, address),
            user: "koprade",
            acctype: "1",
            validsince: "0",
            validuntil: String(order.untilS),
          }),
        ];
      case "expel":
        return [command(address, "deletuid", { uid: uidOf(order.card, address) })];
      default:
        return [];
    }
  },
  provision: () => null,
  recognise(topic, payload) {
    const name = /^(.+)\/(send|avty|tag)$/.exec(topic)?.[1];
    if (name === undefined) return null;
    const message = parseEspRfid(topic, payload);
    const isKnown =
      ["boot", "heartbeat", "access", "done", "user"].includes(message.kind) || (message.kind === "event" && message.event !== "");
    return isKnown ? { name } : null;
  },
} satisfies FamilyDescription<null>);

function sensesOf(message: EspRfidMessage, address: DeviceAddress): readonly Sense[] {
  switch (message.kind) {
    case "boot":
    case "heartbeat":
      return [
        { kind: "availability", online: true },
        { kind: "identity", ...said({ ip: message.ip }) },
        ...(message.kind === "boot" ? [{ kind: "started" } as const] : []),
      ];
    case "availability":
      return [{ kind: "availability", online: message.online }];
    case "access": {
      const card = message.uid === null ? null : cardOf(message.uid, address);
      return card === null
        ? []
        : [{ kind: "card", card, passed: (message.passes[address.channel] ?? message.passes[0])?.granted === true }];
    }
    case "event":
      return eventOf(message.event);
    case "user": {
      const card = cardOf(message.uid, address);
      return card === null ? [] : [{ kind: "user", card, validUntilS: message.validUntilS ?? null }];
    }
    case "done":
      return [{ kind: "done", order: message.command }];
    default:
      return [];
  }
}

function eventOf(event: string): readonly Sense[] {
  if (event === "door_open") return [{ kind: "contact", open: true }];
  if (event === "door_closed") return [{ kind: "contact", open: false }];
  return event === "tamper" ? [{ kind: "tamper" }] : [];
}

/**
 * Four, seven or ten bytes; some versions leave zeros out, and such a number could be two cards' (esp-rfid v1, PN532). What came over
 * Wiegand wires is one number, whose zeros in front mean nothing.
 */
function cardOf(uid: string, address: DeviceAddress): HeardCard | null {
  const bits = { wiegand26: 26, wiegand34: 34 }[address.options.reader ?? ""];
  if (bits === undefined) return /^([\dA-F]{8}|[\dA-F]{14}|[\dA-F]{20})$/.test(uid) ? { medium: "iso14443a", hex: uid } : null;
  if (!(baseOf(address) === 10 ? /^\d{1,10}$/ : /^[\dA-F]{1,8}$/).test(uid)) return null;
  const value = BigInt(baseOf(address) === 10 ? uid : `0x${uid}`);
  return value > 0n && value < 1n << BigInt(bits - 2) ? { medium: "wiegand", bits, value } : null;
}
