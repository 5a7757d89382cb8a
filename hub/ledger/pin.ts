/** PINs as they are kept: salted scrypt (RFC 7914), about 50 ms and 16 MB a guess. Four digits stay four digits, so wrong ones are counted too. */
import { randomBytes, scrypt, scryptSync, timingSafeEqual } from "node:crypto";

const cost = { N: 16_384, r: 8, p: 1 } as const;
const hashBytes = 32;

export function hashPin(pin: string): string {
  const salt = randomBytes(16);
  return `${salt.toString("base64url")}.${scryptSync(pin, salt, hashBytes, cost).toString("base64url")}`;
}

/** As `pinIs`, but holds its caller up: for commands. */
export function isPinNow(kept: string, pin: string): boolean {
  const [salt = "", hash = ""] = kept.split(".");
  return scryptSync(pin, Buffer.from(salt, "base64url"), hashBytes, cost).toString("base64url") === hash;
}

export function pinIs(kept: string, pin: string): Promise<boolean> {
  const [salt = "", hash = ""] = kept.split(".").map((part) => Buffer.from(part, "base64url"));
  return new Promise((resolve, reject) => {
    scrypt(pin, salt, hashBytes, cost, (error, made) => {
      if (error !== null) reject(error);
      else resolve(hash.length === made.length && timingSafeEqual(made, hash as Buffer));
    });
  });
}
