/**
 * Live changes to many pages over server-sent events.
 *
 *   changes ─► ring (last 1,000, numbered) ─► each page:  caught up ─ write at once
 *                                                         slow      ─ newest change per thing waits, ≤ 512, ≤ 10 s, else cut off
 *
 * A page that comes back with `Last-Event-ID` gets what it missed from the ring; everybody else starts with a whole snapshot.
 * Ids are `{start of this hub}-{number}`, so that an id from before a restart is never mistaken for one of ours.
 */
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { LiveChange, LiveView } from "../views.ts";

const ringMost = 1000;
const waitingMost = 512;
const slowMostMs = 10_000;
const beatMs = 5000;
export const streamsMost = 64;
const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
} as const;

type Frame = { readonly number: number; readonly key: string; readonly text: string };
type Page = {
  readonly response: ServerResponse;
  readonly token: string;
  /** changes that wait for a slow page, newest per key; undefined while it keeps up */
  waiting: Map<string, Frame> | undefined;
  slowSinceMs: number;
};

export type Stream = {
  /** Takes over the response. False when there are too many pages already; nothing is written then. */
  open(given: {
    readonly response: ServerResponse;
    readonly token: string;
    readonly lastEventId: string | undefined;
    readonly headers: Record<string, string>;
  }): boolean;
  /** Ends the pages of a session that signed out. */
  end(token: string): void;
  /** Ends the pages of every token that is not good any more. */
  endUnless(isGood: (token: string) => boolean): void;
  readonly count: () => number;
  close(): void;
};

/** The last changes, numbered. */
function createRing<Change>(keyOf: (change: Change, number: number) => string) {
  const start = randomBytes(4).toString("hex");
  const frames: Frame[] = [];
  let number = 0;
  const frameOf = (event: string, key: string, body: unknown): Frame => ({
    number,
    key,
    text: `event: ${event}\nid: ${start}-${number}\ndata: ${JSON.stringify(body)}\n\n`,
  });
  return {
    add(change: Change): Frame {
      number += 1;
      const frame = frameOf("change", keyOf(change, number), change);
      frames.push(frame);
      if (frames.length > ringMost) frames.shift();
      return frame;
    },
    /** The whole picture as it is after the last change. */
    whole: (snapshot: unknown): Frame => frameOf("snapshot", "snapshot", snapshot),
    clear(): void {
      frames.length = 0;
      number += 1;
    },
    /** What came after an id of ours that the ring still reaches back to; undefined otherwise. */
    missedSince(lastEventId: string | undefined): readonly Frame[] | undefined {
      const match = /^([0-9a-f]{8})-(\d{1,15})$/.exec(lastEventId ?? "");
      if (match === null || match[1] !== start) return undefined;
      const last = Number(match[2]);
      const oldest = frames[0]?.number ?? number + 1;
      if (last > number || last < oldest - 1) return undefined;
      return frames.filter((frame) => frame.number > last);
    },
  };
}

/** What one page is told; a slow one keeps only the newest of each thing. */
function pageWriter(nowMs: () => number) {
  const write = (page: Page, text: string): void => {
    if (page.response.destroyed || page.response.write(text)) return;
    page.waiting = new Map();
    page.slowSinceMs = nowMs();
  };
  const send = (page: Page, frame: Frame): void => {
    if (page.waiting === undefined) {
      write(page, frame.text);
      return;
    }
    page.waiting.delete(frame.key);
    page.waiting.set(frame.key, frame);
    if (page.waiting.size > waitingMost) page.response.destroy();
  };
  const catchUp = (page: Page): void => {
    const waiting = page.waiting;
    if (waiting === undefined) return;
    page.waiting = undefined;
    for (const frame of waiting.values()) send(page, frame);
  };
  return { write, send, catchUp };
}

/** @param stillSignedIn  asked every 30 s per session; a session that ended elsewhere loses its pages */
export function createStream<Change = LiveChange>(given: {
  readonly views: {
    snapshot(): unknown;
    subscribe(listen: (change: Change) => void): () => void;
    onReplaced?: LiveView["onReplaced"];
  };
  /** Changes with the same key replace one another for a page that is slow. */
  readonly keyOf: (change: Change, number: number) => string;
  readonly stillSignedIn: (token: string) => Promise<boolean>;
  readonly nowMs: () => number;
}): Stream {
  const { views, nowMs } = given;
  const { write, send, catchUp } = pageWriter(nowMs);
  const ring = createRing(given.keyOf);
  const pages = new Set<Page>();
  let beats = 0;

  const unsubscribe = views.subscribe((change) => {
    const frame = ring.add(change);
    for (const page of pages) send(page, frame);
  });

  const unsubscribeReplaced = views.onReplaced?.(() => {
    // What came before belongs to another picture: nobody may resume across it.
    ring.clear();
    for (const page of pages) {
      page.waiting?.clear();
      send(page, ring.whole(views.snapshot()));
    }
  });

  const beat = setInterval(() => {
    beats += 1;
    const text = `event: beat\ndata: {"hubMs":${nowMs()}}\n\n`;
    for (const page of pages) {
      if (page.waiting === undefined) write(page, text);
      else if (nowMs() - page.slowSinceMs > slowMostMs) page.response.destroy();
    }
    if (beats % 6 === 0) void endStrangers();
  }, beatMs).unref();

  async function endStrangers(): Promise<void> {
    for (const token of new Set([...pages].map((page) => page.token))) {
      if (!(await given.stillSignedIn(token))) end(token);
    }
  }

  function end(token: string): void {
    for (const page of pages) if (page.token === token) page.response.end();
  }

  return {
    open({ response, token, lastEventId, headers }) {
      if (pages.size >= streamsMost) return false;
      const page: Page = { response, token, waiting: undefined, slowSinceMs: 0 };
      response.writeHead(200, { ...headers, ...streamHeaders });
      response.on("drain", () => catchUp(page));
      response.on("close", () => pages.delete(page));
      response.on("error", () => response.destroy());
      pages.add(page);
      const missed = ring.missedSince(lastEventId);
      write(page, "retry: 1000\n\n");
      for (const frame of missed ?? [ring.whole(views.snapshot())]) send(page, frame);
      write(page, `event: beat\ndata: {"hubMs":${nowMs()}}\n\n`);
      return true;
    },
    end,
    endUnless(isGood) {
      for (const page of pages) if (!isGood(page.token)) page.response.end();
    },
    count: () => pages.size,
    close() {
      clearInterval(beat);
      unsubscribe();
      unsubscribeReplaced?.();
      for (const page of pages) page.response.end();
    },
  };
}

/** Changes with the same key replace one another; lines of the feed do not. */
export function keyOfLive(change: LiveChange, number: number): string {
  switch (change.kind) {
    case "site":
      return "site";
    case "door":
      return `door ${change.door.id}`;
    case "machine":
      return `machine ${change.machine.id}`;
    case "session":
      return `session ${change.session.id}`;
    case "session_ended":
      return `session ${change.id}`;
    case "node":
      return `node ${change.node.id}`;
    case "feed":
      return `feed ${number}`;
  }
}
