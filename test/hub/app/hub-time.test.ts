/** How far the hub trusts its own clock: a Pi without a battery clock must not spread yesterday as today (I9). */
import { expect, test } from "vitest";
import { createHubTime } from "../../../hub/app/hub-time.ts";
import { keptLog } from "../../devices/kit/world.ts";
import { realClock } from "../../support/ledger.ts";

const newestEventMs = Date.UTC(2026, 11, 24, 18);

function timeAt(startMs: number, isSynchronised = true) {
  const at = { nowMs: startMs };
  const log = keptLog();
  const time = createHubTime({ clock: { ...realClock, nowMs: () => at.nowMs }, log, newestEventMs, isSynchronised: () => isSynchronised });
  return { at, log, time };
}

test("a clock of 1970, or of before the newest event, is unknown; said once, and once when it is plausible again", () => {
  const { at, log, time } = timeAt(0);
  expect(time.read().quality).toBe("unknown");
  at.nowMs = newestEventMs - 3_600_000;
  expect(time.read()).toMatchObject({ quality: "unknown", floorMs: newestEventMs });
  at.nowMs = newestEventMs + 1000;
  expect(time.read().quality).toBe("synced");
  expect(log.lines.map(({ level }) => level)).toEqual(["error", "info"]);
});

test("a plausible clock that nobody keeps right is held over, not synced", () => {
  expect(timeAt(newestEventMs + 1000, false).time.read().quality).toBe("holdover");
});

test("a node that runs a day ahead does not make the hub's own clock look wrong", () => {
  const { time } = timeAt(newestEventMs + 1000);
  time.noteEvent(newestEventMs + 86_400_000);
  expect(time.read().quality).toBe("synced");
});
