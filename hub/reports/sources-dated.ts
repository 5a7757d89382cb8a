/** What reports ask about bookings, classes and what holds from a date on; the ledger's answers fit into it. */

type Span = { readonly fromMs: number; readonly toMs: number };

export type DatedQuestions = {
  bookings(
    fromMs: number,
    toMs: number,
  ): readonly (Span & { readonly machine: string; readonly isCancelled: boolean; readonly cancelledMs: number | null })[];
  courseClasses(
    fromMs: number,
    toMs: number,
  ): readonly {
    readonly course: string;
    readonly fromMs: number;
    readonly seats: number | null;
    readonly enrolled: readonly { readonly member: number; readonly signedUpMs: number | null }[];
    readonly present: readonly number[];
  }[];
  classSpans(fromMs: number, toMs: number): readonly (Span & { readonly place: string })[];
  memberships(): readonly { readonly member: number; readonly plan: string; readonly on: string }[];
  trainers(date: string): readonly { readonly member: number; readonly course: string | null }[];
  plannedMaintenance(fromMs: number, toMs: number): readonly (Span & { readonly machine: string })[];
  lastCare(beforeMs: number): ReadonlyMap<string, number>;
  backgrounds(): readonly {
    readonly member: number;
    readonly what: string;
    readonly value: string;
    readonly founded: string | null;
    readonly from: string;
  }[];
  rates(): readonly Rate[];
  machineThen(
    machine: string,
    beforeMs: number,
  ): {
    readonly course: string | null;
    readonly enforced: boolean | null;
    readonly leftPowered: boolean | null;
    readonly leftOnAfterMs: number | null;
  } | null;
  shifts(fromMs: number, toMs: number): readonly Span[];
  contradicted(
    fromMs: number,
    toMs: number,
  ): readonly { readonly atMs: number; readonly at: string; readonly code: string; readonly member: number }[];
  attendances(
    fromMs: number,
    toMs: number,
  ): readonly (Span & {
    readonly class: string;
    readonly kind: string;
    readonly seats: number | null;
    readonly members: readonly number[];
    readonly guests: number;
  })[];
  machineWishes(
    beforeMs: number,
  ): readonly { readonly machine: string; readonly member: number; readonly atMs: number; readonly freeMs: number | null }[];
  materials(
    from: string,
    through: string,
  ): readonly { readonly on: string; readonly machine: string; readonly grams: number; readonly label: string }[];
};
export type Rate = {
  readonly rate: string;
  readonly of: string;
  readonly value: number | null;
  readonly source: string;
  readonly from: string;
};

/** What a rate was on a local date; null: nobody said. Rates must be in order of their dates. */
export const rateOn = (rates: readonly Rate[], rate: string, of: string, date: string): number | null =>
  rates.findLast((one) => one.rate === rate && one.of === of && one.from <= date)?.value ?? null;
