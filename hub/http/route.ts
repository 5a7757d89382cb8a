/** One row per route: method, path, who may use it, and the shapes of what comes in. A row without a role does not compile. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type * as z from "zod";
import type { Role } from "../views.ts";
import type { Scope } from "./api-keys.ts";
import type { Session } from "./auth.ts";

/** `everyone`: also strangers. `newcomer`: only while there is no owner yet. Else the least role: those above it may too. */
export type Access = "everyone" | "newcomer" | Role;

type Shape = z.ZodType | undefined;
type Value<S extends Shape> = S extends z.ZodType ? z.infer<S> : undefined;

export type Input<P extends Shape, Q extends Shape, B extends Shape> = {
  readonly params: Value<P>;
  readonly query: Value<Q>;
  readonly body: Value<B>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
};

/** What a handler gets besides the input: the session for rows with a role, undefined for the rest. */
export type Route = {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly access: Access;
  readonly note: string;
  readonly params: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  /** needs an `Idempotency-Key`; the same key never does it twice */
  readonly once: boolean;
  /** undefined: as the server has it */
  readonly bodyLimitBytes: number | undefined;
  /** what the answer looks like, for the API's description */
  readonly answer: z.ZodType | undefined;
  /** the scope by which a program's key may use it; `never`: it is for people at a page */
  readonly keys: Scope | "never";
  /**
   * The member whose page the answer is: whoever else asks must say why, in the header `X-Reason`, percent-encoded; it is kept, and the
   * member may read it. undefined: it is about nobody in particular.
   */
  readonly sees: ((input: Pick<Input<z.ZodType, z.ZodType, z.ZodType>, "params" | "query">) => number) | undefined;
  readonly handle: (input: Input<z.ZodType, z.ZodType, z.ZodType>, session: Session | undefined) => Promise<unknown>;
};

type Given<A extends Access, P extends Shape, Q extends Shape, B extends Shape> = {
  readonly method: "GET" | "POST";
  readonly url: `/${string}`;
  readonly access: A;
  readonly note: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly once?: boolean;
  readonly bodyLimitBytes?: number;
  readonly answer?: z.ZodType;
  readonly keys?: "never";
  readonly sees?: (input: { readonly params: Value<P>; readonly query: Value<Q> }) => number;
  readonly handle: (input: Input<P, Q, B>, session: A extends Role ? Session : undefined) => Promise<unknown>;
};

/** Keeps the types of one row together: its handler sees exactly what its shapes let through. */
export function route<A extends Access, P extends Shape = undefined, Q extends Shape = undefined, B extends Shape = undefined>(
  given: Given<A, P, Q, B>,
): Route {
  const { method, url, access, note, params, query, body, once = false, bodyLimitBytes, answer } = given;
  // What changes something without a key of its own is a step of signing in or of the account: nothing for programs.
  const keys = given.keys ?? (method === "GET" ? "read" : once ? "commands" : "never");
  // Fastify has parsed params, query and body with the very shapes of this row, and the guard has put the session there.
  const [sees, handle] = [given.sees as Route["sees"], given.handle as Route["handle"]];
  return { method, url, access, note, params, query, body, once, bodyLimitBytes, answer, keys, sees, handle };
}
