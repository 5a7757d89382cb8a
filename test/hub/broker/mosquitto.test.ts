import { describe, expect, it } from "vitest";
import { mosquittoConfig } from "../../../hub/broker/mosquitto.ts";

const request = {
  site: "valmiera",
  hub: { username: "koprade-hub", secret: "s" },
  accounts: [
    { identity: { role: "node" as const, id: "door-1" }, secret: "s" },
    { identity: { role: "display" as const, id: "display-hall" }, secret: "s" },
    { identity: { role: "newcomer" as const, id: "0123456789abcdef" }, secret: "s" },
  ],
  port: 8883,
  tls: { certFile: "/c", keyFile: "/k" },
  aclFile: "/acl",
  passwordFile: "/pw",
};
const rulesOf = (acl: string, user: string): string[] =>
  (acl.split("\n\n").find((block) => block.startsWith(`user ${user}\n`)) ?? "").trim().split("\n").slice(1);

describe("the files for mosquitto", () => {
  const files = mosquittoConfig(request);

  it("give each role its rows and nothing else", () => {
    const root = "koprade/1/valmiera";
    expect(rulesOf(files.acl, "display-hall")).toEqual([`topic read ${root}/pub/+`]);
    expect(rulesOf(files.acl, "enrol-0123456789abcdef")).toEqual([
      `topic write ${root}/enrol/0123456789abcdef/hello`,
      `topic read ${root}/enrol/0123456789abcdef/offer`,
    ]);
    const door = rulesOf(files.acl, "door-1");
    expect(door).toContain(`topic write ${root}/n/door-1/evt`);
    expect(door).toContain(`topic read ${root}/n/door-1/cmd`);
    expect(door).toContain(`topic readwrite ${root}/n/door-1/state`);
    expect(door.filter((rule) => /\/n\/\+|#|pub|enrol|topic write .*\/(cmd|res|cfg|lock|snap|evt-ack|hub|mode)$/.test(rule))).toEqual([]);
  });

  it("bind the client id to the account, admit nobody without one, and hold no secret in clear", () => {
    expect(files.conf).toContain("use_username_as_clientid true");
    expect(files.conf).toContain("allow_anonymous false");
    expect(files.passwords.trim().split("\n")).toHaveLength(4);
    for (const line of files.passwords.trim().split("\n"))
      expect(line).toMatch(/^[a-z0-9-]+:\$7\$\d+\$[A-Za-z0-9+/=]{16}\$[A-Za-z0-9+/=]{88}$/);
  });

  it("take no name that could begin a line of its own", () => {
    const evil = { identity: { role: "node" as const, id: "door-1\ntopic read #" }, secret: "s" };
    expect(() => mosquittoConfig({ ...request, accounts: [evil] })).toThrow("not an account's name");
    expect(() => mosquittoConfig({ ...request, hub: { username: "a:b", secret: "s" } })).toThrow("not an account's name");
  });
});
