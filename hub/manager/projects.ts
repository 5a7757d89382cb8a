/** Projects of funders on the manager's page: facts from the ledger, what was reached from the desk. */
import { localDateAt } from "#core";
import type { Reads } from "../ledger/types.ts";
import type { ProjectFigures } from "../reports/project.ts";
import type { Stack } from "../stack.ts";
import type { IndicatorView, ProjectLine, ProjectView } from "../views-manager.ts";
import { shownIn } from "./number.ts";

/** Those that last longest first. */
export function projectsOf(read: Reads): ProjectLine[] {
  return read
    .projects()
    .map(({ project, label, funder, from, through, indicators }) => ({
      project,
      label,
      funder,
      from,
      through,
      indicators: indicators.length,
    }))
    .sort((a, b) => (a.through < b.through ? 1 : a.through > b.through ? -1 : a.label.localeCompare(b.label)));
}

export async function projectOf(
  { ledger: { read }, desk }: Pick<Stack, "ledger" | "desk">,
  project: string,
  nowMs: number,
): Promise<ProjectView | undefined> {
  const facts = read.projects().find((one) => one.project === project);
  if (facts === undefined) return undefined;
  const today = localDateAt(read.site().tz, nowMs);
  const hasBegun = facts.from <= today;
  const figures = hasBegun ? await desk.ask({ kind: "project", project, through: today.slice(0, 7), nowMs }) : null;
  const { indicators: _, assets, ...told } = facts;
  return {
    ...told,
    counted: figures?.months.at(-1)?.month ?? null,
    indicators: facts.indicators.map((one) => indicatorOf(one, figures)),
    assets: assets.map(({ machine, from }) => assetOf(read, machine, from, figures)),
    machines: read.resources().flatMap(({ id, kind, label }) => (kind === "machine" ? [{ id, label }] : [])),
  };
}

type Defined = ReturnType<Reads["projects"]>[number]["indicators"][number];
function indicatorOf(one: Defined, figures: ProjectFigures | null): IndicatorView {
  const { indicator, label, unit, baseline, target, source } = one;
  const line = figures?.indicators.find((each) => each.indicator === indicator);
  const counted = one.source === "counted" ? one : null;
  return {
    ...{ indicator, label, unit, baseline, target, source },
    metric: one.source === "auto" ? one.metric : null,
    count: counted?.count ?? null,
    kind: counted?.kind ?? null,
    group: counted?.group ?? null,
    actual: line?.actual ?? null,
    share: line?.share ?? null,
  };
}

function assetOf(read: Reads, machine: string, from: string, figures: ProjectFigures | null): ProjectView["assets"][number] {
  const found = figures?.assets.find((one) => one.machine === machine);
  const of = (id: string) => found?.metrics.find((metric) => metric.id === id)?.value ?? null;
  return {
    machine,
    label: read.resource(machine)?.label ?? machine,
    from,
    busyH: shownIn(of("M01"), "ms"),
    usedPercent: shownIn(of("M09"), "share"),
    users: shownIn(of("M16"), "count"),
  };
}
