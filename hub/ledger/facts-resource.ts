/** What a policy says of a door or machine, as the facts have it: columns, policy, zone, circuit, bookings and shifts put together. */
import type { ResourceFacts, Schedule } from "#contract";
import { bookingDefaults, doorDefaults } from "#core";
import { type SiteFacts, zonesOf } from "./facts.ts";

export type ResourceFactsRow = {
  readonly id: string;
  readonly kind: "door" | "machine";
  readonly label: string;
  readonly course: string | null;
  readonly riskClass: "A" | "B" | "C" | null;
  readonly cutHazard: number | null;
  readonly zone: string | null;
  readonly policy: string;
  readonly nextStep: string;
};
export type ZoneFact = {
  readonly zone: string;
  readonly parent: string | null;
  readonly people: number | null;
  readonly capacity: "off" | "warn" | "deny";
  readonly loneWorking: "ok" | "warn" | "forbid";
};
type Booking = NonNullable<ResourceFacts["bookings"]>[number];
type Shift = NonNullable<ResourceFacts["duty"]>[number] & { readonly zone: string | null };
export type Accessory = { readonly accessory: string; readonly label: string; readonly course: string | null };
/** What stands beside the resources: by their names, or for all of them. */
export type PlaceFacts = {
  readonly accessories: ReadonlyMap<string, readonly Accessory[]>;
  /** to come and running, earliest first */
  readonly bookings: ReadonlyMap<string, readonly Booking[]>;
  /** null: the space keeps no roster */
  readonly shifts: readonly Shift[] | null;
  readonly budgetsW: ReadonlyMap<string, number>;
  /** places with a valid commissioning record */
  readonly commissioned: ReadonlySet<string>;
};

/** What a policy column holds: the fields of inputs.ts that are no columns of their own. Older rows lack the newer ones. */
type Usual = {
  readonly offline: ResourceFacts["offline"];
  readonly offlineMaxAgeMs: number;
  readonly unknownClock: ResourceFacts["unknownClock"];
  readonly asks: ResourceFacts["asks"];
  readonly hours: string | null;
  readonly disabled: boolean;
};
type Timed = {
  readonly sharing?: ResourceFacts["sharing"];
  readonly attendance?: ResourceFacts["attendance"];
  readonly leaseMs?: number;
  readonly idleMs?: number;
  readonly graceMs?: number;
  readonly enableMs?: number;
  readonly minUsefulMs?: number;
  readonly strikeMs?: number;
  readonly shuntMs?: number;
  readonly extendedShuntMs?: number;
  readonly passage?: string | null;
};
/** Fields that stand in the facts as they stand in the policy. */
const sameFields = [
  "assurance",
  "guests",
  "minorsNeedSupervisor",
  "minCreditCents",
  "checkIn",
  "booking",
  "exclusiveGroup",
  "check",
  "restartable",
  "stewardRequired",
  "memberLimit",
  "supervisorLimit",
  "antiPassback",
  "takeoverIdleMs",
  "warnOnly",
  "alwaysEnabled",
  "overridableBy",
] as const satisfies readonly (keyof ResourceFacts)[];
type Rare = { readonly [K in (typeof sameFields)[number]]?: ResourceFacts[K] | null } & {
  readonly twoPerson?: string | null;
  readonly loneWorking?: "ok" | "warn" | "forbid" | null;
  readonly circuit?: string | null;
  readonly ratedW?: number | null;
};
type StoredPolicy = Usual & Timed & Rare;

const listMax = 60;
/** A machine that somebody has booked keeps others off even where the policy says nothing of bookings (domain.md §4.8). */
const bookable = { mode: "optional", ...bookingDefaults } as const;

export function resourceFactsOf(row: ResourceFactsRow, site: SiteFacts): ResourceFacts {
  const policy: StoredPolicy = JSON.parse(row.policy);
  return {
    id: row.id,
    kind: row.kind,
    label: row.label,
    tz: site.tz,
    riskClass: row.riskClass,
    cutHazard: row.cutHazard === 1,
    sharing: policy.sharing ?? "shared",
    attendance: policy.attendance ?? "attended",
    requiresTraining: row.course !== null,
    nextStep: JSON.parse(row.nextStep),
    openingHours: hoursOf(policy.hours, site),
    unknownClock: policy.unknownClock,
    offline: policy.offline,
    offlineMaxAgeMs: policy.offlineMaxAgeMs,
    minUsefulMs: policy.minUsefulMs ?? 0,
    asks: policy.asks,
    disabled: policy.disabled,
    ...(row.kind === "door" || site.places.commissioned.has(row.id) ? {} : { notCommissioned: true as const }),
    lease: { leaseMs: policy.leaseMs ?? 0, idleMs: policy.idleMs ?? 0, graceMs: policy.graceMs ?? 0, enableMs: policy.enableMs ?? 0 },
    door: row.kind === "door" ? doorOf(policy) : null,
    ...rareOf(policy),
    ...passageOf(policy, site),
    ...placeOf(row, policy, site),
    ...peopleOf(policy, site),
  };
}

function doorOf({ strikeMs, shuntMs, extendedShuntMs }: Timed): NonNullable<ResourceFacts["door"]> {
  return {
    strikeMs: strikeMs ?? doorDefaults.strikeMs,
    shuntMs: shuntMs ?? doorDefaults.shuntMs,
    ...(extendedShuntMs === undefined ? {} : { extendedShuntMs }),
  };
}

function hoursOf(hours: string | null, site: SiteFacts): Schedule | null {
  if (hours === "always") return null;
  const name = hours ?? site.openingHours;
  return name === null ? null : (site.schedules.get(name) ?? null);
}

/** A schedule that is gone leaves the door locked. */
function passageOf({ passage }: Timed, site: SiteFacts): Partial<ResourceFacts> {
  const hours = typeof passage === "string" ? site.schedules.get(passage) : undefined;
  return hours === undefined ? {} : { passage: hours };
}

/** Null and false say that it does not apply, and so does absence; only `restartable` means something by being false. */
function rareOf(policy: Rare): Partial<ResourceFacts> {
  const given = sameFields.map((field) => [field, policy[field]] as const);
  return Object.fromEntries(
    given.filter(([field, value]) =>
      field === "restartable" ? value === false : value !== null && value !== undefined && value !== false,
    ),
  );
}

/** What comes from where it stands, what it hangs on and what has been arranged. */
function placeOf(row: ResourceFactsRow, policy: Rare, site: SiteFacts): Partial<ResourceFacts> {
  const zones = zonesOf(row.zone, site).flatMap((zone) => site.zones.get(zone) ?? []);
  const own = zones[0];
  const lone = policy.loneWorking ?? own?.loneWorking ?? "ok";
  const accessories = site.places.accessories.get(row.id) ?? [];
  const bookings = site.places.bookings.get(row.id) ?? [];
  const here = new Set<string | null>([null, ...zones.map((zone) => zone.zone)]);
  const duty = site.places.shifts
    ?.filter((shift) => here.has(shift.zone))
    .map(({ fromMs, untilMs, member }) => ({ fromMs, untilMs, member }));
  const budgetW = typeof policy.circuit === "string" ? site.places.budgetsW.get(policy.circuit) : undefined;
  return {
    ...(lone === "ok" ? {} : { loneWorking: lone }),
    ...(own === undefined || own.people === null || own.capacity === "off" ? {} : { capacity: { people: own.people, mode: own.capacity } }),
    ...(accessories.length === 0 ? {} : { accessories: accessories.map(({ accessory, label }) => ({ accessory, label })) }),
    ...(bookings.length === 0 ? {} : { bookings: bookings.slice(0, listMax), booking: policy.booking ?? bookable }),
    ...(duty === undefined ? {} : { duty: duty.slice(0, listMax) }),
    ...(budgetW === undefined || typeof policy.circuit !== "string"
      ? {}
      : { feed: { circuit: policy.circuit, ratedW: policy.ratedW ?? 0, budgetW } }),
  };
}

/** A schedule that is gone asks for two people always: a missing list must not loosen what protects. */
function peopleOf(policy: Rare, site: SiteFacts): Partial<ResourceFacts> {
  if (typeof policy.twoPerson !== "string") return {};
  return { twoPerson: policy.twoPerson === "always" ? "always" : (site.schedules.get(policy.twoPerson) ?? "always") };
}
