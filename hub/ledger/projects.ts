/** Commands about projects and their indicators. What an indicator means, and what was reached, are facts with a date; none is overwritten. */
import type { CommandContext, Handlers } from "./commands.ts";
import type { Database } from "./database.ts";
import { localToday } from "./dates.ts";
import { type IndicatorDefinition, ofMachine } from "./inputs-projects.ts";
import { Refused } from "./refuse.ts";
import { missing, needMachine } from "./rows.ts";

export type ProjectRow = {
  readonly project: string;
  readonly label: string;
  readonly number: string;
  readonly funder: string;
  readonly programme: string;
  readonly from: string;
  readonly through: string;
  readonly publicity: string;
  /** a PNG in base64 */
  readonly logo: string | null;
  readonly assets: readonly { readonly machine: string; readonly from: string }[];
  /** as they are defined now */
  readonly indicators: readonly (IndicatorDefinition & { readonly indicator: string })[];
  /** of all indicators, without what was taken back, by their day */
  readonly notes: readonly {
    readonly note: number;
    readonly indicator: string;
    readonly on: string;
    readonly value: number;
    readonly evidence: string;
  }[];
};

export const projects: Pick<
  Handlers,
  "setProject" | "removeProject" | "fundAsset" | "unfundAsset" | "setIndicator" | "removeIndicator" | "noteIndicator" | "undoIndicatorNote"
> = {
  setProject({ db }, input) {
    if (input.through < input.from)
      throw new Refused("BAD_INPUT", "through: the project would end before it begins.", "Give a last day that is not before the first.");
    db.run(
      `INSERT INTO projects (project, label, number, funder, programme, from_date, through, publicity, logo) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (project) DO UPDATE SET label = excluded.label, number = excluded.number, funder = excluded.funder,
         programme = excluded.programme, from_date = excluded.from_date, through = excluded.through, publicity = excluded.publicity,
         logo = excluded.logo`,
      input.project,
      input.label,
      input.number,
      input.funder,
      input.programme,
      input.from,
      input.through,
      input.publicity,
      input.logo,
    );
    return {};
  },

  /** One of which anything was said stays: its report must be there as long as the funder may ask. */
  removeProject(context, { project }) {
    needProject(context, project);
    const { db } = context;
    const used = db.one<{ by: string }>(
      `SELECT 'the machine ' || machine AS by FROM project_assets WHERE project = ?1
       UNION ALL SELECT 'a value that was noted' FROM indicator_notes WHERE project = ?1
       UNION ALL SELECT 'the indicator ' || indicator FROM indicators i WHERE project = ?1 AND definition IS NOT NULL
         AND id = (SELECT max(id) FROM indicators x WHERE x.project = i.project AND x.indicator = i.indicator) LIMIT 1`,
      project,
    );
    if (used !== undefined) throw new Refused("CONFLICT", `Project ${project} is in use: ${used.by}.`, "Take that back first.");
    db.run("DELETE FROM indicators WHERE project = ?", project);
    db.run("DELETE FROM projects WHERE project = ?", project);
    return {};
  },

  fundAsset(context, { project, machine, from }) {
    needProject(context, project);
    needMachine(context, machine);
    context.db.run(
      "INSERT INTO project_assets (project, machine, from_date) VALUES (?, ?, ?) ON CONFLICT (project, machine) DO UPDATE SET from_date = excluded.from_date",
      project,
      machine,
      from,
    );
    return {};
  },

  unfundAsset(context, { project, machine }) {
    needProject(context, project);
    if (context.db.run("DELETE FROM project_assets WHERE project = ? AND machine = ?", project, machine) === 0)
      throw new Refused("NOT_FOUND", `Project ${project} has not paid for ${machine}.`, "`koprade project show` lists what it has.");
    return {};
  },

  setIndicator(context, { project, indicator, definition }) {
    needProject(context, project);
    const [metric = "", machine] = definition.source === "auto" ? definition.metric.split("/") : [];
    if (machine !== undefined) {
      if (!ofMachine.has(metric)) throw new Refused("BAD_INPUT", `metric: ${metric} has no machine.`, `Give ${metric} alone.`);
      needMachine(context, machine);
    }
    setDefinition(context, project, indicator, JSON.stringify(definition));
    return {};
  },

  removeIndicator(context, { project, indicator }) {
    needIndicator(context, project, indicator);
    setDefinition(context, project, indicator, null);
    return {};
  },

  noteIndicator(context, { project, indicator, on, value, evidence }) {
    const { source } = needIndicator(context, project, indicator);
    if (source !== "manual")
      throw new Refused("CONFLICT", `${indicator} is counted by the hub (${source}).`, "Only a manual indicator takes notes.");
    if (on > localToday(context.tz, context.nowMs))
      throw new Refused("BAD_INPUT", `on: ${on} is still to come.`, "Note a value when it is reached.");
    const note = context.db.insert(
      "INSERT INTO indicator_notes (project, indicator, on_date, value, evidence) VALUES (?, ?, ?, ?, ?)",
      project,
      indicator,
      on,
      value,
      evidence,
    );
    return { note };
  },

  undoIndicatorNote({ db, nowMs, actor }, { note, reason }) {
    const row = db.one<{ undoneMs: number | null }>("SELECT undone_ms AS undoneMs FROM indicator_notes WHERE id = ?", note);
    if (row === undefined) throw missing("note", note);
    if (row.undoneMs !== null) throw new Refused("CONFLICT", `Note ${note} is taken back already.`, "Note it again if it was right.");
    db.run("UPDATE indicator_notes SET undone_ms = ?, undone_by = ?, undone_reason = ? WHERE id = ?", nowMs, actor, reason, note);
    return {};
  },
};

function needProject({ db }: CommandContext, project: string): void {
  if (db.one("SELECT 1 FROM projects WHERE project = ?", project) === undefined) throw missing("project", project);
}

function needIndicator(context: CommandContext, project: string, indicator: string): IndicatorDefinition {
  needProject(context, project);
  const row = readIndicators(context.db, project).find((one) => one.indicator === indicator);
  if (row === undefined) throw missing("indicator", indicator);
  return row;
}

function setDefinition({ db, nowMs }: CommandContext, project: string, indicator: string, definition: string | null): void {
  db.run("INSERT INTO indicators (project, indicator, definition, set_ms) VALUES (?, ?, ?, ?)", project, indicator, definition, nowMs);
}

function readIndicators(db: Database, project: string): ProjectRow["indicators"] {
  return db
    .all<{ indicator: string; definition: string }>(
      `SELECT indicator, definition FROM indicators i WHERE project = ? AND definition IS NOT NULL
         AND id = (SELECT max(id) FROM indicators x WHERE x.project = i.project AND x.indicator = i.indicator) ORDER BY indicator`,
      project,
    )
    .map(({ indicator, definition }) => ({ indicator, ...(JSON.parse(definition) as IndicatorDefinition) }));
}

export function readProjects(db: Database): ProjectRow[] {
  return db
    .all<Omit<ProjectRow, "assets" | "indicators" | "notes">>(
      `SELECT project, label, number, funder, programme, from_date AS "from", through, publicity, logo FROM projects ORDER BY project`,
    )
    .map((row) => ({
      ...row,
      assets: db.all(`SELECT machine, from_date AS "from" FROM project_assets WHERE project = ? ORDER BY machine`, row.project),
      indicators: readIndicators(db, row.project),
      notes: db.all(
        `SELECT id AS note, indicator, on_date AS "on", value, evidence FROM indicator_notes
         WHERE project = ? AND undone_ms IS NULL ORDER BY on_date, id`,
        row.project,
      ),
    }));
}
