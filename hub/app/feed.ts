/** What has happened as one line of the live feed, or nothing when people need not see it. */
import type { EventBody } from "#contract";
import type { LedgerEvent, Registry, Resource } from "../ports.ts";
import type { FeedItem, Person } from "../views.ts";
import type { Known } from "./live-known.ts";
import { personOf } from "./live-pictures.ts";

const alarms: ReadonlySet<EventBody["kind"]> = new Set([
  "door.forced_open",
  "door.held_open",
  "door.jam",
  "door.tamper",
  "mach.fault",
  "mach.current_while_off",
  "mach.verify_failed",
  "mach.manual_bypass",
  "mach.oops",
  "mach.safety_input",
  "mach.meter_lost",
  "mach.bad_poweroff",
  "mach.unattributed_use",
]);

/** Whoever was let in stands there already, and people who leave would fill the page: refusals are what it is read for. */
const isExpected = (cause: string): boolean => cause === "grant" || cause === "rex";

/** What no node can know. */
const isFoundByHub = (body: EventBody): body is Extract<EventBody, { kind: "card.suspect" | "access.duress" }> =>
  body.kind === "card.suspect" || body.kind === "access.duress";

function feedItem(event: LedgerEvent, resource: Resource | undefined, person: (member: number) => Person | null): FeedItem | undefined {
  const { body } = event;
  // The hub's own record of an answer comes again in the words of the node that asked.
  if (event.node === "hub" && !isFoundByHub(body)) return undefined;
  const line = (kind: FeedItem["kind"], more: Partial<FeedItem> = {}): FeedItem => ({
    id: `${event.node}.${event.boot}.${event.seq}`,
    atMs: event.evtMs,
    kind,
    where: resource?.id ?? event.ch,
    whereLabel: resource?.label ?? event.ch,
    who: null,
    reason: null,
    also: [],
    nextStep: {},
    ...more,
  });
  if (body.kind === "access.decided") {
    const about = { who: person(body.member), reason: body.reason, also: body.also };
    if (body.outcome === "grant") return line("granted", about);
    // Whoever holds a lost or stolen card reads that it is unknown; the house hears whose it is (domain.md R32).
    if (body.reason === "CREDENTIAL_REVOKED") return line("alarm", about);
    return body.outcome === "deny" ? line("refused", { ...about, nextStep: resource?.facts.nextStep[body.reason] ?? {} }) : undefined;
  }
  // a card with older keys wants to be made anew; any other that cannot prove itself may be a copy
  if (body.kind === "card.suspect") return body.why === "other keys" || body.why === "not recorded" ? undefined : line("alarm");
  if (body.kind === "access.duress") return line("duress", { who: person(body.member) });
  if (body.kind === "mach.session_closed") return line("ended");
  if (body.kind === "door.opened") return isExpected(body.cause) ? undefined : line("opened", { who: person(body.who[0] ?? 0) });
  return alarms.has(body.kind) ? line("alarm") : undefined;
}

/** A use that would have been refused, had the node known. */
function exceptionItem(
  row: ReturnType<Registry["exceptions"]>[number],
  resource: Resource | undefined,
  person: (member: number) => Person | null,
): FeedItem {
  return {
    id: `exception.${row.exception}`,
    atMs: row.evtMs,
    kind: "exception",
    where: row.resource,
    whereLabel: resource?.label ?? row.resource,
    who: person(row.member),
    reason: row.code,
    also: [],
    nextStep: {},
  };
}

/** Where it happened; what the hub has found, it found about a node's reader. */
const shownAt = ({ node, body }: LedgerEvent): string => (isFoundByHub(body) ? (body.node ?? node) : node);

const feedMax = 50;

export type Feed = {
  /** newest first */
  items(): readonly FeedItem[];
  add(item: FeedItem): void;
  itemOf(event: LedgerEvent): FeedItem | undefined;
  /** those that came since this was asked last */
  newExceptions(): FeedItem[];
};

/** The last lines, those from before this start first. */
export function createFeed(registry: Registry, known: Pick<Known, "resources" | "resourceAt">): Feed {
  const person = (member: number): Person | null => personOf(registry, member);
  let lastException = 0;
  const itemOf = (event: LedgerEvent): FeedItem | undefined => feedItem(event, known.resourceAt(shownAt(event), event.ch), person);
  const newExceptions = (): FeedItem[] => {
    const rows = registry.exceptions(lastException);
    lastException = rows.at(-1)?.exception ?? lastException;
    return rows.map((row) =>
      exceptionItem(
        row,
        known.resources().find(({ id }) => id === row.resource),
        person,
      ),
    );
  };
  let items = [...registry.recentEvents(feedMax * 4).flatMap((event) => itemOf(event) ?? []), ...newExceptions()]
    .sort((a, b) => b.atMs - a.atMs)
    .slice(0, feedMax);
  return {
    items: () => items,
    add(item) {
      items = [item, ...items].slice(0, feedMax);
    },
    itemOf,
    newExceptions,
  };
}
