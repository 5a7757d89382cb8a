import { describe, expect, it } from "vitest";
import { addressKey, defaultQuotas, Gate, isLoopback, RateLimit, RetainedCount } from "../../../hub/broker/quotas.ts";

const guest = (address: string) => {
  const made = {
    address,
    evicted: false,
    evict: (): void => {
      made.evicted = true;
    },
  };
  return made;
};

describe("the quotas", () => {
  it("allow a burst, then the rate, and never save up more than a burst", () => {
    const limit = new RateLimit(50, 200, 0);
    expect(Array.from({ length: 250 }, () => limit.take(1, 0)).filter(Boolean)).toHaveLength(200);
    expect(Array.from({ length: 100 }, () => limit.take(1, 1000)).filter(Boolean)).toHaveLength(50);
    expect(Array.from({ length: 999 }, () => limit.take(1, 3_600_000)).filter(Boolean)).toHaveLength(200);
  });

  it("count by IPv4 address and by IPv6 network", () => {
    expect(addressKey("::ffff:10.0.0.7")).toBe("10.0.0.7");
    expect(addressKey("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2");
    expect(addressKey("2001:db8::5")).toBe("2001:db8:0:0");
    expect(addressKey("fe80::1%eth0")).toBe("fe80:0:0:0");
    expect([isLoopback(addressKey("::1")), isLoopback(addressKey("127.3.4.5")), isLoopback("10.0.0.1")]).toEqual([true, true, false]);
  });

  it("refuse the eleventh connection and the sixth silent one of an address", () => {
    const gate = new Gate(defaultQuotas);
    const silent = Array.from({ length: 6 }, () => guest("10.0.0.1"));
    expect(silent.map((one) => gate.enter(one))).toEqual([...Array(5).fill(undefined), "unauthenticated-per-address"]);
    for (const one of silent.slice(0, 5)) gate.known(one);
    const more = Array.from({ length: 6 }, () => guest("10.0.0.1"));
    for (const one of more) if (gate.enter(one) === undefined) gate.known(one);
    expect(gate.connections).toBe(10);
    expect(gate.enter(guest("10.0.0.1"))).toBe("connections-per-address");
    expect(gate.enter(guest("10.0.0.2"))).toBeUndefined();
  });

  it("let the longest silent connection make room when the house is full, and nobody when all are known", () => {
    const gate = new Gate({ ...defaultQuotas, connections: 3 });
    const [a, b, c, d] = [guest("127.0.0.1"), guest("127.0.0.1"), guest("127.0.0.1"), guest("127.0.0.1")];
    for (const one of [a, b, c]) gate.enter(one);
    gate.known(a);
    expect(gate.enter(d)).toBeUndefined();
    expect([a.evicted, b.evicted, c.evicted]).toEqual([false, true, false]);
    gate.leave(b);
    expect(gate.connections).toBe(3);
    gate.known(c);
    gate.known(d);
    expect(gate.enter(guest("127.0.0.1"))).toBe("connections");
    for (const one of [a, c, d]) gate.leave(one);
    expect([gate.connections, gate.unauthenticated]).toEqual([0, 0]);
  });

  it("bound retained messages in all and per node, and forget what is emptied", () => {
    const count = new RetainedCount({ retained: 5, retainedPerNode: 2 });
    expect(["a", "b", "c"].map((topic) => count.admit(topic, "door-1", 10))).toEqual([true, true, false]);
    expect(count.admit("a", "door-1", 20)).toBe(true);
    expect(count.admit("a", "door-1", 0)).toBe(true);
    expect(count.admit("c", "door-1", 10)).toBe(true);
    expect(["h1", "h2", "h3", "h4"].map((topic) => count.admit(topic, "", 10))).toEqual([true, true, true, false]);
    expect(count.size).toBe(5);
  });
});
