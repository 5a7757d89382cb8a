/**
 * The hub's web server: pages, API and live stream on one port.
 *
 *   request ─► headers ─► limits ─► first-run gate ─► same origin ─► sign-in ─► shapes ─► (once) ─► handler ─► JSON or problem
 */

import { createHash } from "node:crypto";
import type { AddressInfo, Server } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { portError } from "../errors.ts";
import type { Log } from "../ports.ts";
import type { Commands, LiveView, Neighbours, Records } from "../views.ts";
import type { Kiosks } from "../views-kiosk.ts";
import type { MeView } from "../views-me.ts";
import type { Screens } from "../views-wall.ts";
import { accountRoutes } from "./account-routes.ts";
import type { Auth } from "./auth.ts";
import { commandRoutes } from "./command-routes.ts";
import { docsRoutes } from "./docs-routes.ts";
import { addGuards, securityHeaders, sessionOf } from "./guards.ts";
import { createOnce, type Once } from "./idempotency.ts";
import { kioskRoutes } from "./kiosk-routes.ts";
import { createLimiter } from "./limiter.ts";
import { liveRoutes } from "./live-routes.ts";
import { createLookUps, type LookedUp } from "./look-ups.ts";
import { lookUpRoutes } from "./lookup-routes.ts";
import { type ManagerGiven, managerRoutes } from "./manager-routes.ts";
import { meRoutes } from "./me-routes.ts";
import { myAccountRoutes } from "./my-account-routes.ts";
import { neighbourRoutes } from "./neighbour-routes.ts";
import { addPages } from "./pages.ts";
import { peopleAccountsRoutes } from "./people-accounts-routes.ts";
import { Problem, problemOf, sendProblem } from "./problem.ts";
import type { Route } from "./route.ts";
import { setUpRoutes } from "./set-up-routes.ts";
import { type StaffGiven, staffRoutes } from "./staff-routes.ts";
import { createStream, keyOfLive, type Stream } from "./stream.ts";
import { tableRoutes } from "./table-routes.ts";
import { wallRoutes } from "./wall-routes.ts";

export type HttpOptions = {
  /** 0 for any free one */
  readonly port: number;
  readonly host: string;
  /** PEM; without it the pages are plain HTTP */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly views: LiveView;
  readonly commands: Commands;
  readonly records: Records;
  readonly neighbours: Neighbours;
  readonly staff: StaffGiven;
  readonly manager: ManagerGiven;
  readonly screens: Screens;
  readonly kiosks: Kiosks;
  readonly me: MeView;
  readonly auth: Auth;
  readonly log: Log;
  /** where `vite build` put the dashboards */
  readonly staticDir: string;
  /** wall clock; for tests */
  readonly nowMs?: () => number;
};

export type Http = {
  /** Resolves with the address when the port is open; rejects with HubError when it cannot be. */
  listen(): Promise<string>;
  /** Answers on another address from now on, same port; open connections go on. When that fails it answers where it did. */
  moveTo(host: string): Promise<void>;
  close(): Promise<void>;
  /** Where a person on this computer finds it; only after `listen`. */
  url(): string;
  readonly routes: readonly Route[];
  readonly inject: FastifyInstance["inject"];
};

const bodyLimitBytes = 16_384;

export async function createHttp(options: HttpOptions): Promise<Http> {
  const { views, commands, records, auth, log, nowMs = Date.now } = options;
  const app = fastifyFor(options);
  const stream = createStream({ views, nowMs, stillSignedIn: auth.alive, keyOf: keyOfLive });
  const tries = createLimiter({ most: 5, windowMs: 60_000, nowMs });
  const slowTries = createLimiter({ most: 60, windowMs: 3_600_000, nowMs });
  const signing = { auth, stream, records, tries, slowTries };
  const once = createOnce({ nowMs });

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeContentTypeParser("text/plain");
  app.setErrorHandler((error, request, reply) => sendProblem(reply, problemOf(error, request, log)));
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(
      reply,
      new Problem(404, "not_found", { detail: "There is nothing at this address.", fix: "Go to the start page.", where: "path" }),
    ),
  );
  addGuards(app, { auth, nowMs });
  const walls = wallRoutes({ screens: options.screens, nowMs });
  app.addHook("preClose", async () => walls.close());
  const routes: readonly Route[] = [
    ...accountRoutes({ ...signing, views, commands }),
    ...myAccountRoutes(signing),
    ...peopleAccountsRoutes(signing),
    ...lookUpRoutes({ auth, records }),
    ...liveRoutes({ views, auth, stream, nowMs }),
    ...commandRoutes(commands, log),
    ...tableRoutes(commands),
    ...setUpRoutes(),
    ...neighbourRoutes(options.neighbours),
    ...staffRoutes(options.staff),
    ...managerRoutes(options.manager),
    ...walls.routes,
    ...kioskRoutes({ ...signing, kiosks: options.kiosks, nowMs }),
    ...meRoutes(options.me),
    ...docsRoutes(() => routes),
  ];
  const lookedUp = createLookUps({ records, nowMs });
  for (const row of routes) addRoute(app, row, { once, lookedUp });
  addPages(app, options.staticDir);
  await app.ready();
  return { ...openable(app, stream, options), routes, inject: app.inject.bind(app) as FastifyInstance["inject"] };
}

function fastifyFor({ tls, log }: HttpOptions): FastifyInstance {
  const app = Fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: 10_000,
    keepAliveTimeout: 10_000,
    maxRequestsPerSocket: 1000,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 64 },
    // Node looks for slow connections every 30 s unless told otherwise.
    ...(tls === undefined ? { http: { connectionsCheckingInterval: 2000 } } : {}),
    https: tls === undefined ? null : { ...tls, connectionsCheckingInterval: 2000 },
    // Addresses that cannot even be decoded never reach the hooks.
    frameworkErrors: (error, request, reply) => sendProblem(reply.headers(securityHeaders), problemOf(error, request, log)),
  });
  app.server.headersTimeout = 8000;
  app.server.maxConnections = 256;
  // HTTP and HTTPS servers have different types in Fastify, and the same methods.
  return app as unknown as FastifyInstance;
}

function addRoute(app: FastifyInstance, row: Route, { once, lookedUp }: { readonly once: Once; readonly lookedUp: LookedUp }): void {
  const { params, query, body } = row;
  app.route({
    method: row.method,
    url: row.url,
    config: { access: row.access, keys: row.keys },
    ...(row.bodyLimitBytes === undefined ? {} : { bodyLimit: row.bodyLimitBytes }),
    schema: {
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { querystring: query }),
      ...(body === undefined ? {} : { body }),
    },
    handler: async (request, reply) => {
      const session = sessionOf(request);
      if (row.sees !== undefined && session !== undefined)
        await lookedUp(request, session, { member: row.sees({ params: request.params, query: request.query }), what: row.url });
      const run = () => row.handle({ params: request.params, query: request.query, body: request.body, request, reply }, session);
      if (!row.once) return run();
      return once(
        {
          user: session?.actor.id ?? request.ip,
          key: keyOf(request.headers["idempotency-key"]),
          fingerprint: createHash("sha256")
            .update(`${row.method} ${request.url} ${JSON.stringify(request.body)}`)
            .digest("hex"),
        },
        run,
      );
    },
  });
}

function keyOf(given: string | string[] | undefined): string {
  if (typeof given === "string" && /^[A-Za-z0-9_-]{8,64}$/.test(given)) return given;
  throw new Problem(400, "no_key", {
    detail: "This command has no Idempotency-Key.",
    fix: "Send 8–64 random letters or digits, new for every command.",
    where: "Idempotency-Key",
  });
}

function openable(
  app: FastifyInstance,
  stream: Stream,
  { host, port, tls }: HttpOptions,
): Pick<Http, "listen" | "moveTo" | "close" | "url"> {
  const url = (): string => {
    const address: AddressInfo | string | null = app.server.address();
    if (address === null || typeof address === "string") throw new Error("url() before listen()");
    const everywhere = host === "0.0.0.0" || host === "::" || host === "127.0.0.1" || host === "::1";
    return `${tls === undefined ? "http" : "https"}://${everywhere ? "localhost" : host}:${address.port}`;
  };
  return {
    url,
    async listen() {
      try {
        await app.listen({ host, port });
      } catch (cause) {
        throw portError(cause, `${host}:${port}`);
      }
      return url();
    },
    async moveTo(next) {
      const address = app.server.address();
      if (address === null || typeof address === "string") throw new Error("moveTo() before listen()");
      // Ends the old listener only: connections that are open, this page's among them, keep their sockets.
      app.server.close();
      try {
        await bind(app.server, next, address.port);
      } catch (error) {
        await bind(app.server, address.address, address.port);
        throw error;
      }
    },
    async close() {
      stream.close();
      await app.close();
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => reject(portError(cause, `${host}:${port}`));
    server.once("error", fail);
    server.listen({ host, port }, () => {
      server.off("error", fail);
      resolve();
    });
  });
}
