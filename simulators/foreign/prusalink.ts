/**
 * PrusaLink over real HTTP (protocols.md D3): digest of RFC 2617 without qop, as the printers ask it (Prusa-Link-Web issue 507:
 * realm "Printer API"), 204 without a body where there is no job, a progress that falls to 0 when it waits for a person.
 */
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Printer, PrinterDoes } from "./printer.ts";

export type PrusaLinkSim = {
  readonly url: string;
  /** requests that were answered with 200 or 204 */
  answered(): number;
  /** requests without or with a wrong proof */
  refused(): number;
  /** it hears and says nothing, for clients that must not wait for ever */
  hang(on: boolean): void;
  /** it answers with this status instead, until told null */
  failWith(status: number | null): void;
  close(): Promise<void>;
};

const realm = "Printer API";
const states: Readonly<Record<Exclude<PrinterDoes, "lost">, string>> = {
  idle: "IDLE",
  heating: "PRINTING",
  printing: "PRINTING",
  paused: "PAUSED",
  attention: "ATTENTION",
  finished: "FINISHED",
  cancelled: "STOPPED",
  failed: "ERROR",
};

/** `qop`: as newer servers ask it (RFC 7616), instead of without. */
export async function simulatePrusaLink(given: {
  readonly printer: Printer;
  readonly password: string;
  readonly user?: string;
  readonly qop?: boolean;
  readonly port?: number;
}): Promise<PrusaLinkSim> {
  const { printer, password, user = "maker", qop = false } = given;
  let nonce = randomBytes(8).toString("hex");
  let answered = 0;
  let refused = 0;
  let isHanging = false;
  let status: number | null = null;
  const challenge = (response: ServerResponse) => {
    refused += 1;
    nonce = randomBytes(8).toString("hex");
    response.writeHead(401, { "WWW-Authenticate": `Digest realm="${realm}", nonce="${nonce}", stale=false${qop ? ', qop="auth"' : ""}` });
    response.end("401: Unauthorized");
  };
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (isHanging) return;
    if (status !== null) return void response.writeHead(status).end();
    if (!isProven(request, { user, password, nonce })) return challenge(response);
    if (!printer.isOn() || printer.does() === "lost") return void request.socket.destroy();
    const body = bodyOf(request.url ?? "", printer);
    if (body === undefined) return void response.writeHead(404).end();
    answered += 1;
    if (body === null) return void response.writeHead(204).end();
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  };
  const server: Server = createServer({ noDelay: true }, answer);
  await new Promise<void>((resolve) => server.listen(given.port ?? 0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    answered: () => answered,
    refused: () => refused,
    hang: (on) => {
      isHanging = on;
    },
    failWith: (next) => {
      status = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function bodyOf(url: string, printer: Printer): object | null | undefined {
  const does = printer.does() as Exclude<PrinterDoes, "lost">;
  const isInJob = does === "heating" || does === "printing" || does === "paused" || does === "attention";
  const job = printer.job();
  // recorded: waiting for a person, the progress is 0.00 and no time is left
  const progress = does === "attention" ? 0 : Math.round(printer.percent());
  const left = does === "attention" || job === null ? {} : { time_remaining: Math.round((job.printMs - printer.printedMs()) / 1000) };
  const about = { id: job?.id, progress, time_printing: Math.round(printer.printedMs() / 1000), ...left };
  if (url === "/api/version") return { api: "2.0.0", server: "2.1.2", text: "PrusaLink", hostname: "prusa-mk4", firmware: "6.4.0" };
  if (url === "/api/v1/job") {
    if (!isInJob) return null;
    return { ...about, state: does === "attention" ? "PAUSED" : states[does], file: { name: "X.GCO", display_name: job?.file } };
  }
  if (url !== "/api/v1/status") return undefined;
  const heat = {
    temp_nozzle: printer.nozzle().actualC,
    target_nozzle: printer.nozzle().targetC,
    temp_bed: printer.bed().actualC,
    target_bed: printer.bed().targetC,
  };
  return { ...(isInJob ? { job: about } : {}), storage: { path: "/usb/", name: "usb" }, printer: { state: states[does], ...heat } };
}

function isProven(request: IncomingMessage, key: { readonly user: string; readonly password: string; readonly nonce: string }): boolean {
  if (request.headers["x-api-key"] === key.password) return true;
  const header = request.headers.authorization ?? "";
  if (!header.startsWith("Digest ")) return false;
  const said = Object.fromEntries(
    [...header.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name, quoted, bare]) => [name, quoted ?? bare]),
  );
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  const secret = md5(`${key.user}:${realm}:${key.password}`);
  const what = md5(`${request.method}:${request.url}`);
  const middle = said.qop === undefined ? key.nonce : `${key.nonce}:${said.nc}:${said.cnonce}:${said.qop}`;
  return said.username === key.user && said.nonce === key.nonce && said.response === md5(`${secret}:${middle}:${what}`);
}
