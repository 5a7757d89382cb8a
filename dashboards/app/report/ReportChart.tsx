/** A picture of the month, drawn by the hub: an image, so that nothing in it can run, with what it shows in words under it. */
import type { MonthReport } from "../../shared/wire.ts";

export function ReportChart({ chart }: { readonly chart: MonthReport["charts"][number] }) {
  return (
    <figure className="part chart">
      <h2>{chart.title}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <section className="wide" tabIndex={0} aria-label={chart.title}>
        <img src={`data:image/svg+xml,${encodeURIComponent(chart.svg)}`} alt={chart.summary} />
      </section>
      <figcaption className="quiet">{chart.summary}</figcaption>
    </figure>
  );
}
