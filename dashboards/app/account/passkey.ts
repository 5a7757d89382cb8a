/** Passkeys in this browser: only where it may keep secrets (TLS or this very computer) and under a name, not a bare address. */
import { post } from "../../shared/api.ts";
import { anything } from "../../shared/wire.ts";
import { halfOrSignedIn, offered } from "./wire.ts";

export const canPasskey = (): boolean =>
  isSecureContext && typeof PublicKeyCredential === "function" && !/^[\d.]+$|:/.test(location.hostname);

const library = () => import("@simplewebauthn/browser");

export async function signInByPasskey(): Promise<void> {
  const { startAuthentication } = await library();
  const options = await post("/api/login/passkey/options", {}, offered);
  const response = await startAuthentication({
    optionsJSON: options as unknown as Parameters<typeof startAuthentication>[0]["optionsJSON"],
  });
  await post("/api/login/passkey", { response }, halfOrSignedIn);
}

export async function makePasskey(given: { readonly name: string; readonly password: string }): Promise<void> {
  const { startRegistration } = await library();
  const options = await post("/api/account/passkeys/options", { password: given.password }, offered);
  const optionsJSON = options as unknown as Parameters<typeof startRegistration>[0]["optionsJSON"];
  const response = await startRegistration({ optionsJSON });
  await post("/api/account/passkeys", { name: given.name, response }, anything);
}
