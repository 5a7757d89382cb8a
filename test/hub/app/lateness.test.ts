/** How late a message is, by the steady clocks of node and hub. */
import { expect, test } from "vitest";
import { encode, topicPath } from "#contract";
import { openIntake } from "../../../hub/app/intake.ts";
import { createLateness } from "../../../hub/app/lateness.ts";
import { quietLog } from "../../support/ledger.ts";

test("a message is as late as it came after the fastest of the last minutes, by node and boot", () => {
  let nowMono = 0;
  const lateness = createLateness({ monoMs: () => nowMono });
  const late = (atS: number, mono: number, boot = "a", node = "saw") => {
    nowMono = atS * 1000;
    return lateness(node, { boot, mono });
  };
  expect([late(100, 50_000), late(110, 60_000 - 7000), late(111, 61_000 + 40), late(112, 62_000)]).toEqual([0, 7000, 0, 40]);
  expect(late(113, 63_000, "a", "mill")).toBe(0);
  expect(late(113, 500, "b")).toBe(0); // it has started anew
  expect(late(114, 1500 - 2000, "b")).toBe(2000);
  // a network that stays slower is not late for ever
  expect([late(420, 307_500 - 300, "b"), late(700, 587_500 - 300, "b")]).toEqual([300, 300]);
  expect([late(1100, 987_500 - 300, "b"), late(1101, 988_500 - 300, "b")]).toEqual([0, 0]);
});

test("samples that a network held back are of the time when they were measured, also after the hub's clock was set", () => {
  const [wallMs, monoMs] = [Date.UTC(2026, 5, 1, 12), 5_000_000];
  let [nowS, setMs] = [0, 0];
  let deliver: (message: { path: string; node: string; bytes: Uint8Array }) => void = () => undefined;
  const got: number[] = [];
  const given = {
    bus: {
      onMessage(handle: typeof deliver) {
        deliver = handle;
      },
      onConnection: () => undefined,
    },
    clock: { nowMs: () => wallMs + setMs + nowS * 1000, monoMs: () => monoMs + nowS * 1000 + (nowS % 3) * 0.3 }, // a steady clock has fractions, an instant has none
    log: quietLog(),
    site: "here",
    links: { isShutOut: () => false, heard: () => undefined },
    live: { telemetry: () => ({ id: "saw-1" }) },
    series: { power: (_machine: string, samples: readonly { atMs: number }[]) => got.push(...samples.map(({ atMs }) => atMs - wallMs)) },
  };
  openIntake(given as unknown as Parameters<typeof openIntake>[0]);
  const send = (sentS: number, lateS: number): void => {
    nowS = sentS + lateS;
    const sender = {
      id: "01JDGC5F7W9ZK3T5V0QXN2B8MA",
      src: "saw",
      boot: "00000000000000aa",
      conn: 1,
      mono: sentS * 1000,
      ts: null,
      tq: "unknown",
    } as const;
    const body = { t0Mono: (sentS - 2) * 1000, stepMs: 1000, powerW: [1, 2], voltageV: null, energyWh: null };
    deliver({ path: topicPath("here", "channelTelemetry", "saw", "m"), node: "saw", bytes: encode("channelTelemetry", sender, body) });
  };
  send(10, 0);
  send(20, 9);
  setMs = 3_600_000;
  send(30, 4);
  expect(got).toEqual([8000, 9000, 18_000, 19_000, 3_628_000, 3_629_000]);
});
