/** Projects of funders: whose money, when, and how much was promised. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { dayOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { go } from "../../shared/route.ts";
import { useGive } from "../../shared/use-give.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { ProjectDialog } from "./ProjectDialog.tsx";
import { projectList } from "./wire.ts";

export function ProjectsPage() {
  const words = useWords();
  const { t } = words;
  const { data, problem } = useRead("/api/projects", projectList);
  const { state, give } = useGive();
  const [isAdding, setAdding] = useState(false);
  const add = async (input: { readonly project: string }): Promise<void> => {
    if ((await give("setProject", input)) !== undefined) go(`/projects/${input.project}`);
  };
  return (
    <div className="page">
      <PageHead title={t("nav.projects")}>
        <Button size="sm" onClick={() => setAdding(true)}>
          {t("projects.add")} …
        </Button>
      </PageHead>
      <ProblemAlert problem={problem} />
      <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
      {data === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {data?.length === 0 && <p className="empty">{t("projects.none")}</p>}
      {data !== undefined && data.length > 0 && (
        <table className="table stack">
          <thead>
            <tr>
              <th scope="col">{t("projects.name")}</th>
              <th scope="col">{t("projects.funder")}</th>
              <th scope="col">{t("projects.period")}</th>
              <th scope="col" className="numeric">
                {t("projects.indicators")}
              </th>
            </tr>
          </thead>
          <tbody>
            {data.map((row) => (
              <tr key={row.project}>
                <th scope="row">
                  <PageLink to={`/projects/${row.project}`}>{row.label}</PageLink>
                </th>
                <td data-label={t("projects.funder")}>{row.funder}</td>
                <td data-label={t("projects.period")}>
                  {dayOf(row.from, "UTC", words)} – {dayOf(row.through, "UTC", words)}
                </td>
                <td className="numeric" data-label={t("projects.indicators")}>
                  {row.indicators}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isAdding && (
        <ProjectDialog
          taken={data?.map(({ project }) => project) ?? []}
          onClose={() => setAdding(false)}
          onProject={(input) => void add(input)}
        />
      )}
    </div>
  );
}
