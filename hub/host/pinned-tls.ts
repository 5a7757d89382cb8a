/**
 * A TLS connection to a device that signed its own certificate: believed by the fingerprint of that certificate and by nothing else. Not
 * a byte is sent before it has shown the right one, so that an access code goes to nobody in its place.
 */
import { createHash } from "node:crypto";
import { connect, type TLSSocket } from "node:tls";

export type Pinned =
  | { readonly ok: true; readonly socket: TLSSocket }
  /** `shown`: the fingerprint of what is there instead; null: nothing answered */
  | { readonly ok: false; readonly shown: string | null; readonly why: string };

const handshakeLimitMs = 8000;

/** Colons and capitals are a matter of taste. */
export const fingerprintText = (text: string): string => text.replaceAll(":", "").trim().toLowerCase();

/** `fingerprint`: SHA-256 in hex; null: none is known yet, and the answer says which one is shown. Never throws. */
export function dialPinned(host: string, port: number, fingerprint: string | null): Promise<Pinned> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, minVersion: "TLSv1.2", rejectUnauthorized: false });
    const refuse = (why: string, shown: string | null = null): void => {
      clearTimeout(limit);
      socket.destroy();
      resolve({ ok: false, shown, why });
    };
    const limit = setTimeout(() => refuse("it did not answer in time"), handshakeLimitMs);
    socket.on("error", (error) => refuse(error.message));
    socket.once("secureConnect", () => {
      const { raw } = socket.getPeerCertificate() as { readonly raw?: Uint8Array };
      const shown = raw === undefined ? null : createHash("sha256").update(raw).digest("hex");
      if (fingerprint === null) return refuse("the fingerprint of its certificate is not set", shown);
      if (shown !== fingerprintText(fingerprint)) return refuse("it shows another certificate than the one that is pinned", shown);
      clearTimeout(limit);
      socket.setNoDelay(true);
      return resolve({ ok: true, socket });
    });
  });
}
