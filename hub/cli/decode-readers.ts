/** Readers, cards and meters in the spelling of recorded lines: serial EM4100 readers, keyboard wedges and Wiegand here. */
import { createRdm6300Parser, type Rdm6300RubbishWhy } from "../../devices/drivers/rdm6300.ts";
import { createWedgeParser, readWedgeText, type WedgeNumber } from "../../devices/drivers/wedge.ts";
import { decodeWiegand, facilityAndCard } from "../../devices/drivers/wiegand.ts";
import { cardDecoders } from "./decode-readers-cards.ts";
import { meterDecoders } from "./decode-readers-meters.ts";
import { osdpDecoders } from "./decode-readers-osdp.ts";
import { pn532Decoders } from "./decode-readers-pn532.ts";
import { type Decoded, type Decoder, refused } from "./decode-recorded.ts";

const rdm6300Refusals: Readonly<Record<Rdm6300RubbishWhy, string>> = {
  noise: "no STX: no frame in these bytes",
  "not hex": "not hex",
  checksum: "checksum",
  "no end": "no ETX",
  "cut short": "truncated",
  ghost: "at most one byte that is not zero: electrical noise",
  unconfirmed: "single unconfirmed read",
};

/** One frame is a valid frame, and no card yet: only repeated ones count. */
const rdm6300: Decoder = ({ chunks }) => {
  const trusting = createRdm6300Parser({ confirmFrames: 1 });
  const heard = chunks.flatMap((bytes) => trusting.feed(bytes, 0));
  const isCut = trusting.bufferedBytes() > 0;
  const confirming = createRdm6300Parser();
  const confirmed = chunks.flatMap((bytes) => confirming.feed(bytes, 0)).filter((frame) => frame.kind === "card");
  const tags = heard.flatMap((frame) => {
    if (frame.kind === "card") return [frame.number.slice("em4100:".length)];
    return frame.why === "ghost" ? [String.fromCharCode(...frame.bytes.subarray(1, 11)).toUpperCase()] : [];
  });
  const rubbish = heard.find((frame) => frame.kind === "rubbish");
  const [tag] = tags;
  if (tag === undefined) {
    return { valid: false, frames: 0, ...refused(isCut ? rdm6300Refusals["cut short"] : rdm6300Refusals[rubbish?.why ?? "noise"]) };
  }
  const checksum = Uint8Array.fromHex(tag).reduce((sum, byte) => sum ^ byte, 0);
  const isResynced = isCut || (rubbish !== undefined && rubbish.why !== "ghost");
  return {
    valid: true,
    checksum_ok: true,
    frames: tags.length,
    distinct_tags: new Set(tags).size,
    events_after_dedup: new Set(tags).size,
    version: tag.slice(0, 2),
    tag_hex: tag.slice(2),
    tag_dec: Number.parseInt(tag.slice(2), 16),
    full_hex: tag,
    checksum: checksum.toString(16).toUpperCase().padStart(2, "0"),
    ...(isResynced ? { why: `resync: ${tags.length === 1 ? "exactly one good frame" : `${tags.length} good frames`}` } : {}),
    accept: confirmed.length > 0,
    ...(confirmed.length > 0 ? {} : { reason: rdm6300Refusals[tags.length > 1 ? "ghost" : "unconfirmed"] }),
  };
};

/** Recordings carry no times: keys are taken to come at a reader's pace. */
const wedgeKeyMs = 10;

const wedge: Decoder = (message) => {
  const parser = createWedgeParser();
  const typed = message.payload ?? String.fromCharCode(...(message.bytes ?? []));
  const heard = [...typed.slice(0, 10_000)].flatMap((character, i) => parser.key(character, i * wedgeKeyMs));
  const lines = [...heard, ...parser.pass(Number.POSITIVE_INFINITY)];
  const texts = lines.flatMap((line) => (line.kind === "line" ? [line.text] : []));
  const events = texts.filter((text, i) => text !== texts[i - 1]);
  const [text] = events;
  if (text === undefined) return { events: 0, normalised: null, ...refused("typed by a person, or nothing: no number of a reader") };
  const found = readWedgeText(text);
  const normalised = /^\d{1,10}$/.test(text) ? text.padStart(10, "0") : text;
  if (found === null) return { events: 0, normalised: null, ...refused("digits in no format of EM4100 readers") };
  return { events: events.length, normalised, format: found.format, recoverable_bits: found.bits, ...wedgeBits(found) };
};

/** What the bits of a spelling tell, and no more: 32 bits do not say the version byte, 24 not the high byte of the tag either. */
function wedgeBits({ hex, bits }: WedgeNumber): Decoded {
  if (bits === 40) {
    const tag = hex.slice(2);
    return {
      same_card_as: hex,
      hex10: hex,
      version: Number.parseInt(hex.slice(0, 2), 16),
      canonical_tag_hex: tag,
      dec_32bit: Number.parseInt(tag, 16),
    };
  }
  if (bits === 24) return { low_24_bits_hex: hex };
  const reversed = Uint8Array.fromHex(hex).reverse().toHex();
  return { canonical_tag_hex: hex, uid_hex: hex, dec_msb_first: Number.parseInt(hex, 16), dec_lsb_first: Number.parseInt(reversed, 16) };
}

const wiegandCard: Decoder = ({ payload = "" }) => {
  const word = payload.replace(/\s/g, "");
  const heard = decodeWiegand(word);
  const bits = word.length;
  if (heard.kind === "key") return { bits, valid: false, ...refused("length not in 26/34/37") };
  if (heard.kind === "refused") {
    const { evenParityOk, oddParityOk } = heard;
    const parity = evenParityOk === undefined ? {} : { even_parity_ok: evenParityOk, odd_parity_ok: oddParityOk };
    return { bits, valid: false, ...parity, ...refused(wiegandRefusals[heard.why]) };
  }
  const { value } = heard;
  const { facility, card } = facilityAndCard(value);
  return {
    bits,
    valid: true,
    even_parity_ok: true,
    odd_parity_ok: true,
    value_dec: Number(value),
    value_hex: value
      .toString(16)
      .toUpperCase()
      .padStart(bits === 26 ? 6 : 8, "0"),
    ...(bits === 26
      ? { facility, card, weg27_text: `${digits(facility, 3)}${digits(card, 5)}` }
      : { same_card_26bit: Number(value & 0xff_ffffn) }),
    weg34_text: digits(Number(value), 10),
  };
};

const digits = (value: number, count: number) => String(value).padStart(count, "0");

const wiegandRefusals = {
  "not bits": "not a word of 0 and 1",
  length: "length not in 26/34/37",
  parity: "parity",
  "no key": "no key of a keypad",
  "empty card": "all data bits are 0: a bad read, no card",
} as const;

const keypad =
  (bits: 4 | 8): Decoder =>
  ({ sequence, payload = "" }) => {
    const words = sequence ?? payload.replace(/\s/g, "").match(new RegExp(`.{1,${bits}}`, "g")) ?? [];
    const heard = words.map((word) => (typeof word === "string" && word.length === bits ? decodeWiegand(word) : undefined));
    if (heard.length === 0) return refused("no words of a keypad");
    const keys = heard.flatMap((key) => (key?.kind === "key" ? [key.key] : []));
    return keys.length === heard.length
      ? { keys: keys.join("") }
      : { keys: keys.join(""), ...refused(`${heard.length - keys.length} words are no key`) };
  };

export const readerDecoders: Readonly<Record<string, Decoder>> = {
  rdm6300,
  "usb-keyboard-wedge": wedge,
  wiegand26: wiegandCard,
  wiegand34: wiegandCard,
  wiegand37: wiegandCard,
  "wiegand-keypad4": keypad(4),
  "wiegand-keypad8": keypad(8),
  ...pn532Decoders,
  ...osdpDecoders,
  ...cardDecoders,
  ...meterDecoders,
};
