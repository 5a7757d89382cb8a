/**
 * Cards that prove a key: DESFire EV1 (AA), and EV2First (71) of DESFire EV2, EV3 and NTAG 424 DNA (NXP AN12196 §6.6).
 *
 *   host ─▶ AA or 71    card ─▶ E(B)    host ─▶ E(A, B')    card ─▶ E(A')  EV1        B' is B rotated by a byte
 *                                                                   E(TI, A', caps)   EV2
 *
 * EV1 chains its IV through the exchange; EV2 starts each message with zeros. Both sides prove themselves: a card that knows no
 * key cannot answer, and a recorded answer fits no other A. A must come fresh from the operating system's dice for every card.
 */
import {
  aesBlock,
  aesCbcDecrypt,
  aesCbcEncrypt,
  aesCmac,
  aesEncryptBlock,
  nxpMac,
  padded,
  rotated,
  sameBytes,
  unpadded,
  zeroBlock,
} from "./aes-cmac.ts";

export type CardAuthRefusal = "length" | "wrong key or replay";

export type Ev1Proof = { readonly kind: "proved"; readonly sessionKey: Uint8Array };
export type Ev2Session = { readonly ti: Uint8Array; readonly encKey: Uint8Array; readonly macKey: Uint8Array };
export type Ev2Proof = Ev2Session & { readonly kind: "proved"; readonly pdCaps: Uint8Array; readonly pcdCaps: Uint8Array };
export type CardAuthRefused = { readonly kind: "refused"; readonly why: CardAuthRefusal };

/** The host's side after the card's challenge: what to send, and the check of what comes back. */
export type CardAuth<Proof> = {
  readonly kind: "started";
  /** the card's secret B; for tests and recordings */
  readonly rndB: Uint8Array;
  readonly token: Uint8Array;
  finish(answer: Uint8Array): Proof | CardAuthRefused;
};

const refused = (why: CardAuthRefusal): CardAuthRefused => ({ kind: "refused", why });

/** @param challenge  E(B) as the card sent it, 16 bytes @param rndA  16 fresh random bytes */
export function answerEv1(key: Uint8Array, rndA: Uint8Array, challenge: Uint8Array): CardAuth<Ev1Proof> | CardAuthRefused {
  if (key.length !== aesBlock || rndA.length !== aesBlock || challenge.length !== aesBlock) return refused("length");
  const rndB = aesCbcDecrypt(key, zeroBlock, challenge);
  const token = aesCbcEncrypt(key, challenge, Uint8Array.from([...rndA, ...rotated(rndB)]));
  return {
    kind: "started",
    rndB,
    token,
    finish(answer) {
      if (answer.length !== aesBlock) return refused("length");
      const back = aesCbcDecrypt(key, token.subarray(-aesBlock), answer);
      if (!sameBytes(back, rotated(rndA))) return refused("wrong key or replay");
      const session = [rndA.subarray(0, 4), rndB.subarray(0, 4), rndA.subarray(12), rndB.subarray(12)];
      return { kind: "proved", sessionKey: Uint8Array.from(session.flatMap((part) => [...part])) };
    },
  };
}

/** As `answerEv1`, for EV2First; the answer has 32 bytes. */
export function answerEv2(key: Uint8Array, rndA: Uint8Array, challenge: Uint8Array): CardAuth<Ev2Proof> | CardAuthRefused {
  if (key.length !== aesBlock || rndA.length !== aesBlock || challenge.length !== aesBlock) return refused("length");
  const rndB = aesCbcDecrypt(key, zeroBlock, challenge);
  return {
    kind: "started",
    rndB,
    token: aesCbcEncrypt(key, zeroBlock, Uint8Array.from([...rndA, ...rotated(rndB)])),
    finish(answer) {
      if (answer.length !== aesBlock * 2) return refused("length");
      const plain = aesCbcDecrypt(key, zeroBlock, answer);
      if (!sameBytes(plain.subarray(4, 20), rotated(rndA))) return refused("wrong key or replay");
      const mixed = rndA.subarray(2, 8).map((byte, i) => byte ^ (rndB[i] ?? 0));
      const vector = (label: readonly number[]) =>
        Uint8Array.from([...label, 0x00, 0x01, 0x00, 0x80, ...rndA.subarray(0, 2), ...mixed, ...rndB.subarray(6), ...rndA.subarray(8)]);
      return {
        kind: "proved",
        ti: plain.slice(0, 4),
        pdCaps: plain.slice(20, 26),
        pcdCaps: plain.slice(26, 32),
        encKey: aesCmac(key, vector([0xa5, 0x5a])),
        macKey: aesCmac(key, vector([0x5a, 0xa5])),
      };
    },
  };
}

const macBytes = 8;

/**
 * What follows the command code in CommMode.FULL (AN12196 §5.4): `header` in the clear, `data` encrypted, and the MAC over both.
 * `counter` is before the command.
 */
export function sealEv2Full(session: Ev2Session, counter: number, command: number, header: Uint8Array, data: Uint8Array): Uint8Array {
  const iv = aesEncryptBlock(session.encKey, Uint8Array.from([0xa5, 0x5a, ...session.ti, ...counterBytes(counter), ...new Uint8Array(8)]));
  const secret = data.length === 0 ? data : aesCbcEncrypt(session.encKey, iv, padded(data));
  const body = Uint8Array.from([...header, ...secret]);
  const mac = nxpMac(session.macKey, Uint8Array.from([command, ...counterBytes(counter), ...session.ti, ...body]));
  return Uint8Array.from([...body, ...mac]);
}

/** Whether a command is MACed in this session; `body` is what stands between header and MAC. `counter` is before the command. */
export function isEv2CommandMacOk(session: Ev2Session, counter: number, command: number, body: Uint8Array, mac: Uint8Array): boolean {
  return sameBytes(nxpMac(session.macKey, Uint8Array.from([command, ...counterBytes(counter), ...session.ti, ...body])), mac);
}

/**
 * The data of an answer in CommMode.MAC (AN12196 §5.3): `answer` is data and MAC, `status` the last byte the card sent. `counter`
 * is after the command, so no answer fits a second time. Null when the MAC is wrong.
 */
export function openEv2Mac(session: Ev2Session, counter: number, status: number, answer: Uint8Array): Uint8Array | null {
  if (answer.length < macBytes) return null;
  const [data, mac] = [answer.slice(0, -macBytes), answer.slice(-macBytes)];
  const expected = nxpMac(session.macKey, Uint8Array.from([status, ...counterBytes(counter), ...session.ti, ...data]));
  return sameBytes(expected, mac) ? data : null;
}

/** As `openEv2Mac` in CommMode.FULL: decrypted after the MAC was found right. */
export function openEv2Full(session: Ev2Session, counter: number, status: number, answer: Uint8Array): Uint8Array | null {
  const secret = openEv2Mac(session, counter, status, answer);
  if (secret === null || secret.length === 0 || secret.length % aesBlock !== 0) return null;
  const iv = aesEncryptBlock(session.encKey, Uint8Array.from([0x5a, 0xa5, ...session.ti, ...counterBytes(counter), ...new Uint8Array(8)]));
  return unpadded(aesCbcDecrypt(session.encKey, iv, secret));
}

function counterBytes(counter: number): readonly [number, number] {
  return [counter & 0xff, (counter >> 8) & 0xff];
}
