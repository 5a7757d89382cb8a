import { describe, expect, it } from "vitest";
import { type FrameFault, FrameGuard } from "../../../hub/broker/frame-guard.ts";
import { connectFrame, frame, pingFrame, publishFrame } from "../../support/mqtt-fuzz.ts";

const connect = connectFrame({ clientId: "door-1", username: "door-1", password: "x" });

function guarded(over: { frameBytesMax?: number; onFrame?: (type: number) => boolean } = {}) {
  const clock = { started: 0, stopped: 0, fire: (): void => undefined };
  let deadlines = 0;
  const guard = new FrameGuard({
    connectBytesMax: 1024,
    frameBytesMax: () => over.frameBytesMax ?? 16_384,
    completeWithinMs: 5000,
    onFrame: over.onFrame ?? (() => true),
    onDeadline: () => {
      deadlines += 1;
    },
    after: (_delayMs, run) => {
      clock.started += 1;
      clock.fire = run;
      return () => {
        clock.stopped += 1;
      };
    },
  });
  return { guard, clock, deadlines: () => deadlines };
}

/** Offers all of the bytes, as the broker does: again from where the guard paused. */
function offer(guard: FrameGuard, bytes: Uint8Array): FrameFault | undefined {
  for (let rest = bytes; rest.length > 0; rest = rest.subarray(guard.taken)) {
    const fault = guard.accept(rest);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

describe("the frame guard", () => {
  it("lets a proper conversation pass, split at every byte", () => {
    const talk = Buffer.concat([connect, publishFrame("a/b", Buffer.alloc(300)), pingFrame, publishFrame("c", Buffer.alloc(0))]);
    for (let at = 0; at <= talk.length; at += 1) {
      const { guard } = guarded();
      expect(offer(guard, talk.subarray(0, at))).toBeUndefined();
      expect(offer(guard, talk.subarray(at))).toBeUndefined();
    }
    const { guard } = guarded();
    for (const byte of talk) expect(offer(guard, Uint8Array.of(byte))).toBeUndefined();
  });

  it.each([
    ["first-not-connect", publishFrame("a", Buffer.from("x"))],
    ["first-not-connect", Buffer.from("GET / HTTP/1.1\r\n")],
    ["connect-too-long", Buffer.from([0x10, 0xff, 0x7f])],
    ["length-of-five-bytes", Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x7f])],
    ["too-long", Buffer.concat([connect, Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])])],
    ["not-from-a-client", Buffer.concat([connect, Buffer.from([0x20, 0x02, 0, 0])])],
    ["not-from-a-client", Buffer.concat([connect, Buffer.from([0xf0, 0])])],
    ["bad-fixed-length", Buffer.concat([connect, frame(0xc0, Buffer.from([1]))])],
    ["bad-fixed-length", Buffer.concat([connect, frame(0x40, Buffer.alloc(90))])],
  ] as const)("says %s at once, and stays with it", (fault, bytes) => {
    const { guard } = guarded();
    expect(offer(guard, bytes)).toBe(fault);
    expect(offer(guard, pingFrame)).toBe(fault);
  });

  it("pauses where the CONNECT ends", () => {
    const { guard } = guarded();
    expect(guard.hasConnect).toBe(false);
    expect(guard.accept(Buffer.concat([connect, pingFrame, Buffer.from([0xff])]))).toBeUndefined();
    expect([guard.hasConnect, guard.taken]).toEqual([true, connect.length]);
    expect(guard.accept(Buffer.concat([pingFrame, Buffer.from([0xff])]))).toBe("not-from-a-client");
  });

  it("judges 256 MB by their header, before they come", () => {
    const { guard } = guarded();
    expect(offer(guard, connect)).toBeUndefined();
    expect(offer(guard, Buffer.from([0x30, 0xff, 0xff, 0xff]))).toBeUndefined();
    expect(offer(guard, Buffer.from([0x7f]))).toBe("too-long");
  });

  it("gives the first frame its time from the start and each later one from its first byte", () => {
    const first = guarded();
    expect(first.clock.started).toBe(1);
    first.clock.fire();
    expect(first.deadlines()).toBe(1);
    expect(offer(first.guard, connect)).toBe("incomplete");

    const later = guarded();
    offer(later.guard, connect);
    expect(later.clock).toMatchObject({ started: 1, stopped: 1 });
    offer(later.guard, publishFrame("a", Buffer.alloc(50)).subarray(0, 10));
    offer(later.guard, Buffer.from([0]));
    expect(later.clock.started).toBe(2);
    later.clock.fire();
    expect(later.deadlines()).toBe(1);
  });

  it("asks about each frame and ends a flood", () => {
    const types: number[] = [];
    const { guard } = guarded({ onFrame: (type) => types.push(type) < 4 });
    expect(offer(guard, Buffer.concat([connect, pingFrame, pingFrame]))).toBeUndefined();
    expect(offer(guard, pingFrame)).toBe("flood");
    expect(types).toEqual([1, 12, 12, 12]);
  });
});
