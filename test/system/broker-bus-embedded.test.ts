/** The shared bus suite against the embedded broker, over TLS with the site's own authority. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { usernameOf } from "../../hub/broker/acl.ts";
import { createEmbeddedBroker } from "../../hub/broker/embedded.ts";
import { loadSiteTls } from "../../hub/broker/site-ca.ts";
import { accounts, busSuite, secretOf, silentLog, site } from "../support/bus-suite.ts";

describe("the embedded broker", () => {
  busSuite(async () => {
    const dir = await mkdtemp(join(tmpdir(), "koprade-bus-"));
    const tls = await loadSiteTls({ dir, site, names: [], nowMs: Date.now() });
    const known = new Set([...accounts.nodes, ...accounts.displays, ...accounts.newcomers.map((fp) => `enrol-${fp}`)]);
    const bus = await createEmbeddedBroker({
      site,
      tls,
      tlsPort: 0,
      log: silentLog,
      verify: async (identity, secret) => {
        const username = usernameOf(identity);
        return known.has(username) && Buffer.from(secret).toString() === secretOf(username);
      },
    });
    return {
      bus,
      endpoint: { port: bus.ports.tls ?? 0, caPem: tls.caPem },
      close: async () => {
        await bus.close();
        await rm(dir, { recursive: true });
      },
    };
  });
});
