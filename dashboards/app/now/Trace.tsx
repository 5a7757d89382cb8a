/** Power over time as one line, with the two thresholds dashed. Gaps stay gaps. Decoration beside numbers, so hidden from readers. */
import type { PowerPoint } from "../../shared/live.ts";

const widthUnits = 300;
const padUnits = 3;

type TraceProps = {
  readonly points: readonly PowerPoint[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly idleW: number | null;
  readonly busyW: number | null;
  readonly height: number;
};

export function Trace({ points, fromMs, toMs, idleW, busyW, height }: TraceProps) {
  const shown = points.filter((point) => point.atMs >= fromMs && point.atMs <= toMs);
  const topW = Math.max(10, busyW ?? 0, ...shown.map((point) => point.powerW ?? 0)) * 1.08;
  const x = (atMs: number): number => ((atMs - fromMs) / Math.max(1, toMs - fromMs)) * widthUnits;
  const y = (powerW: number): number => height - padUnits - (Math.max(0, powerW) / topW) * (height - 2 * padUnits);
  const line = pathOf(shown, x, y);
  return (
    <svg
      className="trace"
      viewBox={`0 0 ${widthUnits} ${height}`}
      height={height}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      {idleW !== null && <line className="threshold" x1="0" x2={widthUnits} y1={y(idleW)} y2={y(idleW)} />}
      {busyW !== null && <line className="threshold busy" x1="0" x2={widthUnits} y1={y(busyW)} y2={y(busyW)} />}
      <path d={line} fill="none" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** Draws steps as slopes, and lifts the pen where a reading is missing or more than 90 s late. */
function pathOf(points: readonly PowerPoint[], x: (atMs: number) => number, y: (powerW: number) => number): string {
  const gapMs = Math.max(90_000, 3 * typicalStepMs(points));
  let path = "";
  let lastMs: number | null = null;
  for (const { atMs, powerW } of points) {
    if (powerW === null) {
      lastMs = null;
      continue;
    }
    path += `${lastMs === null || atMs - lastMs > gapMs ? "M" : "L"}${x(atMs).toFixed(1)} ${y(powerW).toFixed(1)}`;
    lastMs = atMs;
  }
  return path;
}

function typicalStepMs(points: readonly PowerPoint[]): number {
  const first = points[0];
  const last = points.at(-1);
  return first === undefined || last === undefined || points.length < 2 ? 0 : (last.atMs - first.atMs) / (points.length - 1);
}
