/**
 * The hub's answer to a tap that no snapshot could prove (domain.md D1): decided in this process, written to the ledger, then
 * sent. A permissive answer waits for its durable record with a limit of 2 s (D10); after that nobody gets a late grant.
 */
import type { AccessRequest, AccessResponse, EventBody, Permit, SiteMode } from "#contract";
import { type Decision, decide } from "#core";
import type { Clock, DecideFacts, Ids, Ledger, LedgerEvent, Log } from "../ports.ts";
import type { HubTime } from "./hub-time.ts";
import type { LiveFactsOf } from "./live.ts";
import type { Wire } from "./wire.ts";

const recordLimitMs = 2000;

export type Answers = {
  answer(node: string, link: { readonly boot: string; readonly conn: number }, request: AccessRequest): Promise<void>;
};

type Given = {
  readonly ledger: Ledger;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly time: HubTime;
  readonly ids: Ids;
  readonly log: Log;
  readonly boot: string;
  readonly liveFacts: LiveFactsOf;
  readonly mode: () => SiteMode;
};

export function createAnswers(given: Given): Answers {
  const { ledger, wire, clock, ids, log, boot } = given;
  let seq = 0;

  const record = (request: AccessRequest, decision: Decision, id: string, facts: DecideFacts | undefined, tookMs: number): LedgerEvent => {
    seq += 1;
    const { nowMs, quality } = given.time.read();
    const body: EventBody = {
      kind: "access.decided",
      request: request.kind,
      decision: id,
      outcome: decision.outcome === "ask" ? "deny" : decision.outcome,
      reason: decision.reason,
      also: [...decision.also],
      warnings: [...decision.warnings],
      member: decision.member,
      where: "hub",
      snapshot: facts === undefined ? null : { ...facts.snapshot, ageMs: 0 },
      tookMs,
    };
    return {
      node: "hub",
      boot,
      seq,
      ch: request.ch,
      atMono: Math.round(clock.monoMs()),
      atMs: nowMs,
      tq: quality,
      evtMs: nowMs,
      recvMs: nowMs,
      tqHub: quality,
      body,
    };
  };

  const decideAndSend = async (node: string, link: { readonly boot: string; readonly conn: number }, request: AccessRequest) => {
    const startedMono = clock.monoMs();
    const facts = ledger.permits.decideFacts(node, request.ch, request.presented[0]?.cardKey ?? "");
    const decision = judge(given, node, request, facts);
    const id = ids.ulid();
    const event = record(request, decision, id, facts, Math.round((clock.monoMs() - startedMono) * 1000) / 1000);
    const durable = await within(clock, recordLimitMs, ledger.append("hub", [event]));
    if (decision.outcome === "grant" && !durable) {
      log.error({ node, ch: request.ch }, "No answer: the decision could not be recorded within 2 s; the node decides by itself.");
      return;
    }
    if (clock.monoMs() - startedMono > recordLimitMs) return;
    await wire.sendSealed("accessResponse", node, response(request, decision, id, link));
  };

  return {
    /** Never rejects: what cannot be decided is not answered, and the node decides by itself. */
    async answer(node, link, request) {
      try {
        await decideAndSend(node, link, request);
      } catch (error) {
        log.error(
          { node, ch: request.ch, error: error instanceof Error ? error.message : String(error) },
          "No answer: the request could not be decided.",
        );
      }
    },
  };
}

function judge(given: Given, node: string, request: AccessRequest, facts: DecideFacts | undefined): Decision {
  const { nowMs, floorMs, quality } = given.time.read();
  const nowMono = given.clock.monoMs();
  return decide({
    question: { kind: request.kind, ageMs: Math.max(0, ...request.presented.map((card) => card.ageMs)), usable: true },
    clock: quality === "unknown" ? { nowMs: null, floorMs, quality } : { nowMs, floorMs: nowMs, quality },
    subject: facts?.subject ?? null,
    resource: facts?.resource ?? null,
    schedules: facts?.schedules ?? [],
    live: { ...given.liveFacts(node, request.ch, nowMono), lockouts: facts?.lockouts ?? [], revoked: facts?.revoked ?? false },
    mode: given.mode(),
    nodeAuthorised: true,
    where: { place: "hub" },
  });
}

function response(
  request: AccessRequest,
  decision: Decision,
  id: string,
  link: { readonly boot: string; readonly conn: number },
): AccessResponse {
  const due = decision.obligations;
  const permit: Permit | null = due === null ? null : { ...due, holdPolicy: due.holdPolicy === "indefinite" ? "indefinite" : "until_idle" }; // never `fixed`: it cuts a busy machine (I3)
  return {
    nonce: request.nonce,
    decision: id,
    outcome: decision.outcome === "ask" ? "deny" : decision.outcome,
    reason: decision.reason,
    also: [...decision.also],
    member: decision.member,
    display: { key: decision.reason, params: {} },
    permit: decision.outcome === "grant" ? permit : null,
    pendingMs: decision.outcome === "pending" ? 15_000 : null,
    boot: link.boot,
    conn: link.conn,
  };
}

/** True when the promise kept its word in time; false when it failed or is late. Never rejects. */
function within(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after("decision record", limitMs, () => resolve(false));
    work.then(
      () => {
        cancel();
        resolve(true);
      },
      () => {
        cancel();
        resolve(false);
      },
    );
  });
}
