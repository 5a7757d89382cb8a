/** Figures to tables: what machines were used for, jobs, bookings and care. A table that has nothing to say is left out. */
import type { Metric } from "#core";
import { metricTable, text } from "./tables.ts";
import type { MonthFigures, ReportTable } from "./types.ts";
import type { Words } from "./words-en.ts";

type Machines = MonthFigures["machines"];
const some = (machines: Machines, ids: readonly string[], tells: (metric: Metric) => boolean): boolean =>
  machines.some(({ metrics }) => metrics.some((metric) => ids.includes(metric.id) && tells(metric)));
const isKnown = ({ value }: Metric): boolean => value !== null;
const isMore = ({ value }: Metric): boolean => (value ?? 0) > 0;

export function workTables({ machines }: MonthFigures, w: Words): ReportTable[] {
  const first = text("machine", w.machine);
  return [
    ...(some(machines, ["M01.class", "M01.training", "M01.maintenance", "M01.test", "M01.service"], isMore)
      ? [
          metricTable(
            { id: "purposes", title: w.purposes, note: w.purposesNote, first },
            (["member", "class", "training", "maintenance", "test", "service"] as const).map(
              (purpose) => [`${purpose}_h`, w[`purpose_${purpose}`], "h", `M01.${purpose}`] as const,
            ),
            machines,
          ),
        ]
      : []),
    ...(some(machines, ["M30.completed", "M30.failed", "M30.cancelled", "M30.unknown"], isKnown)
      ? [
          metricTable(
            { id: "jobs", title: w.jobs, note: w.jobsNote, first },
            [
              ["jobs_completed", w.jobsCompleted, null, "M30.completed"],
              ["jobs_cancelled", w.jobsCancelled, null, "M30.cancelled"],
              ["jobs_failed", w.jobsFailed, null, "M30.failed"],
              ["jobs_unknown", w.jobsUnknown, null, "M30.unknown"],
              ["success_percent", w.jobsSuccess, "%", "M30"],
            ],
            machines,
          ),
        ]
      : []),
    ...(some(machines, ["M25.bookings", "M24.busy", "M24.booked"], isMore) ? [bookingTable(machines, w)] : []),
    ...(some(machines, ["M22.hours", "M22.energy", "M22.days"], isKnown)
      ? [
          metricTable(
            { id: "care", title: w.care, note: w.careNote, first },
            [
              ["care_hours_percent", w.careHours, "%", "M22.hours"],
              ["care_energy_percent", w.careEnergy, "%", "M22.energy"],
              ["care_days_percent", w.careDays, "%", "M22.days"],
            ],
            machines,
          ),
        ]
      : []),
  ];
}

function bookingTable(machines: Machines, w: Words): ReportTable {
  return metricTable(
    { id: "bookings", title: w.bookings, note: w.bookingsNote, first: text("machine", w.machine) },
    [
      ["bookings", w.bookingCount, null, "M25.bookings"],
      ["booked_percent", w.bookingFill, "%", "M25.fill"],
      ["booked_used_percent", w.bookingUse, "%", "M25.use"],
      ["no_show_percent", w.noShow, "%", "M25.no_show"],
      ["late_cancel_percent", w.lateCancel, "%", "M26"],
      ["waited_busy", w.waitBusy, null, "M24.busy"],
      ["waited_booked", w.waitBooked, null, "M24.booked"],
    ],
    machines,
  );
}
