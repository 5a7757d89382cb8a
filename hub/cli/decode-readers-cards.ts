/** ISO 14443-A frames and numbers, and the cryptography of DESFire and NTAG 424, in the spelling of recorded lines. */
import { diversifiedKey } from "../../devices/drivers/card-keys.ts";
import { answerEv1, answerEv2, type Ev2Session, isEv2CommandMacOk, openEv2Full, openEv2Mac } from "../../devices/drivers/desfire-auth.ts";
import { cardTypeOf, decodeCardFrame, decodeReaderFrame, type Iso14443aFrame, uidFacts } from "../../devices/drivers/iso14443a.ts";
import { isCounterFresh, openSun, readSunAddress } from "../../devices/drivers/ntag424-sun.ts";
import { bytesOf, type Decoded, type Decoder, isRecord, type Recorded, refused } from "./decode-recorded.ts";

const iso14443a: Decoder = ({ bytes, direction }) => {
  if (bytes === undefined || bytes.length === 0) return refused("no bytes");
  const fromCard = direction.startsWith("card");
  return spellFrame(fromCard ? decodeCardFrame(bytes) : decodeReaderFrame(bytes), bytes);
};

function spellFrame(frame: Iso14443aFrame, bytes: Uint8Array): Decoded {
  const crc = (crcOk: boolean | null): Decoded =>
    crcOk === null ? {} : crcOk ? { crc_a_ok: true } : { crc_a_ok: false, ...refused("CRC_A wrong") };
  switch (frame.kind) {
    case "command":
      return { cmd: frame.name, ...crc(frame.crcOk) };
    case "atqa":
      return { atqa_bytes: compact(bytes), uid_size: frame.uidSize };
    case "uid part": {
      const { part, isCascade, bcc, bccOk } = frame;
      return { cascade_tag: isCascade, uid_part: compact(part), bcc: hex(bcc), bcc_ok: bccOk, ...(bccOk ? {} : refused("BCC wrong")) };
    }
    case "sak":
      return { sak: hex(frame.sak), uid_complete: frame.uidComplete, iso14443_4: frame.iso14443_4, ...crc(frame.crcOk) };
    case "ats":
      return { ats: compact(frame.ats), historical_bytes: compact(frame.historical), ...crc(frame.crcOk) };
    case "unknown":
      return refused("no frame of ISO 14443-3 type A that we know");
  }
}

const iso14443aUid: Decoder = ({ payload = "", bytes, context }) => {
  const uid = bytes ?? bytesOf(payload);
  if (uid === null || uid.length === 0) return refused("a UID is byte pairs such as 04A23B1C5D6E80");
  const facts = uidFacts(uid);
  const sak = typeof context.sak === "string" ? context.sak : null;
  const type = sak === null ? null : cardTypeOf(Number.parseInt(sak, 16));
  return {
    uid: compact(uid),
    uid_len: uid.length,
    atqa: typeof context.atqa === "string" ? context.atqa : null,
    sak,
    ...(type === null ? {} : { type }),
    random: facts.random,
    non_unique: facts.nonUnique,
    rfu: facts.rfu,
    truncated: facts.truncated,
    suspicious: facts.suspicious,
    cloneable: facts.usable,
    usable_as_identity: facts.usable,
  };
};

/** Bytes of each step of a recorded exchange. */
function steps({ sequence }: Recorded): readonly Uint8Array[] | null {
  const found = (sequence ?? []).map((step) => (isRecord(step) ? bytesOf(step.hex) : bytesOf(step)));
  return found.length > 0 && found.every((bytes) => bytes !== null) ? found : null;
}

const noExchange = 'needs "sequence" with the four steps as hex, and "context" with key and rnd_a (16 bytes each)';
const replayed = "card did not return RndA: wrong key, or an answer recorded earlier";

const ev1: Decoder = (message) => {
  const exchange = steps(message);
  const [key, rndA] = [field(message, "key"), field(message, "rnd_a")];
  const [command, challenge, token, answer] = (exchange ?? []).map((step) => step.subarray(1));
  if (!command || !challenge || !token || !answer || key === null || rndA === null) return refused(noExchange);
  const started = answerEv1(key, rndA, challenge);
  if (started.kind === "refused") return refused("the card's challenge has 16 bytes");
  const proof = started.finish(answer);
  const values = {
    key_no: command[0] ?? null,
    rnd_b: compact(started.rndB),
    host_token_ok: compact(started.token) === compact(token),
    pcd_verifies_card: proof.kind === "proved",
    iv_rule: "IV=0 for first decrypt, then last ciphertext block carries over",
  };
  return proof.kind === "proved" ? { ...values, session_key: compact(proof.sessionKey) } : { ...values, ...refused(replayed) };
};

const ev2First: Decoder = (message) => {
  const [, challenge, token, answer] = (steps(message) ?? []).map(withoutApdu);
  const [key, rndA] = [field(message, "key"), field(message, "rnd_a")];
  if (!challenge || !token || !answer || key === null || rndA === null) return refused(noExchange);
  const started = answerEv2(key, rndA, challenge);
  if (started.kind === "refused") return refused("the card's challenge has 16 bytes");
  const proof = started.finish(answer);
  const values = {
    rnd_b: compact(started.rndB),
    host_token_ok: compact(started.token) === compact(token),
    pcd_verifies_card: proof.kind === "proved",
  };
  if (proof.kind !== "proved") return { ...values, ...refused(replayed) };
  return {
    ...values,
    ti: compact(proof.ti),
    pd_cap2: compact(proof.pdCaps),
    pcd_cap2: compact(proof.pcdCaps),
    k_ses_auth_enc: compact(proof.encKey),
    k_ses_auth_mac: compact(proof.macKey),
  };
};

/** The data of a wrapped command (90 CC 00 00 LC … 00) or of an answer with its status (… 91 xx); native frames lose their first byte. */
function withoutApdu(step: Uint8Array): Uint8Array {
  if (step[0] === 0x90 && step.length >= 6) return step.subarray(5, 5 + (step[4] ?? 0));
  return step.at(-2) === 0x91 && step.length % 16 === 2 ? step.subarray(0, -2) : step.subarray(1);
}

function ev2Session(message: Recorded): Ev2Session | null {
  const [ti, encKey, macKey] = [field(message, "ti", 4), field(message, "k_ses_auth_enc"), field(message, "k_ses_auth_mac")];
  return ti === null || macKey === null ? null : { ti, macKey, encKey: encKey ?? new Uint8Array(16) };
}

const noSession = 'needs "context" with ti, k_ses_auth_mac, for CommMode.FULL k_ses_auth_enc, and cmd_counter';

/** The recorded counter may be the one before or after the command: the answer counts one higher than its command. */
const ev2Mac: Decoder = (message) => {
  const [session, counter, { bytes }] = [ev2Session(message), message.context.cmd_counter, message];
  if (session === null || typeof counter !== "number" || bytes === undefined || bytes.length < 10 || bytes.at(-2) !== 0x91)
    return refused(noSession);
  const [answer, status] = [bytes.subarray(0, -2), bytes.at(-1) ?? 0];
  const after = [counter, counter + 1].find((tried) => openEv2Mac(session, tried, status, answer) !== null);
  const data = compact(answer.subarray(0, -8));
  return after === undefined
    ? { data, mac_ok: false, ...refused("MAC wrong, or an answer to another command") }
    : { data, mac_ok: true, cmd_counter_after: after };
};

const ev2GetCardUid: Decoder = (message) => {
  const [command, answer] = steps(message) ?? [];
  const [session, counter] = [ev2Session(message), message.context.cmd_counter];
  if (session === null || typeof counter !== "number" || !command || !answer || answer.length < 10) return refused(noSession);
  const uid = openEv2Full(session, counter + 1, answer.at(-1) ?? 0, answer.subarray(0, -2));
  const commandOk = isEv2CommandMacOk(session, counter, command[1] ?? 0, new Uint8Array(0), withoutApdu(command));
  return uid === null
    ? { mac_ok: false, ...refused("MAC wrong, or an answer to another command") }
    : { uid: compact(uid), mac_ok: true, command_mac_ok: commandOk };
};

/** Without keys in the context the factory key is tried: sixteen zeros. */
const sun: Decoder = (message) => {
  const { payload = "", context } = message;
  const input = typeof context.mac_input === "string" ? (context.mac_input === "(empty)" ? "" : context.mac_input) : undefined;
  const mirror = readSunAddress(payload, input);
  if (mirror === null) return refused("no address of an NTAG 424: picc_data and cmac, or uid, ctr and cmac, are missing");
  const fileKey = field(message, "sdm_file_read_key") ?? new Uint8Array(16);
  const read = openSun(mirror, { metaKey: field(message, "sdm_meta_read_key") ?? new Uint8Array(16), fileKeyOf: () => fileKey });
  if (read.kind === "refused")
    return refused(read.why === "picc data" ? "picc_data does not decrypt to a UID and a counter: wrong key" : "read_ctr is at its limit");
  const values = {
    uid: compact(read.uid),
    read_ctr: read.readCounter,
    mac_ok: read.macOk,
    ...(read.file === null ? {} : { file_data_hex: compact(read.file) }),
  };
  if (!read.macOk) return { ...values, ...refused("wrong MAC: reject") };
  const last = typeof context.last_read_ctr === "number" ? context.last_read_ctr : null;
  if (isCounterFresh(read.readCounter, last)) return values;
  return { ...values, ...refused(`read_ctr ${read.readCounter} <= last seen ${last}: replayed URL/photo of an old tap`) };
};

const an10922: Decoder = (message) => {
  const [master, uid] = [field(message, "master_key"), anyField(message, "uid")];
  if (master === null || uid === null)
    return refused('needs "context" with master_key (16 bytes) and uid; aid and system_id if the site uses them');
  const [aid, system] = [anyField(message, "aid"), anyField(message, "system_id")];
  if (uid.length + (aid?.length ?? 0) + (system?.length ?? 0) > 31) return refused("uid, aid and system_id together have at most 31 bytes");
  return {
    diversified_key: compact(diversifiedKey(master, { uid, ...(aid === null ? {} : { aid }), ...(system === null ? {} : { system }) })),
  };
};

function anyField({ context }: Recorded, name: string): Uint8Array | null {
  const found = bytesOf(context[name]);
  return found === null || found.length === 0 ? null : found;
}

function field(message: Recorded, name: string, bytes = 16): Uint8Array | null {
  const found = anyField(message, name);
  return found?.length === bytes ? found : null;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

function compact(bytes: Uint8Array): string {
  return bytes.toHex().toUpperCase();
}

export const cardDecoders: Readonly<Record<string, Decoder>> = {
  iso14443a,
  "iso14443a-uid": iso14443aUid,
  "desfire-ev1-aes-auth": ev1,
  "ev2-authenticate-first": ev2First,
  "ev2-mac": ev2Mac,
  "ev2-getcarduid": ev2GetCardUid,
  "ntag424-sun-sdm": sun,
  "an10922-key-diversification": an10922,
};
