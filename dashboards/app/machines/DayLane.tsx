/** One machine's day as a lane: who used it, when it was out of use, what is booked. The picture has its sentence and its table beside it. */
import { timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import type { MachineDetail } from "../staff/wire.ts";

const widthUnits = 1440;
const heightUnits = 56;
const hoursMarked = [0, 6, 12, 18, 24];

type Bar = { readonly key: string; readonly kind: "used" | "stopped" | "booked"; readonly fromMs: number; readonly toMs: number };

export function DayLane({ detail, nowMs, zone }: { readonly detail: MachineDetail; readonly nowMs: number; readonly zone: string }) {
  const words = useWords();
  const { t } = words;
  const { fromMs, toMs } = detail.day;
  const x = (atMs: number): number => (Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs))) * widthUnits) | 0;
  const bars = barsOf(detail, nowMs).filter((bar) => bar.toMs > fromMs && bar.fromMs < toMs);
  return (
    <figure className="lane">
      <figcaption className="lane-key">
        <span data-kind="used">{t("lane.used")}</span>
        <span data-kind="stopped">{t("lane.stopped")}</span>
        <span data-kind="booked">{t("lane.booked")}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${widthUnits} ${heightUnits}`}
        preserveAspectRatio="none"
        height={heightUnits}
        aria-hidden="true"
        focusable="false"
      >
        <defs>
          <pattern id="lane-stop" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="5" height="10" className="lane-stopped" />
          </pattern>
        </defs>
        {bars.map(({ key, kind, fromMs: beginMs, toMs: endMs }) => (
          <rect
            key={key}
            className={`lane-${kind}`}
            x={x(beginMs)}
            y={kind === "booked" ? 38 : 6}
            width={Math.max(3, x(endMs) - x(beginMs))}
            height={kind === "booked" ? 12 : 28}
            {...(kind === "stopped" ? { fill: "url(#lane-stop)" } : {})}
          />
        ))}
        <line className="lane-now" x1={x(nowMs)} x2={x(nowMs)} y1="0" y2={heightUnits} />
      </svg>
      <div className="axis" aria-hidden="true">
        {hoursMarked.map((hour) => (
          <span key={hour}>{timeOf(fromMs + (hour / 24) * (toMs - fromMs), zone, words)}</span>
        ))}
      </div>
    </figure>
  );
}

function barsOf({ sessions, stops, bookings, planned }: MachineDetail, nowMs: number): Bar[] {
  return [
    ...sessions.map(({ session, startedMs, endedMs }): Bar => ({ key: session, kind: "used", fromMs: startedMs, toMs: endedMs ?? nowMs })),
    ...stops.map(({ fromMs, toMs }, i): Bar => ({ key: `stop${i}`, kind: "stopped", fromMs, toMs: toMs ?? nowMs })),
    ...planned.map(({ fromMs, toMs }, i): Bar => ({ key: `plan${i}`, kind: "stopped", fromMs, toMs })),
    ...bookings.map(({ booking, fromMs, untilMs }): Bar => ({ key: `b${booking}`, kind: "booked", fromMs, toMs: untilMs })),
  ];
}
