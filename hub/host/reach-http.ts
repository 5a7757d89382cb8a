/**
 * A device that is asked over HTTP again and again (PrusaLink). One question at a time, each with a limit; one that is not answered was not
 * said. A device that is away is asked less and less often, up to once a minute; a password goes out as a digest only.
 */
import { randomBytes } from "node:crypto";
import type { Request, Transport } from "../hosted/family.ts";
import { type Challenge, digestHeader, readChallenge } from "./digest.ts";
import type { Reach, ReachGiven } from "./reach.ts";

const answerLimitMs = 4000;
const bodyCharsMax = 262_144;
const waitingMax = 20;
const againMostMs = 60_000;

type Question = { readonly method: string; readonly path: string; readonly body?: string };
type Answer = { readonly status: number; readonly body: string };

export function reachHttp(transport: Extract<Transport, { kind: "http" }>, given: ReachGiven, limitMs = answerLimitMs): Reach {
  const { address, clock, account } = given;
  const talk = createTalk(transport, given, limitMs);
  /** polls that wait for their time, by path */
  const waits = new Map<string, { readonly everyMs: number; readonly cancel: () => void }>();
  let isClosed = false;
  let waiting = 0;
  let silences = 0;
  let isDown = false;
  let last: Promise<unknown> = Promise.resolve();
  /** In the order of asking; nothing is asked before the question before it is answered or out of time. */
  const ask = (question: Question): Promise<boolean> => {
    if (waiting >= waitingMax || isClosed) return Promise.resolve(false);
    waiting += 1;
    const mine = last.then(async () => {
      const answer = isClosed ? { status: 0, body: "", why: "closed" } : await talk(question);
      waiting -= 1;
      if (isClosed) return false;
      const isThere = answer.status !== 0;
      if (!isThere && !isDown) given.log.warn({ device: account, cause: answer.why }, "a hosted device does not answer");
      isDown = !isThere;
      silences = isThere ? 0 : silences + 1;
      given.hear({ kind: "http", path: question.path, status: answer.status, body: answer.body });
      return isThere;
    });
    last = mine;
    return mine;
  };
  const poll = (path: string, everyMs: number): void => {
    waits.delete(path);
    void ask({ method: "GET", path }).then(() => {
      if (isClosed) return;
      const cancel = clock.after(
        `${account} ${path}`,
        Math.min(Math.max(everyMs, againMostMs), everyMs * 2 ** Math.max(0, silences - patience)),
        () => poll(path, everyMs),
      );
      waits.set(path, { everyMs, cancel });
    });
  };
  for (const { path, everyMs } of transport.polls(address)) poll(path, everyMs);
  return {
    send(request: Request) {
      if (request.kind === "http") void ask(request);
    },
    wake() {
      silences = 0;
      for (const [path, { everyMs, cancel }] of [...waits]) {
        cancel();
        poll(path, everyMs);
      }
    },
    close() {
      isClosed = true;
      for (const { cancel } of waits.values()) cancel();
    },
  };
}
/** silences in a row before it is asked less often: a family counts some before it says that a device is away */
const patience = 3;

/** Asks one question, and once more with the proof that the device wants. */
function createTalk(transport: Extract<Transport, { kind: "http" }>, { address }: ReachGiven, limitMs: number) {
  const base = address.name.replace(/\/$/, "");
  const login = transport.login?.(address);
  let challenge: Challenge | undefined;
  let count = 0;
  const proof = ({ method, path }: Question): Readonly<Record<string, string>> => {
    if (challenge === undefined || login === undefined) return {};
    count += 1;
    return { authorization: digestHeader(challenge, login, { method, path }, { count, cnonce: randomBytes(8).toString("hex") }) };
  };
  const once = async (question: Question): Promise<Answer & { readonly challenge: Challenge | undefined }> => {
    const { method, path, body } = question;
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: { ...transport.headers(address), ...proof(question), ...(body === undefined ? {} : { "content-type": "application/json" }) },
      redirect: "error",
      signal: AbortSignal.timeout(limitMs),
      ...(body === undefined ? {} : { body }),
    });
    const asked = answer.status === 401 ? readChallenge(answer.headers.get("www-authenticate")) : undefined;
    return { status: answer.status, body: await limited(answer), challenge: asked };
  };
  return async (question: Question): Promise<Answer & { readonly why: string }> => {
    try {
      const first = await once(question);
      if (first.challenge === undefined || login === undefined) return { ...first, why: "" };
      challenge = first.challenge;
      count = 0;
      return { ...(await once(question)), why: "" };
    } catch (error) {
      return { status: 0, body: "", why: reasonOf(error) };
    }
  };
}

/** What failed, without the address line by line: `fetch failed` alone tells nobody anything. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "no answer";
  const { cause } = error;
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message;
}

async function limited(answer: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > bodyCharsMax) throw new Error("its answer is too long");
  }
  return text;
}
