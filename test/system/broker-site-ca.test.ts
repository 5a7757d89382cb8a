/** The site's authority: made once, kept, renewed in time, and never replaced when it is damaged. */
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSiteTls, renewWithinMs } from "../../hub/broker/site-ca.ts";

const dayMs = 86_400_000;
const nowMs = Date.UTC(2027, 2, 1);
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "koprade-ca-"));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});
const load = (over: { names?: string[]; nowMs?: number } = {}) =>
  loadSiteTls({ dir, site: "valmiera", names: ["hub.local", "192.168.7.5"], nowMs, ...over });

describe("the site's authority", () => {
  it("is made once, with secret keys, and accepted by OpenSSL for all its names", async () => {
    const first = await load();
    expect(first.made).toBe("authority");
    for (const name of ["ca.key", "server.key"]) expect(((await stat(join(dir, name))).mode & 0o777).toString(8)).toBe("600");
    for (const flags of [
      ["-verify_hostname", "hub.local"],
      ["-verify_ip", "192.168.7.5"],
      ["-verify_hostname", "localhost"],
    ]) {
      const said = execFileSync("openssl", [
        "verify",
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-CAfile",
        join(dir, "ca.crt"),
        ...flags,
        join(dir, "server.crt"),
      ]);
      expect(said.toString()).toContain("OK");
    }
    expect(new X509Certificate(first.certPem).checkHost("evil.example")).toBeUndefined();
    const startMs = performance.now();
    expect(await load()).toEqual({ ...first, made: "nothing" });
    console.log(`certificates loaded in ${(performance.now() - startMs).toFixed(1)} ms`);
  });

  it("signs a new certificate before the old one ends, and when the hub has a new name, but stays itself", async () => {
    const first = await load();
    expect((await load({ nowMs: first.notAfterMs - renewWithinMs - dayMs })).made).toBe("nothing");
    const renewed = await load({ nowMs: first.notAfterMs - renewWithinMs + dayMs });
    expect([renewed.made, renewed.caPem]).toEqual(["certificate", first.caPem]);
    expect(renewed.notAfterMs).toBeGreaterThan(first.notAfterMs);
    expect((await load({ names: ["other.local"] })).made).toBe("certificate");
    expect((await load({ names: ["other.local", "not a name!", ...Array.from({ length: 90 }, (_, i) => `10.0.0.${i}`)] })).made).toBe(
      "certificate",
    );
  });

  it("starts on a clock that is decades wrong", async () => {
    const early = await load({ nowMs: 0 });
    expect(early.notAfterMs).toBeGreaterThan(Date.UTC(2027, 6, 1));
    expect((await load({ nowMs })).made).toBe("nothing");
  });

  it("closes a key that others could read", async () => {
    await load();
    await chmod(join(dir, "ca.key"), 0o644);
    await load();
    expect((await stat(join(dir, "ca.key"))).mode & 0o777).toBe(0o600);
  });

  it("makes a lost or damaged server certificate again", async () => {
    await load();
    await writeFile(join(dir, "server.crt"), "half a cert");
    expect((await load()).made).toBe("certificate");
    await rm(join(dir, "server.key"));
    expect((await load()).made).toBe("certificate");
  });

  it("never replaces a damaged authority, and says what to do", async () => {
    await load();
    const good = await readFile(join(dir, "ca.crt"));
    await writeFile(join(dir, "ca.crt"), good.subarray(0, 200));
    await expect(load()).rejects.toMatchObject({ code: "CA_UNREADABLE", fix: expect.stringContaining("backup") });
    await writeFile(join(dir, "ca.crt"), await readFile(join(dir, "server.crt")));
    await expect(load()).rejects.toMatchObject({ code: "CA_MISMATCH" });
    await writeFile(join(dir, "ca.crt"), good);
    await rm(join(dir, "ca.key"));
    await expect(load()).rejects.toMatchObject({ code: "CA_UNREADABLE" });
  });
});
