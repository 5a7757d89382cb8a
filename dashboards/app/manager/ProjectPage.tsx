/** One project: what was promised and what was reached, with its source and evidence, and the machines that the money bought. */
import "./manager.css";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { workMostMs } from "../../shared/api.ts";
import { dayOf } from "../../shared/format.ts";
import { languageNames, useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { go } from "../../shared/route.ts";
import { useGive } from "../../shared/use-give.ts";
import { languages } from "../../shared/wire.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { Section } from "../now/Section.tsx";
import type { PageProps } from "../pages.ts";
import { ReasonDialog } from "../staff/ReasonDialog.tsx";
import { FormDialog, fieldOf } from "./FormDialog.tsx";
import { Indicators } from "./Indicators.tsx";
import { ProjectDialog } from "./ProjectDialog.tsx";
import { cellText, monthName } from "./values.tsx";
import { type ProjectView, projectView } from "./wire.ts";

export function ProjectPage({ params }: PageProps) {
  const words = useWords();
  const { t } = words;
  const id = params["project"] ?? "";
  const { data, problem } = useRead(`/api/projects/${encodeURIComponent(id)}`, projectView, undefined, undefined, workMostMs);
  const { state, give } = useGive();
  const [open, setOpen] = useState<"edit" | "remove">();
  const found = data?.project === id ? data : undefined;
  const remove = async (): Promise<void> => {
    if ((await give("removeProject", { project: id })) !== undefined) go("/projects");
  };
  return (
    <div className="page">
      <PageHead title={found?.label ?? id} up={{ to: "/projects", label: t("nav.projects") }}>
        {found !== undefined && (
          <>
            <Button size="sm" variant="default" onClick={() => setOpen("edit")}>
              {t("form.edit")} …
            </Button>
            <Button size="sm" variant="default" onClick={() => setOpen("remove")}>
              {t("form.remove")} …
            </Button>
          </>
        )}
      </PageHead>
      <ProblemAlert problem={problem} />
      <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
      {found === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {found !== undefined && (
        <>
          <About project={found} />
          <Indicators project={found} />
          <Notes project={found} />
          <Assets project={found} />
          {found.counted !== null && <Report project={found.project} through={found.counted} />}
        </>
      )}
      {open === "edit" && found !== undefined && (
        <ProjectDialog
          project={found}
          taken={[]}
          onClose={() => setOpen(undefined)}
          onProject={(input) => void give("setProject", input)}
        />
      )}
      {open === "remove" && found !== undefined && (
        <FormDialog
          title={t("projects.remove_of", { name: found.label })}
          submit={t("form.remove")}
          onClose={() => setOpen(undefined)}
          onForm={() => {
            void remove();
            return true;
          }}
        >
          <p>{t("projects.remove_long")}</p>
        </FormDialog>
      )}
    </div>
  );
}

function About({ project }: { readonly project: ProjectView }) {
  const words = useWords();
  const { t } = words;
  const facts: readonly (readonly [string, string])[] = [
    [t("projects.funder"), project.funder],
    [t("projects.programme"), project.programme],
    [t("projects.number"), project.number],
    [t("projects.period"), `${dayOf(project.from, "UTC", words)} – ${dayOf(project.through, "UTC", words)}`],
    [t("projects.publicity"), project.publicity],
  ];
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== "")
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Notes({ project }: { readonly project: ProjectView }) {
  const words = useWords();
  const { t, number } = words;
  const { state, give } = useGive();
  const [undone, setUndone] = useState<ProjectView["notes"][number]>();
  const { notes, indicators } = project;
  if (notes.length === 0 && indicators.every(({ source }) => source !== "manual")) return null;
  return (
    <>
      <Section title={t("notes.title")} count={notes.length} empty={t("notes.none")}>
        <ul className="rows">
          {notes.map((note) => (
            <li key={note.note} className="row">
              <time dateTime={note.on}>{dayOf(note.on, "UTC", words)}</time>
              <div className="row-text">
                <p>
                  <strong>{number(note.value, 2)}</strong> {indicators.find(({ indicator }) => indicator === note.indicator)?.label}
                </p>
                <p className="quiet">{note.evidence}</p>
              </div>
              <div className="row-act">
                <Button size="xs" variant="default" onClick={() => setUndone(note)}>
                  {t("notes.undo")} …
                </Button>
              </div>
            </li>
          ))}
        </ul>
      </Section>
      <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
      {undone !== undefined && (
        <ReasonDialog
          title={t("notes.undo_of", { day: dayOf(undone.on, "UTC", words) })}
          submit={t("notes.undo")}
          onClose={() => setUndone(undefined)}
          onReason={(reason) => void give("undoIndicatorNote", { note: undone.note, reason })}
        />
      )}
    </>
  );
}

function Assets({ project: { project, assets, machines, from } }: { readonly project: ProjectView }) {
  const words = useWords();
  const { t } = words;
  const { state, give } = useGive();
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<ProjectView["assets"][number]>();
  const free = machines.filter(({ id }) => assets.every(({ machine }) => machine !== id));
  return (
    <>
      <Section
        title={t("assets.title")}
        count={assets.length}
        empty={t("assets.none")}
        action={
          <Button size="xs" variant="default" disabled={free.length === 0} onClick={() => setAdding(true)}>
            {t("assets.add")} …
          </Button>
        }
      >
        <table className="table stack">
          <thead>
            <tr>
              <th scope="col">{t("indicator.machine")}</th>
              <th scope="col">{t("assets.since")}</th>
              <th scope="col" className="numeric">
                {t("assets.busy")}
              </th>
              <th scope="col" className="numeric">
                {t("assets.used")}
              </th>
              <th scope="col" className="numeric">
                {t("assets.users")}
              </th>
              <th scope="col">{t("accounts.act")}</th>
            </tr>
          </thead>
          <tbody>
            {assets.map((asset) => (
              <tr key={asset.machine}>
                <th scope="row">
                  <PageLink to={`/machines/${asset.machine}`}>{asset.label}</PageLink>
                </th>
                <td data-label={t("assets.since")}>{dayOf(asset.from, "UTC", words)}</td>
                <td className="numeric" data-label={t("assets.busy")}>
                  {cellText(asset.busyH, "h", words)}
                </td>
                <td className="numeric" data-label={t("assets.used")}>
                  {cellText(asset.usedPercent, "%", words)}
                </td>
                <td className="numeric" data-label={t("assets.users")}>
                  {cellText(asset.users, null, words)}
                </td>
                <td>
                  <Button size="xs" variant="default" onClick={() => setRemoved(asset)}>
                    {t("form.remove")} … <span className="visually-hidden">{asset.label}</span>
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
      <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
      {isAdding && (
        <FormDialog
          title={t("assets.add")}
          submit={t("form.add")}
          onClose={() => setAdding(false)}
          onForm={(form) => {
            void give("fundAsset", { project, machine: fieldOf(form, "machine"), from: fieldOf(form, "from") });
            return true;
          }}
        >
          <NativeSelect name="machine" label={t("indicator.machine")} data={free.map(({ id, label }) => ({ value: id, label }))} />
          <TextInput name="from" type="date" label={t("assets.since")} defaultValue={from} required />
        </FormDialog>
      )}
      {removed !== undefined && (
        <FormDialog
          title={t("assets.remove_of", { name: removed.label })}
          submit={t("form.remove")}
          onClose={() => setRemoved(undefined)}
          onForm={() => {
            void give("unfundAsset", { project, machine: removed.machine });
            return true;
          }}
        />
      )}
    </>
  );
}

/** The funder's document, as `koprade report --project` makes it. */
function Report({ project, through }: { readonly project: string; readonly through: string }) {
  const words = useWords();
  const { t, language: mine } = words;
  const [format, setFormat] = useState("pdf");
  const [language, setLanguage] = useState<string>(mine);
  const asked = new URLSearchParams({ document: "project", project, format, language });
  return (
    <Section title={t("projects.report")} count={1} empty="">
      <p className="quiet">{t("projects.counted", { month: monthName(through, words) })}</p>
      <div className="filters">
        <NativeSelect
          label={t("files.format")}
          value={format}
          data={["pdf", "xlsx", "csv", "html", "json"].map((value) => ({ value, label: value.toUpperCase() }))}
          onChange={(event) => setFormat(event.currentTarget.value)}
        />
        <NativeSelect
          label={t("nav.language")}
          value={language}
          data={languages.map((value) => ({ value, label: languageNames[value] }))}
          onChange={(event) => setLanguage(event.currentTarget.value)}
        />
        <Button component="a" href={`/api/months/${through}/file?${asked}`} download>
          {t("files.get")}
        </Button>
      </div>
    </Section>
  );
}
