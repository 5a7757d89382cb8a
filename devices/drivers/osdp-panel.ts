/**
 * The control panel's end of an OSDP line: it speaks first, a reader (PD) answers within 200 ms or is asked the same again.
 *
 *   ID ─▶ CAP ─▶ CHLNG ─▶ SCRYPT ─▶ POLL ⟲          numbers 0, 1, 2, 3, 1 …; all after SCRYPT signed and secret
 *   no answer, a broken one ─▶ the same frame, the same number: the reader repeats its answer and acts once
 *   NAK 5 or 6, plaintext, a wrong signature ─▶ the channel is over; only a new one helps
 *
 * Without a secure channel nothing is read: RS-485 is two wires that anybody can reach with a screwdriver.
 */
import { randomBytes } from "node:crypto";
import { sameBytes } from "./aes-cmac.ts";
import type { ByteLine } from "./byte-line.ts";
import { createOsdpChannel, type OsdpChannel } from "./osdp-channel.ts";
import { createOsdpParser, encodeOsdp, type OsdpFrame } from "./osdp-frame.ts";
import { nakReasons, nakWantsNewChannel, type OsdpMessage, osdpCode, readOsdpMessage } from "./osdp-message.ts";
import { clientCryptogram, initialReplyMac, osdpDefaultKey, osdpSessionKeys, serverCryptogram } from "./osdp-secure.ts";

export type OsdpFailure =
  | "line lost"
  | "silent"
  | "channel over" /** the reader wants a new one, or what came was not from it */
  | "no secure channel" /** it has none, or refuses one */
  | "default key" /** it offers the key that is printed in the standard */
  | "wrong key"
  | "refused"; /** the command: unknown, or wrong in its length */
export type OsdpOutcome<T> = { readonly kind: "done"; readonly value: T } | { readonly kind: "failed"; readonly why: OsdpFailure };
/** What a reader answered, in the clear. */
export type OsdpAnswer = { readonly code: number; readonly message: OsdpMessage };

export interface OsdpPanelOptions {
  readonly address: number;
  /** SCBK, 16 bytes */
  readonly key: Uint8Array;
  /** Only to give a new reader its key: takes the published default key. */
  readonly isInstalling?: boolean;
  /** Without a first byte within this time the reader has not heard. */
  readonly replyMs?: number;
  /** Between a "busy" and the same question again. */
  readonly busyMs?: number;
}

export interface OsdpPanel {
  /** From nothing to a secure channel. Never rejects. */
  connect(): Promise<OsdpOutcome<null>>;
  /** One command and its answer in the channel. Never rejects. */
  ask(code: number, data?: Uint8Array): Promise<OsdpOutcome<OsdpAnswer>>;
  bufferedBytes(): number;
}

const replyMsDefault = 200;
/** After the first byte the next follows at once; a USB adapter delivers them in heaps. */
const nextByteMs = 60;
/** A line that never falls silent carries no answer: the longest takes 1.5 s at 9600 baud. */
const answerMsMax = 2_000;
const busyMsDefault = 100;
/** One question and three repetitions. */
const triesMax = 4;
const busyMax = 40;
const aesBit = 1;
const securityFunction = 9;

export function createOsdpPanel(line: ByteLine, options: OsdpPanelOptions): OsdpPanel {
  const { key, isInstalling = false } = options;
  if (!isInstalling && sameBytes(key, osdpDefaultKey))
    throw new RangeError("the default key of the standard is no key; give the reader its own");
  const talk = createConversation(line, options);
  return {
    async connect() {
      const made = await shakeHands(talk, key);
      if (made.kind === "failed") return made;
      talk.secure(made.value);
      return done(null);
    },
    async ask(code, data = new Uint8Array(0)) {
      if (!talk.isSecure()) return failed("channel over");
      const reply = await talk.exchange(code, data);
      if (reply.kind === "failed") return reply;
      return done({ code: reply.value.code, message: readOsdpMessage(true, reply.value.code, reply.value.data) });
    },
    bufferedBytes: talk.bufferedBytes,
  };
}

type Conversation = {
  /** One question, repeated until it is answered. `block`: the security block of a handshake, which is never wrapped. */
  exchange(code: number, data: Uint8Array, block?: Uint8Array): Promise<OsdpOutcome<OsdpFrame>>;
  /** Number 0 and no channel: the reader forgets what was before. */
  startAnew(): void;
  secure(channel: OsdpChannel): void;
  isSecure(): boolean;
  bufferedBytes(): number;
};

function createConversation(line: ByteLine, { address, replyMs = replyMsDefault, busyMs = busyMsDefault }: OsdpPanelOptions): Conversation {
  const hearing = createHearing(line, address, replyMs);
  let sequence = 0;
  let channel: OsdpChannel | null = null;
  return {
    async exchange(code, data, block) {
      const open = block === undefined ? channel : null;
      const wrapped = open?.wrap(data) ?? { data, securityBlock: block ?? null };
      const bytes = encodeOsdp({ address, isReply: false, sequence, code, ...wrapped });
      let busy = 0;
      for (let sent = 0; sent < triesMax; ) {
        const reply = await hearing.answerTo(bytes, sequence);
        if (reply === "line lost") return failed("line lost");
        const verdict = reply === null ? "again" : judge(reply, open);
        if (verdict === "busy" && busy < busyMax) {
          busy += 1;
          await pause(busyMs);
        } else if (verdict === "again" || verdict === "busy") sent += 1;
        else if (typeof verdict === "string") {
          if (verdict === "channel over") channel = null;
          return failed(verdict);
        } else {
          sequence = (sequence % 3) + 1;
          return done(verdict);
        }
      }
      return failed("silent");
    },
    startAnew() {
      sequence = 0;
      channel = null;
    },
    secure(made) {
      channel = made;
    },
    isSecure: () => channel !== null,
    bufferedBytes: hearing.bufferedBytes,
  };
}

/** From nothing to a channel in which both have proved that they know the key; the reader goes first. */
async function shakeHands(talk: Conversation, key: Uint8Array): Promise<OsdpOutcome<OsdpChannel>> {
  talk.startAnew();
  const identity = await talk.exchange(osdpCode.id, Uint8Array.of(0));
  if (identity.kind === "failed") return identity;
  const can = await talk.exchange(osdpCode.capabilities, Uint8Array.of(0));
  if (can.kind === "failed" && can.why !== "refused") return can;
  if (can.kind === "done" && !hasAes(can.value)) return failed("no secure channel");
  const keyByte = sameBytes(key, osdpDefaultKey) ? 0 : 1;
  const rndA = randomBytes(8);
  const challenged = await talk.exchange(osdpCode.challenge, rndA, Uint8Array.of(3, 0x11, keyByte));
  if (challenged.kind === "failed") return isAway(challenged.why) ? challenged : failed("no secure channel");
  const { code, data, securityBlock } = challenged.value;
  if (code !== osdpCode.clientCryptogram || securityBlock?.[1] !== 0x12 || data.length !== 32) return failed("no secure channel");
  if (securityBlock[2] !== keyByte) return failed(keyByte === 1 ? "default key" : "wrong key");
  const rndB = data.slice(8, 16);
  const keys = osdpSessionKeys(key, rndA);
  if (!sameBytes(data.slice(16), clientCryptogram(keys, rndA, rndB))) return failed("wrong key");
  const server = serverCryptogram(keys, rndA, rndB);
  const proven = await talk.exchange(osdpCode.serverCryptogram, server, Uint8Array.of(3, 0x13, keyByte));
  if (proven.kind === "failed") return isAway(proven.why) ? proven : failed("wrong key");
  const { value } = proven;
  const isProven = value.code === osdpCode.replyMac && value.securityBlock?.[1] === 0x14 && value.securityBlock[2] === 1;
  if (!isProven || value.data.length !== 16 || !sameBytes(value.data, initialReplyMac(keys, server))) return failed("wrong key");
  return done(createOsdpChannel(keys, server));
}

const isAway = (why: OsdpFailure): boolean => why === "silent" || why === "line lost";

/** What becomes of an answer: taken, asked for again, waited for, or the end. A "busy" and a refusal may come unsigned. */
function judge(reply: OsdpFrame, channel: OsdpChannel | null): OsdpFrame | "again" | "busy" | OsdpFailure {
  if (reply.code === osdpCode.busy && reply.securityBlock === null) return "busy";
  if (channel === null) {
    if (reply.securityBlock !== null && (reply.securityBlock[1] ?? 0) >= 0x15) return "again";
    return reply.code === osdpCode.nak ? refusal(reply.data) : reply;
  }
  const opened = channel.open(reply);
  // Nobody can tell who sent an unsigned refusal; a new channel does no harm, and shows whether it was the reader.
  if (opened.kind === "refused") return "channel over";
  return reply.code === osdpCode.nak ? refusal(opened.data) : { ...reply, data: opened.data };
}

function refusal(data: Uint8Array): "again" | OsdpFailure {
  const [reason = 0] = data;
  if (nakReasons[reason] === "checksum") return "again";
  return nakWantsNewChannel.has(reason) || nakReasons[reason] === "sequence" ? "channel over" : "refused";
}

function hasAes({ code, data }: OsdpFrame): boolean {
  const message = readOsdpMessage(true, code, data);
  return message.kind === "capabilities" && message.list.some(([what, level]) => what === securityFunction && (level & aesBit) !== 0);
}

/** Sends bytes and waits for the frame that answers them: from this address, with this number. */
function createHearing(line: ByteLine, address: number, replyMs: number) {
  const parser = createOsdpParser();
  const answerTo = (bytes: Uint8Array, sequence: number): Promise<OsdpFrame | null | "line lost"> =>
    new Promise((resolve) => {
      parser.reset();
      const finish = (heard: OsdpFrame | null | "line lost"): void => {
        clearTimeout(replyTimer);
        clearTimeout(lastTimer);
        stopBytes();
        stopState();
        resolve(heard);
      };
      let replyTimer = setTimeout(finish, replyMs, null);
      const lastTimer = setTimeout(finish, answerMsMax, null);
      const stopBytes = line.onBytes((read) => {
        clearTimeout(replyTimer);
        replyTimer = setTimeout(finish, nextByteMs, null);
        for (const frame of parser.feed(read, performance.now())) if (isAnswer(frame, address, sequence)) return finish(frame);
      });
      const stopState = line.onState((state) => {
        if (state.kind === "lost") finish("line lost");
      });
      line.write(bytes).then((written) => {
        if (written.kind === "failed") finish("line lost");
      });
    });
  return { answerTo, bufferedBytes: () => parser.bufferedBytes() };
}

/** A "busy" has no number; a refusal of the number has another one. An adapter that hears itself brings our own frames back. */
function isAnswer(
  frame: ReturnType<ReturnType<typeof createOsdpParser>["feed"]>[number],
  address: number,
  sequence: number,
): frame is OsdpFrame {
  if (frame.kind !== "frame" || !frame.isReply || frame.address !== address) return false;
  return frame.sequence === sequence || frame.code === osdpCode.busy || frame.code === osdpCode.nak;
}

function done<T>(value: T): OsdpOutcome<T> {
  return { kind: "done", value };
}

function failed(why: OsdpFailure): OsdpOutcome<never> {
  return { kind: "failed", why };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
