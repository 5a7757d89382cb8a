import { expect, test } from "vitest";
import type { Command } from "#contract";
import { type Answer, createCommandGate, type Order } from "../../../devices/kit/commands.ts";

const boot = "0123456789abcdef";
function world() {
  const state = { mono: 1000, nowMs: 5_000_000 as number | null, conn: 7, nonces: 0 };
  const orders: Order[] = [];
  const answers: Answer[] = [];
  const gate = createCommandGate({
    boot,
    conn: () => state.conn,
    monoMs: () => state.mono,
    nowMs: () => state.nowMs,
    nonce: () => (state.nonces++).toString(16).padStart(24, "0"),
    carryOut(order, done) {
      orders.push(order);
      done("applied", null);
    },
  });
  let ids = 0;
  const give = (change: Partial<Command>, id = `01J${String(ids++).padStart(23, "0")}`, isRetained = false) => {
    const command: Command = {
      op: "prepare",
      ch: "door",
      permissive: "door.unlock",
      issuedMs: 5_000_000,
      ttlMs: 3000,
      boot,
      conn: 7,
      actor: "1",
      ...change,
    };
    const before = answers.length;
    gate.take(id, command, isRetained, (answer) => void answers.push(answer));
    return answers[before];
  };
  return { state, orders, gate, give };
}

test("an unlock needs prepare, the challenge and commit, and then happens once", () => {
  const { give, orders } = world();
  const challenge = give({})?.challenge ?? "";
  expect(challenge).toMatch(/^[0-9a-f]{24}$/);
  expect(orders).toHaveLength(0);
  expect(give({ op: "commit", challenge })).toMatchObject({ status: "applied" });
  expect(orders).toMatchObject([{ kind: "permissive", what: "door.unlock", ch: "door" }]);
  expect(give({ op: "commit", challenge })).toMatchObject({ status: "rejected", code: "NONCE_UNKNOWN" });
  expect(orders).toHaveLength(1);
});

test("a commit is too late two seconds after its challenge", () => {
  const { give, orders, state } = world();
  const challenge = give({})?.challenge ?? "";
  state.mono += 2001;
  expect(give({ op: "commit", challenge })).toMatchObject({ status: "rejected", code: "CHALLENGE_EXPIRED" });
  expect(orders).toHaveLength(0);
});

test("a command of another connection or boot, a retained one and an expired one move nothing", () => {
  const { give, orders, state } = world();
  expect(give({ conn: 6 })).toMatchObject({ code: "WRONG_CONNECTION" });
  expect(give({ boot: "fedcba9876543210" })).toMatchObject({ code: "WRONG_BOOT" });
  expect(give({ op: "stop_now" }, undefined, true)).toBeUndefined();
  state.nowMs = 5_003_001;
  expect(give({})).toMatchObject({ status: "expired", code: "TTL_EXPIRED" });
  expect(orders).toHaveLength(0);
});

test("a restrictive command is obeyed late, a repeated one is answered as before", () => {
  const { give, orders, state } = world();
  state.nowMs = 9_000_000;
  const id = "01J99999999999999999999999";
  expect(give({ op: "relock" }, id)).toMatchObject({ status: "applied" });
  expect(give({ op: "relock" }, id)).toMatchObject({ status: "duplicate" });
  expect(orders).toHaveLength(1);
});

test("a new connection voids the challenges of the old one, and only eight can be open", () => {
  const { give, orders, state, gate } = world();
  const challenge = give({})?.challenge ?? "";
  gate.reset();
  state.conn = 8;
  expect(give({ op: "commit", challenge, conn: 8 })).toMatchObject({ code: "NONCE_UNKNOWN" });
  for (let i = 0; i < 8; i += 1) expect(give({ conn: 8 })?.status).toBe("challenge");
  expect(give({ conn: 8 })).toMatchObject({ status: "rejected", code: "INHIBITED" });
  expect(orders).toHaveLength(0);
});

test("a challenge for one channel opens no other", () => {
  const { give, orders } = world();
  const challenge = give({})?.challenge ?? "";
  expect(give({ op: "commit", challenge, ch: "back-door" })).toMatchObject({ code: "BAD_ARGS" });
  expect(orders).toHaveLength(0);
});
