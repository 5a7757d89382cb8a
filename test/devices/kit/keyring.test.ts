/** Which keys a node speaks with while it changes them: those that the hub knows, whatever was cut off when. */
import { expect, it } from "vitest";
import { createKeyring } from "../../../devices/kit/keyring.ts";
import { keptLog } from "./world.ts";

const voice = (name: string, byte: number) => ({ secret: `${name}-secret-of-a-node`, mac: new Uint8Array(32).fill(byte) });
const [now, before] = [voice("new", 1), voice("old", 2)];
const given = { path: "/nowhere/keys.json", site: "valmiera", node: "door-1", file: {}, now, log: keptLog() };
const seal = (keyring: ReturnType<typeof createKeyring>) => Buffer.from(keyring.mac(new Uint8Array(1))).toString("hex");

it("speaks with the new ones first, with the old ones when the hub does not know the new, and in turn", () => {
  const keyring = createKeyring({ ...given, before });
  const fresh = seal(keyring);
  const used = [keyring.secret()];
  for (let i = 0; i < 3; i += 1) {
    keyring.refused();
    used.push(keyring.secret());
  }
  expect(used).toEqual([now.secret, before.secret, now.secret, before.secret]);
  expect(seal(keyring)).not.toBe(fresh); // password and seal go together
});

it("has no others when it has heard the hub speak with the new ones, nor when there never were any", () => {
  for (const keyring of [createKeyring({ ...given, before }), createKeyring({ ...given, before: undefined })]) {
    keyring.heard();
    keyring.refused();
    expect(keyring.secret()).toBe(now.secret);
  }
});

it("takes nothing that is not encrypted to this start of this node", async () => {
  const keyring = createKeyring({ ...given, before: undefined });
  const rubbish = { ephemeralKey: "A".repeat(43), iv: "A".repeat(16), cipher: "A".repeat(100) };
  expect(await keyring.take({ ...rubbish, boxKey: "B".repeat(43) })).toBe(false);
  expect(await keyring.take({ ...rubbish, boxKey: keyring.boxKey })).toBe(false);
  expect(keyring.secret()).toBe(now.secret);
});
