import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { openAuth } from "../../hub/http/auth.ts";
import { createHttp } from "../../hub/http/server.ts";
import { openRig, type Rig } from "../support/http.ts";
import { noManager } from "../support/no-manager.ts";
import { noKiosks, noStaff } from "../support/no-staff.ts";
import { fakeRecords } from "../support/records.ts";
import { slowdown } from "../support/slowdown.ts";
import { fakeHub, noMe, noNeighbours, noScreens } from "../support/views.ts";

vi.setConfig({ testTimeout: 40_000 });
let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

test("150 connections that never finish a request are closed within twelve seconds, and nobody else waits", async () => {
  rig = await openRig({ withOwner: true });
  const url = await rig.http.listen();
  const port = Number(new URL(url).port);
  const openings = [
    "",
    "GET /api/session HTTP/1.1\r\nHost: localhost\r\n",
    `POST /api/login HTTP/1.1\r\nHost: localhost:${port}\r\nOrigin: ${url}\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{`,
  ];
  const from = performance.now();
  const slow = Array.from({ length: 150 }, (_, i) => hold(port, openings[i % openings.length] ?? ""));
  let worstMs = 0;
  const probe = setInterval(async () => {
    const asked = performance.now();
    await fetch(`${url}/api/session`).catch(() => undefined);
    worstMs = Math.max(worstMs, performance.now() - asked);
  }, 250);
  await Promise.all(slow);
  clearInterval(probe);
  const tookMs = performance.now() - from;
  console.log(
    `http edge: 150 slow connections closed after ${(tookMs / 1000).toFixed(1)} s; another client waited at most ${worstMs.toFixed(0)} ms`,
  );
  // The request's own limit is 10 s, looked at every 2 s.
  const slower = slowdown();
  expect(tookMs).toBeLessThan(12_000 + 500 * slower);
  expect(worstMs).toBeLessThan(1000 * slower);
});

function hold(port: number, opening: string): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, "127.0.0.1", () => socket.write(opening));
    socket.on("error", () => resolve()).on("close", () => resolve());
    socket.resume();
  });
}

test("rubbish on the wire closes its own connection and nothing else", async () => {
  rig = await openRig({ withOwner: true });
  const url = await rig.http.listen();
  const port = Number(new URL(url).port);
  const rubbish = [
    "\0\0\0\0",
    "GET",
    "GET / HTTP/9.9\r\n\r\n",
    `GET /${"a".repeat(70_000)} HTTP/1.1\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${"b".repeat(40_000)}\r\n\r\n`,
    "\x16\x03\x01\x02\x00\x01\x00",
  ];
  await Promise.all(
    rubbish.map(
      (bytes) =>
        new Promise<void>((resolve) => {
          const socket = connect(port, "127.0.0.1", () => socket.end(bytes, "latin1"));
          socket.on("error", () => resolve()).on("close", () => resolve());
          socket.resume();
        }),
    ),
  );
  expect((await fetch(`${url}/api/session`)).status).toBe(200);
  expect(rig.lines).toEqual([]);
});

test("over TLS the session cookie is never sent without it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "koprade-tls-"));
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-keyout",
      "key.pem",
      "-out",
      "cert.pem",
      "-days",
      "1",
      "-subj",
      "/CN=localhost",
    ],
    { cwd: folder, stdio: "ignore" },
  );
  const [key, cert] = await Promise.all([readFile(join(folder, "key.pem"), "utf8"), readFile(join(folder, "cert.pem"), "utf8")]);
  const auth = await openAuth({ path: join(folder, "auth.db"), secure: true });
  await auth.createUser({ mail: "a@example.org", password: "a long password", name: "A", role: "owner" });
  const hub = fakeHub();
  const log = { info() {}, warn() {}, error() {} };
  const http = await createHttp({
    port: 0,
    host: "127.0.0.1",
    tls: { key, cert },
    views: hub.views,
    neighbours: noNeighbours,
    staff: noStaff,
    manager: noManager,
    screens: noScreens,
    kiosks: noKiosks,
    me: noMe,
    commands: hub.commands,
    records: fakeRecords(),
    auth,
    log,
    staticDir: "/nowhere",
  });
  const url = await http.listen();
  expect(url).toMatch(/^https:\/\/localhost:/);
  const cookies = await new Promise<string[]>((resolve, reject) => {
    const headers = { "content-type": "application/json", origin: url };
    const asked = request(`${url}/api/login`, { method: "POST", headers, ca: cert, family: 4 }, (answer) => {
      answer.resume();
      resolve(answer.headers["set-cookie"] ?? []);
    });
    asked.on("error", reject).end(JSON.stringify({ mail: "a@example.org", password: "a long password" }));
  });
  expect(cookies.join()).toMatch(/__Secure-koprade.session_token=.*Secure/);
  expect(cookies.join()).toContain("HttpOnly");
  await http.close();
  auth.close();
  await rm(folder, { recursive: true, force: true });
});

test("pages that cannot move to another address say why and answer where they did", async () => {
  const { http, close } = await openRig({ withOwner: true });
  try {
    const url = (await http.listen()).replace("localhost", "127.0.0.1");
    await expect(http.moveTo("203.0.113.9")).rejects.toMatchObject({
      code: "PORT_FORBIDDEN",
      message: expect.stringContaining("203.0.113.9"),
    });
    expect((await fetch(`${url}/api/session`)).status).toBeLessThan(500);
    await http.moveTo("127.0.0.2");
    expect((await fetch(`${url.replace("127.0.0.1", "127.0.0.2")}/api/session`)).status).toBeLessThan(500);
    await expect(fetch(url)).rejects.toThrow();
  } finally {
    await close();
  }
});
