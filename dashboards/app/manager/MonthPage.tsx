/** One month on its way to being closed: what is doubtful first, then its numbers, its revisions, and its documents. */
import "./manager.css";
import { Button } from "@mantine/core";
import { useState } from "react";
import * as z from "zod";
import { workMostMs } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { useGive } from "../../shared/use-give.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { Section } from "../now/Section.tsx";
import type { PageProps } from "../pages.ts";
import { CloseDialog } from "./CloseDialog.tsx";
import { MonthFiles } from "./MonthFiles.tsx";
import { MonthHistory } from "./MonthHistory.tsx";
import { MonthNumbers } from "./MonthNumbers.tsx";
import { NumberPanel } from "./NumberPanel.tsx";
import { useWork } from "./use-work.ts";
import { monthName } from "./values.tsx";
import { type MonthClosed, type MonthDesk, type MonthDoubt, monthClosed, monthDesk } from "./wire.ts";

const drafted = z.object({ hash: z.string() });

export function MonthPage({ params }: PageProps) {
  const words = useWords();
  const { t, language } = words;
  const month = params["month"] ?? "";
  const name = (params["number"] ?? "").replace("~", "/");
  const { data, problem, isPrevious } = useRead(`/api/months/${month}?language=${language}`, monthDesk, undefined, undefined, workMostMs);
  const desk = data?.month === month ? data : undefined;
  return (
    <div className="page" data-stale={isPrevious || undefined}>
      <PageHead title={monthName(month, words)} up={{ to: "/months", label: t("nav.months") }}>
        <PageLink to={`/reports/${month}`}>{t("month.print")}</PageLink>
      </PageHead>
      <ProblemAlert problem={problem} />
      {desk === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {desk !== undefined && (
        <>
          <MonthState desk={desk} />
          <Doubts desk={desk} />
          <MonthNumbers desk={desk} />
          <MonthHistory desk={desk} />
          <MonthFiles desk={desk} />
        </>
      )}
      {name !== "" && <NumberPanel month={month} name={name} tables={desk?.tables ?? []} />}
    </div>
  );
}

/** Where it stands and the next step on its way. */
function MonthState({ desk }: { readonly desk: MonthDesk }) {
  const { t } = useWords();
  const { month, state } = desk;
  const work = useWork();
  const [isClosing, setClosing] = useState(false);
  const [closed, setClosed] = useState<MonthClosed>();
  const isOpen = state === "open" || state === "draft" || state === "checked";
  const seal = async (body: object): Promise<void> => {
    const made = await work.run(`/api/months/${month}/${isOpen ? "close" : "revise"}`, body, monthClosed);
    if (made !== undefined) setClosed(made);
  };
  return (
    <div className="card month-state">
      <p>
        <strong>{t(`month.${state}`)}</strong>
        {state === "running" && <span className="quiet"> {t("month.running_long")}</span>}
      </p>
      <div className="state-act">
        {state === "open" && (
          <Button
            size="sm"
            variant="default"
            loading={work.state.kind === "sent"}
            onClick={() => void work.run(`/api/months/${month}/draft`, {}, drafted)}
          >
            {t("month.draft_make")}
          </Button>
        )}
        {(isOpen || desk.since.length > 0) && (
          <Button size="sm" loading={work.state.kind === "sent"} onClick={() => setClosing(true)}>
            {t(isOpen ? "month.close" : "month.revise")} …
          </Button>
        )}
      </div>
      <CommandNote state={work.state} sent={t("give.sent")} done={closed === undefined ? t("give.done") : ""} unconfirmed="" />
      {closed !== undefined && (
        <div role="status" className="closed">
          <p>{t("close.done", { month: closed.month, number: closed.number, revision: closed.revision })}</p>
          <code>{closed.hash}</code>
        </div>
      )}
      {isClosing && (
        <CloseDialog
          desk={desk}
          isFirst={isOpen}
          onClose={() => setClosing(false)}
          onConfirmed={(reason) => {
            setClosing(false);
            void seal(isOpen ? { hash: desk.hash } : { hash: desk.hash, reason });
          }}
        />
      )}
    </div>
  );
}

function Doubts({ desk }: { readonly desk: MonthDesk }) {
  const { t } = useWords();
  const { month, state, doubts } = desk;
  const { state: given, give } = useGive();
  return (
    <Section
      title={t("month.doubts")}
      count={doubts.length}
      empty={t("month.doubts_none")}
      action={
        (state === "draft" || state === "checked") && (
          <Button size="xs" variant="default" onClick={() => void give("checkMonth", { month, checked: state === "draft" })}>
            {t(state === "draft" ? "month.check" : "month.uncheck")}
          </Button>
        )
      }
    >
      <ol className="rows doubts" data-testid="doubts">
        {doubts.map((doubt, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list comes whole and never moves
          <Doubt key={i} doubt={doubt} />
        ))}
      </ol>
      <CommandNote state={given} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
    </Section>
  );
}

function Doubt({ doubt: { sentence, links, commands } }: { readonly doubt: MonthDoubt }) {
  const { t } = useWords();
  return (
    <li className="row">
      <div className="row-text">
        <p>{sentence}</p>
        {commands.length > 0 && (
          <details>
            <summary className="quiet">{t("month.terminal")}</summary>
            {commands.map((command) => (
              <code key={command} className="line">
                {command}
              </code>
            ))}
          </details>
        )}
      </div>
      <div className="row-act">
        {links.map(({ to, label }) => (
          <PageLink key={to} to={to} className="button">
            {t(`mend.${label}`)}
          </PageLink>
        ))}
      </div>
    </li>
  );
}
