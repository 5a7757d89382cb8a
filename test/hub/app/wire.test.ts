import { expect, test } from "vitest";
import { createWire } from "../../../hub/app/wire.ts";
import { HubError } from "../../../hub/errors.ts";
import type { Bus } from "../../../hub/ports.ts";
import { systemIds } from "../../../hub/system.ts";
import { bootOf, quietLog, realClock } from "../../support/ledger.ts";

function wireTo(publish: Bus["publish"]) {
  const log = quietLog();
  const bus: Bus = {
    publish,
    onMessage: () => undefined,
    onConnection: () => undefined,
    drop: () => undefined,
    endsConnections: true,
    close: async () => undefined,
  };
  return {
    log,
    wire: createWire({
      bus,
      clock: realClock,
      time: { read: () => ({ nowMs: 1, floorMs: 1, quality: "synced" as const }), noteEvent: () => {} },
      ids: systemIds,
      log,
      boot: bootOf(1),
      macOf: () => (bytes) => bytes,
    }),
  };
}

test("a bus that is away is not complained of with every message; a message it refuses is", async () => {
  const away = wireTo(() => Promise.reject(new HubError("BUS_CLOSED")));
  expect(await away.wire.send("hubTime", [], { hubMs: 1, quality: "synced" })).toBe(false);
  expect(away.log.lines).toEqual([]);
  const full = wireTo(() => Promise.reject(new HubError("RETAINED_FULL")));
  expect(await full.wire.send("hubTime", [], { hubMs: 1, quality: "synced" })).toBe(false);
  expect(full.log.lines).toEqual([expect.stringContaining("could not be published")]);
});
