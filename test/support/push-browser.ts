/** A browser's end of Web Push, written from RFC 8291 and RFC 8188 alone: its keys, and what it makes of what arrives. */
import { createDecipheriv, createECDH, createHmac, createPublicKey, randomBytes, verify } from "node:crypto";

const hmac = (key: Buffer, ...data: readonly Buffer[]): Buffer => createHmac("sha256", key).update(Buffer.concat(data)).digest();
/** HKDF-SHA-256 (RFC 5869) for up to 32 bytes */
const hkdf = (salt: Buffer, key: Buffer, info: Buffer, length: number): Buffer =>
  hmac(hmac(salt, key), info, Buffer.from([1])).subarray(0, length);

export function aPushBrowser() {
  const own = createECDH("prime256v1");
  own.generateKeys();
  const auth = randomBytes(16);
  return {
    pushKeys: { p256dh: own.getPublicKey("base64url"), auth: auth.toString("base64url") },
    /** RFC 8188 §2.1: salt, record size, the sender's key; then one record. Throws for what is not for this browser. */
    read(body: Buffer): unknown {
      const [salt, idLength] = [body.subarray(0, 16), body.readUInt8(20)];
      const sender = body.subarray(21, 21 + idLength);
      const sealed = body.subarray(21 + idLength);
      const info = Buffer.concat([Buffer.from("WebPush: info\0"), own.getPublicKey(), sender]);
      const secret = hkdf(auth, own.computeSecret(sender), info, 32);
      const key = hkdf(salt, secret, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
      const nonce = hkdf(salt, secret, Buffer.from("Content-Encoding: nonce\0"), 12);
      const cipher = createDecipheriv("aes-128-gcm", key, nonce);
      cipher.setAuthTag(sealed.subarray(-16));
      const padded = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
      return JSON.parse(padded.subarray(0, padded.lastIndexOf(2)).toString());
    },
  };
}

/** RFC 8292 §3: the claims in `vapid t=…,k=…`; throws unless `k` has signed them and is the key that the browser subscribed with. */
export function vapidClaims(
  authorization: string,
  subscribedWith: string,
): { readonly aud: string; readonly sub: string; readonly exp: number } {
  const [, token = "", key = ""] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(authorization) ?? [];
  const [head = "", claims = "", signature = ""] = token.split(".");
  if (key !== subscribedWith) throw new Error("signed with another key");
  const point = Buffer.from(key, "base64url");
  const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
  const publicKey = createPublicKey({ key: jwk, format: "jwk" });
  const signed = { key: publicKey, dsaEncoding: "ieee-p1363" as const };
  if (!verify("sha256", Buffer.from(`${head}.${claims}`), signed, Buffer.from(signature, "base64url"))) throw new Error("not signed");
  return JSON.parse(Buffer.from(claims, "base64url").toString());
}
