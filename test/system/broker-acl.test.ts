/** The access matrix on real connections, foreign credentials, takeovers, and the moment between CONNECT and its verification. */
import { connect as connectTcp, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicPath } from "#contract";
import { identityOf, usernameOf } from "../../hub/broker/acl.ts";
import type { BrokerAlarm } from "../../hub/broker/alarms.ts";
import { createEmbeddedBroker, type EmbeddedBroker } from "../../hub/broker/embedded.ts";
import { type Case, identities, matrix, oracle } from "../hub/broker/acl-matrix.ts";
import { type HubMessage, pause, secretOf, silentLog, site, until } from "../support/bus-suite.ts";
import { connectFrame, publishFrame, seededRandom, subscribeFrame, talk } from "../support/mqtt-fuzz.ts";
import { slowdown } from "../support/slowdown.ts";

let broker: EmbeddedBroker;
let verifyMs = 0;
const heard: HubMessage[] = [];
const alarms: BrokerAlarm[] = [];

beforeAll(async () => {
  broker = await createEmbeddedBroker({
    site,
    tls: null,
    plainPort: 0,
    log: silentLog,
    quotas: { messagesPerSecond: 100_000, messagesBurst: 100_000, subscriptions: 100_000, retainedPerNode: 1000 },
    onAlarm: (alarm) => alarms.push(alarm),
    verify: async (identity, secret) => {
      if (verifyMs > 0) await pause(verifyMs);
      return Buffer.from(secret).toString() === secretOf(usernameOf(identity));
    },
  });
  broker.onMessage((message) => heard.push(message));
});
afterAll(async () => {
  await broker.close();
});

const port = (): number => broker.ports.plain ?? 0;
const hello = (username: string, more: Partial<Parameters<typeof connectFrame>[0]> = {}): Buffer =>
  connectFrame({ clientId: username, username, password: secretOf(username), ...more });
const accepted = (answer: Buffer): boolean => answer.subarray(0, 4).equals(Buffer.from([0x20, 2, 0, 0]));

/** What a real connection was allowed: the message reached the hub, the filter was granted, the message was delivered. */
async function tried(one: Case, n: number): Promise<boolean> {
  const username = usernameOf(one.identity);
  const marker = `case ${n}`;
  switch (one.verb) {
    case "publish":
    case "publish-retained": {
      const frame = publishFrame(one.topic, Buffer.from(marker), { qos: 1, id: 9, retain: one.verb === "publish-retained" });
      await talk(port(), [hello(username), frame], 2000, (answer) => answer.includes(Buffer.from([0x40, 2, 0, 9])));
      return heard.some((m) => m.path === one.topic && m.node === one.identity.id && Buffer.from(m.bytes).toString() === marker);
    }
    case "subscribe": {
      const suback = Buffer.from([0x90, 3, 0, 9]);
      const answer = await talk(port(), [hello(username), subscribeFrame(9, [one.topic])], 2000, (so) => so.includes(suback));
      const at = answer.indexOf(suback);
      return at >= 0 && (answer[at + 4] ?? 128) < 128;
    }
    case "receive":
      return await received(one, username, marker);
  }
}

/** Subscribes to everything and to the topic; then the hub says it there, and lastly where this identity surely hears. */
async function received(one: Case, username: string, marker: string): Promise<boolean> {
  const heardLast = {
    node: topicPath(site, "siteMode"),
    newcomer: topicPath(site, "enrolOffer", one.identity.id),
    display: topicPath(site, "machinePublic", "end"),
  }[one.identity.role];
  const filters = ["#", "+/#", one.topic, heardLast];
  let isSaid = false;
  const end = `end of ${marker}.`;
  const answer = await talk(port(), [hello(username), ...filters.map((filter, i) => subscribeFrame(i + 1, [filter]))], 3000, (so) => {
    if (!isSaid && so.includes(Buffer.from([0x90, 3, 0, 4]))) {
      isSaid = true;
      void broker.publishRaw(one.topic, Buffer.from(`${marker}.`), { qos: 0 }).catch(() => undefined);
      void broker.publishRaw(heardLast, Buffer.from(end), { qos: 0 });
    }
    return so.includes(end);
  });
  return answer.toString("latin1").replace(end, "").includes(`${marker}.`);
}

describe("the access list on real connections", () => {
  it("answers 1,200 sampled cases and every allowed one as the oracle does", async () => {
    const random = seededRandom(3);
    const cases = [...matrix()].filter((one) => one.topic !== "" && !(one.verb === "receive" && /[+#]/.test(one.topic)));
    const allowed = cases.filter(oracle);
    const sample = [...Array.from({ length: 1200 }, () => cases[Math.floor(random() * cases.length)] as Case), ...allowed];
    const wrong: string[] = [];
    // One lane for each identity, so that none takes over its own connection.
    const lanes = identities.map((identity) => sample.filter((one) => one.identity === identity));
    await Promise.all(
      lanes.map(async (own) => {
        for (const [i, one] of own.entries()) {
          if ((await tried(one, i)) !== oracle(one)) wrong.push(`${usernameOf(one.identity)} ${one.verb} ${JSON.stringify(one.topic)}`);
        }
      }),
    );
    console.log(`real connections: ${sample.length} cases, ${sample.filter(oracle).length} allowed, mismatches ${wrong.length}`);
    expect(wrong.slice(0, 10)).toEqual([]);
  });

  it("admits 50 names with their own secrets and none of 2,450 with another's", async () => {
    const names = Array.from({ length: 50 }, (_, i) => `node-${i}`);
    let [good, foreign, pairs] = [0, 0, 0];
    for (const name of names) {
      const answers = await Promise.all(
        names.map(async (other) => ({
          other,
          ok: accepted(await talk(port(), [hello(name, { password: secretOf(other) })], 2000, (so) => so.length >= 4)),
        })),
      );
      pairs += answers.length;
      good += answers.filter(({ other, ok }) => ok && other === name).length;
      foreign += answers.filter(({ other, ok }) => ok && other !== name).length;
    }
    console.log(`identity × secret: ${pairs} pairs, own ${good}, foreign ${foreign}`);
    expect([good, foreign]).toEqual([50, 0]);
  });

  it("knows no client id but the user name, and no will but the own state", async () => {
    const will = (topic: string) => ({ will: { topic, payload: "gone" } });
    const answers = await Promise.all([
      talk(port(), [hello("laser-1", { clientId: "laser-2" })]),
      talk(port(), [hello("laser-1", { clientId: "" })]),
      talk(port(), [connectFrame({ clientId: "laser-1" })]),
      talk(port(), [hello("laser-1", will(topicPath(site, "nodeState", "laser-2")))]),
      talk(port(), [hello("laser-1", will(topicPath(site, "events", "laser-1")))]),
      talk(port(), [hello("laser-1", will("$SYS/x/new/clients"))]),
      talk(port(), [hello("laser-1", { keepaliveS: 0 })]),
      talk(port(), [hello("laser-1", will(topicPath(site, "nodeState", "laser-1")))]),
    ]);
    expect(answers.map(accepted)).toEqual([false, false, false, false, false, false, false, true]);
  });

  it("raises the alarm when two programs fight for one identity, and keeps one of them", async () => {
    const sockets: Socket[] = [];
    for (let i = 0; i < 6; i += 1) {
      const socket = connectTcp(port(), "127.0.0.1").on("error", () => undefined);
      socket.write(hello("fighter-1"));
      sockets.push(socket);
      await until(
        "it is in",
        () => broker.isOnline("fighter-1") && (i === 0 || sockets[i - 1]?.destroyed === true || sockets[i - 1]?.readableEnded === true),
      );
      socket.resume();
      await pause(30);
    }
    expect(alarms).toContainEqual({ kind: "flap", node: "fighter-1", takeoversPerMinute: 4 });
    expect(broker.isOnline("fighter-1")).toBe(true);
    for (const socket of sockets) socket.destroy();
    await until("it is out", () => !broker.isOnline("fighter-1"));
  });

  it("handles nothing of what follows a CONNECT before the secret is verified, and all of it afterwards", async () => {
    verifyMs = 200;
    const lastsMs = 400 * slowdown();
    const marker = Buffer.from("pipelined");
    const frames = Array.from({ length: 5 }, (_, i) =>
      publishFrame(topicPath(site, "nodeHeartbeat", "eager-1"), marker, { qos: 1, id: i + 1 }),
    );
    const count = (): number => heard.filter((m) => m.node === "eager-1" && Buffer.from(m.bytes).equals(marker)).length;
    const bad = talk(port(), [hello("eager-1", { password: "wrong" }), ...frames], lastsMs);
    await pause(120);
    expect(count()).toBe(0);
    await bad;
    expect(count()).toBe(0);
    const oneWrite = talk(port(), [Buffer.concat([hello("eager-1"), ...frames])], lastsMs);
    await pause(100);
    expect(count()).toBe(0);
    await oneWrite;
    expect(count()).toBe(5);
    await talk(port(), [hello("eager-1"), ...frames], lastsMs);
    expect(count()).toBe(10);
    verifyMs = 0;
  });

  it("ends a connection whose secret cannot be checked in 2 s", async () => {
    verifyMs = 2600;
    const startMs = performance.now();
    const answer = await talk(port(), [hello("laser-1")], 4000);
    verifyMs = 0;
    expect(answer).toEqual(Buffer.from([0x20, 2, 0, 3]));
    expect(performance.now() - startMs).toBeLessThan(2000 + 500 * slowdown());
  });

  it("knows the identities of the matrix", () => {
    expect(identities.map((identity) => identityOf(usernameOf(identity)))).toEqual(identities);
  });
});
