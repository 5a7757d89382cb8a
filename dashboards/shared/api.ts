/** Requests to the hub: parsed answers, or an `ApiProblem` with what happened, where and what to do. */
import * as z from "zod";

const problemBody = z.object({ code: z.string(), detail: z.string(), fix: z.string(), where: z.string().nullable() });

export class ApiProblem extends Error {
  readonly code: string;
  readonly fix: string;
  readonly where: string | null;

  constructor(given: { readonly code: string; readonly detail: string; readonly fix: string; readonly where: string | null }) {
    super(given.detail);
    this.name = "ApiProblem";
    this.code = given.code;
    this.fix = given.fix;
    this.where = given.where;
  }
}

const answerMostMs = 8000;
/** For what the hub makes of a whole month or more: longer than its own limit. */
export const workMostMs = 60_000;

/**
 * @param reason   why this member's page is opened: it is kept where they can read it
 * @param limitMs  how long the hub may take: whole months are read beside everything else
 */
export function get<S extends z.ZodType>(path: string, shape: S, reason?: string, limitMs?: number): Promise<z.infer<S>> {
  return ask(path, { method: "GET", headers: reason === undefined ? {} : { "x-reason": encodeURIComponent(reason) } }, shape, limitMs);
}

/** Sends a command. `headers` say more about it, where the hub asks for that. */
export function post<S extends z.ZodType>(
  path: string,
  body: unknown,
  shape: S,
  headers: Readonly<Record<string, string>> = {},
  limitMs?: number,
): Promise<z.infer<S>> {
  return ask(
    path,
    {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": newKey(), ...headers },
      body: JSON.stringify(body),
    },
    shape,
    limitMs,
  );
}

/** `crypto.randomUUID` is missing on plain HTTP; random bytes are not. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function ask<S extends z.ZodType>(path: string, init: RequestInit, shape: S, limitMs = answerMostMs): Promise<z.infer<S>> {
  let answer: Response;
  let body: unknown;
  try {
    answer = await fetch(path, { ...init, signal: AbortSignal.timeout(limitMs), credentials: "same-origin" });
    body = await answer.json();
  } catch (error) {
    throw new ApiProblem({ code: "unreachable", detail: error instanceof Error ? error.message : String(error), fix: "", where: null });
  }
  if (!answer.ok) {
    const problem = problemBody.safeParse(body);
    throw new ApiProblem(problem.success ? problem.data : { code: "internal", detail: `HTTP ${answer.status}`, fix: "", where: null });
  }
  const parsed = shape.safeParse(body);
  if (!parsed.success)
    throw new ApiProblem({
      code: "internal",
      detail: `${path}: ${parsed.error.issues[0]?.message ?? "?"}`,
      fix: "",
      where: parsed.error.issues[0]?.path.join(".") ?? null,
    });
  return parsed.data;
}
