/** The socket between command line and hub: the right answers, and no harm from wrong ones. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askControl, type ControlHandlers, serveControl } from "../../../hub/cli/control.ts";
import { controlHandlers } from "../../../hub/control-handlers.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "koprade-control-"));
  path = join(folder, "control.sock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const handlers: ControlHandlers = {
  status: async () => ({ version: "1.2.3", sinceMs: 5, troubles: [] }),
  nodes: async () => [],
  rekey: async () => ({ sent: false }),
  newcomers: async () => ({ untilMs: null, hubWords: "", waiting: [] }),
  look: async () => null,
  tryPermit: async () => ({ status: "missing" }),
  endPermit: async () => ({ status: "missing" }),
  identify: async () => ({ status: "missing" }),
  capture: async () => ({ capture: 1, readers: [] }),
  orderDoor: async () => ({ status: "applied" }),
  unlockDoor: async ({ door }) => {
    if (door === "broken-door") throw new Error("The node said no.");
    return { status: "applied" };
  },
};
const raw = (bytes: string | Uint8Array) =>
  new Promise<string>((resolve) => {
    let text = "";
    const socket = connect({ path });
    socket.on("data", (chunk) => {
      text += chunk.toString();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
    socket.write(bytes);
  });

describe("the control socket", () => {
  it("answers requests, and is for its owner only", async () => {
    const served = await serveControl(path, handlers);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await askControl(path, { op: "status" })).toEqual({ kind: "answer", result: { version: "1.2.3", sinceMs: 5, troubles: [] } });
    expect(await askControl(path, { op: "unlockDoor", door: "front-door", actor: "cli:kim" })).toEqual({
      kind: "answer",
      result: { status: "applied" },
    });
    await served.close();
  });
  it("names no more waiting readers than an answer takes", async () => {
    const all = Array.from({ length: 1001 }, (_, i) => `door-${i}`);
    const ledger = { change: { openCapture: async () => ({ capture: 1, untilMs: 5 }) } };
    const served = await serveControl(path, controlHandlers({ stack: { ledger, hub: { capture: async () => all } } } as never, "1.2.3"));
    const answer = await askControl(path, { op: "capture", member: 1, resource: null, label: "tag", actor: "cli:kim" });
    expect(answer).toEqual({ kind: "answer", result: { capture: 1, readers: all.slice(0, 1000) } });
    await served.close();
  });
  it("passes on the sentence of a handler that fails", async () => {
    const served = await serveControl(path, handlers);
    const answer = await askControl(path, { op: "unlockDoor", door: "broken-door", actor: "cli:kim" });
    expect(answer).toEqual({ kind: "failed", sentence: "The node said no." });
    await served.close();
  });
  it("refuses rubbish, unknown requests and what is too long, and goes on serving", async () => {
    const served = await serveControl(path, handlers);
    for (const line of ["{\n", '{"op":"format"}\n', '{"op":"unlockDoor","door":"../x","actor":"a"}\n', '{"op":"status","more":1}\n']) {
      expect(await raw(line)).toContain('"ok":false');
    }
    expect(await raw("x".repeat(70_000))).toContain("longer than 65536 bytes");
    expect((await askControl(path, { op: "status" })).kind).toBe("answer");
    await served.close();
  });
  it("says that no hub is there: no socket, a left-over one, a file in its place", async () => {
    expect((await askControl(path, { op: "status" })).kind).toBe("no_hub");
    writeFileSync(path, "");
    expect((await askControl(path, { op: "status" })).kind).toBe("no_hub");
    const served = await serveControl(path, handlers);
    expect((await askControl(path, { op: "status" })).kind).toBe("answer");
    await served.close();
  });
  it("lets no second hub serve the same folder", async () => {
    const served = await serveControl(path, handlers);
    await expect(serveControl(path, handlers)).rejects.toMatchObject({ code: "DATA_FOLDER" });
    await served.close();
  });
  it("does not believe a hub that answers something else", async () => {
    const server = createServer((socket) => socket.end('{"ok":true,"result":{"status":"opened wide"}}\n'));
    await new Promise<void>((resolve) => server.listen({ path }, resolve));
    const answer = await askControl(path, { op: "unlockDoor", door: "front-door", actor: "cli:kim" });
    expect(answer).toMatchObject({ kind: "failed", sentence: expect.stringContaining("same version") });
    server.close();
  });
});
