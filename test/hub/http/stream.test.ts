import { createServer, get, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createStream, keyOfLive, type Stream, streamsMost } from "../../../hub/http/stream.ts";
import { aFeedItem, aMachine, fakeHub } from "../../support/views.ts";

let server: Server | undefined;
let stream: Stream | undefined;
afterEach(async () => {
  stream?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
});

async function open() {
  const hub = fakeHub();
  let now = 1000;
  const signedIn = new Set(["anna"]);
  const opened = createStream({
    views: hub.views,
    keyOf: keyOfLive,
    stillSignedIn: async (token) => signedIn.has(token),
    nowMs: () => now,
  });
  stream = opened;
  server = createServer((request, response) => {
    const last = request.headers["last-event-id"];
    const taken = opened.open({
      response,
      token: String(request.headers["x-token"] ?? "anna"),
      lastEventId: Array.isArray(last) ? last[0] : last,
      headers: {},
    });
    if (!taken) response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { hub, port, opened, tick: (ms: number) => (now += ms) };
}

type Event = { event: string; id: string; data: unknown };

/** Reads events until `enough` says so. */
function listen(
  port: number,
  headers: Record<string, string>,
  enough: (events: Event[]) => boolean,
): Promise<{ events: Event[]; answer: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", headers, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        const events = text
          .split("\n\n")
          .slice(0, -1)
          .map(eventOf)
          .filter(({ event }) => event !== "");
        if (!enough(events)) return;
        answer.pause();
        resolve({ events, answer });
      });
      answer.on("error", reject);
      if (answer.statusCode !== 200) resolve({ events: [], answer });
    }).on("error", reject);
  });
}

/** Resolves as soon as `words` came over the line; keeps no more than it needs to see them. */
function hears(port: number, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", agent: false }, (answer) => {
      let tail = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        const text = tail + chunk;
        if (text.includes(words)) resolve();
        tail = text.slice(-words.length);
      });
    }).on("error", reject);
  });
}

function eventOf(block: string): Event {
  const field = (name: string) =>
    block
      .split("\n")
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? "";
  const data = field("data");
  return { event: field("event"), id: field("id"), data: data === "" ? undefined : JSON.parse(data) };
}

test("a page starts with the whole picture, then hears every change in order", async () => {
  const { hub, port } = await open();
  const heard = listen(port, {}, (events) => events.filter(({ event }) => event === "change").length === 3);
  await expect.poll(() => stream?.count()).toBe(1);
  for (const powerW of [1, 2, 3]) hub.change({ kind: "machine", machine: aMachine({ powerW }) });
  const { events } = await heard;
  expect(events[0]).toMatchObject({ event: "snapshot", data: { site: { id: "valmiera" } } });
  expect(events.filter(({ event }) => event === "change").map(({ data }) => data)).toMatchObject([
    { machine: { powerW: 1 } },
    { machine: { powerW: 2 } },
    { machine: { powerW: 3 } },
  ]);
});

test("a page that comes back gets what it missed; one from before a restart or too long ago gets the whole picture", async () => {
  const { hub, port } = await open();
  for (const powerW of [1, 2, 3, 4]) hub.change({ kind: "machine", machine: aMachine({ powerW }) });
  const first = await listen(port, {}, (events) => events.some(({ event }) => event === "snapshot"));
  const id = first.events[0]?.id ?? "";
  hub.change({ kind: "machine", machine: aMachine({ powerW: 5 }) });
  const back = await listen(port, { "last-event-id": id }, (events) => events.some(({ event }) => event === "beat"));
  expect(back.events.map(({ event }) => event)).toEqual(["change", "beat"]);
  expect(back.events[0]?.data).toMatchObject({ machine: { powerW: 5 } });
  for (const stale of ["00000000-2", "rubbish", `${id}9999`]) {
    const again = await listen(port, { "last-event-id": stale }, (events) => events.some(({ event }) => event === "beat"));
    expect(again.events[0]?.event, stale).toBe("snapshot");
  }
  for (let i = 0; i < 1001; i += 1) hub.change({ kind: "feed", item: aFeedItem({ id: `f${i}` }) });
  const late = await listen(port, { "last-event-id": id }, (events) => events.some(({ event }) => event === "beat"));
  expect(late.events[0]?.event).toBe("snapshot");
});

test("a page that reads slowly skips old values of a thing, gets the newest, and holds up nobody", async () => {
  const { hub, port } = await open();
  const slow = connect(port, "127.0.0.1");
  slow.write("GET / HTTP/1.1\r\nHost: x\r\nX-Token: anna\r\n\r\n");
  await new Promise((resolve) => slow.once("data", resolve));
  slow.pause();
  const quick = hears(port, '"powerW":3999');
  await expect.poll(() => stream?.count()).toBe(2);
  const note = "x".repeat(4000);
  for (let powerW = 0; powerW < 4000; powerW += 1) {
    hub.change({ kind: "machine", machine: aMachine({ powerW, note }) });
    if (powerW % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await quick;
  expect(stream?.count()).toBe(2);
  let text = "";
  slow.on("data", (chunk) => {
    text += String(chunk);
  });
  slow.resume();
  await expect.poll(() => text.includes('"powerW":3999'), { timeout: 5000 }).toBe(true);
  const got = text.match(/event: change/g)?.length ?? 0;
  console.log(`slow page: got ${got} of 4,000 changes, the last one among them`);
  expect(got).toBeLessThan(3500);
  slow.destroy();
});

test("signing out ends the pages of that session, and there is room for a limited number", async () => {
  const { port, opened } = await open();
  const pages = await Promise.all(
    Array.from({ length: streamsMost }, (_, i) => listen(port, { "x-token": i === 0 ? "leaving" : "anna" }, (events) => events.length > 0)),
  );
  expect((await listen(port, {}, () => true)).answer.statusCode).toBe(503);
  const [leaving] = pages;
  const ended = new Promise((resolve) => leaving?.answer.on("end", resolve));
  leaving?.answer.resume();
  opened.end("leaving");
  await ended;
  await expect.poll(() => opened.count()).toBe(streamsMost - 1);
  for (const { answer } of pages) answer.destroy();
  await expect.poll(() => opened.count()).toBe(0);
});
