/** Errors as the browser gets them: RFC 9457 problem+json with what happened, where, and what to do about it. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { HubError, type HubErrorCode } from "../errors.ts";
import type { Log } from "../ports.ts";

export type ProblemBody = {
  readonly type: "about:blank";
  readonly status: number;
  /** stable word for programs */
  readonly code: string;
  readonly title: string;
  /** what happened, one sentence */
  readonly detail: string;
  /** field, path or resource; null when the whole request is meant */
  readonly where: string | null;
  readonly fix: string;
};

/** An outcome that ends a request. Thrown by handlers and guards, turned into an answer in one place below. */
export class Problem extends Error {
  readonly body: ProblemBody;
  readonly retryAfterS: number | undefined;

  constructor(
    status: number,
    code: string,
    given: { readonly detail: string; readonly fix: string; readonly where?: string; readonly retryAfterS?: number },
  ) {
    super(given.detail);
    this.name = "Problem";
    this.body = {
      type: "about:blank",
      status,
      code,
      title: titles[status] ?? "Error",
      detail: given.detail,
      where: given.where ?? null,
      fix: given.fix,
    };
    this.retryAfterS = given.retryAfterS;
  }
}

const titles: Readonly<Record<number, string>> = {
  400: "Not understood",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  405: "Not possible here",
  409: "Conflict",
  412: "Changed meanwhile",
  413: "Too large",
  415: "Not JSON",
  422: "Not possible",
  429: "Too many attempts",
  500: "Fault in the hub",
  503: "Not available",
};

export const notFound = (what: string): Problem =>
  new Problem(404, "not_found", { detail: `There is no ${what}.`, fix: "Check the name; it may have been removed.", where: what });

/** Sends a problem with the right type, and `Retry-After` where there is one. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.retryAfterS !== undefined) void reply.header("retry-after", String(problem.retryAfterS));
  return reply.code(problem.body.status).type("application/problem+json").send(JSON.stringify(problem.body));
}

/** Whatever a request threw, as a problem. Only our own faults are logged; what clients get wrong is answered. */
export function problemOf(error: unknown, request: FastifyRequest, log: Log): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof HubError) return operating(error, request, log);
  if (hasZodFastifySchemaValidationErrors(error))
    return invalid(error.validation[0]?.instancePath, error.validation[0]?.message, error.validationContext);
  const code = codeOf(error);
  const known = code === undefined ? undefined : wireProblems[code];
  if (known !== undefined) return new Problem(known.status, known.code, known);
  const status = statusOf(error);
  if (status !== undefined && status < 500) {
    return new Problem(status, "bad_request", {
      detail: "The request could not be read.",
      fix: "Send it as the page does, or see the API description.",
    });
  }
  log.error(
    {
      method: request.method,
      path: request.routeOptions.url ?? "?",
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    },
    "A request failed because of a fault in the hub.",
  );
  return new Problem(500, "internal", {
    detail: "The hub could not do this because of a fault of its own.",
    fix: "Try again; if it stays, look at the hub's log around this time.",
  });
}

/** An operating failure: the caller's where it is about what was asked for, otherwise "not available", which the log hears of. */
function operating(error: HubError, request: FastifyRequest, log: Log): Problem {
  const status = asked[error.code] ?? 503;
  if (status === 503)
    log.warn(
      { path: request.routeOptions.url ?? "?", code: error.code, error: error.message },
      "A request met something that does not work.",
    );
  return new Problem(status, error.code.toLowerCase(), { detail: error.message, fix: error.fix });
}

const asked: Readonly<Partial<Record<HubErrorCode, number>>> = {
  BAD_INPUT: 400,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  CONFLICT: 409,
  CHANGED_MEANWHILE: 412,
};

function invalid(path: string | undefined, message: string | undefined, context: string | undefined): Problem {
  const field = (path ?? "").replace(/^\//, "").replaceAll("/", ".");
  const where = field === "" ? (context ?? "request") : field;
  return new Problem(400, "invalid", {
    detail: `${where}: ${message ?? "is not as expected"}.`,
    fix: `Correct ${where} and send it again.`,
    where,
  });
}

const wireProblems: Readonly<Record<string, { status: number; code: string; detail: string; fix: string }>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: {
    status: 400,
    code: "not_json",
    detail: "The body is not JSON.",
    fix: 'Send one JSON object, e.g. {"reason":"belt torn"}.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: {
    status: 400,
    code: "not_json",
    detail: "The body is empty.",
    fix: "Send one JSON object; {} if there is nothing to say.",
  },
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: "too_large", detail: "The body is larger than 16 KB.", fix: "Send less." },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: "not_json",
    detail: "Only application/json is understood.",
    fix: "Set Content-Type: application/json.",
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: "bad_length",
    detail: "The body is not as long as announced.",
    fix: "Send it again.",
  },
};

function codeOf(error: unknown): string | undefined {
  if (error instanceof SyntaxError) return "FST_ERR_CTP_INVALID_JSON_BODY";
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function statusOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "statusCode" in error && typeof error.statusCode === "number"
    ? error.statusCode
    : undefined;
}
