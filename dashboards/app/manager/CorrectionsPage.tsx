/** Other ends of sessions that members ask for: what was recorded, what they say, and the answer. */
import { Button, NativeSelect } from "@mantine/core";
import { useState } from "react";
import { timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { useGive } from "../../shared/use-give.ts";
import { useHubNow } from "../../shared/use-live.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { ReasonDialog } from "../staff/ReasonDialog.tsx";
import { type CorrectionLine, corrections } from "./wire.ts";

const shows = ["open", "all"] as const;
type Answering = { readonly row: CorrectionLine; readonly answer: "grant" | "refuse" };

export function CorrectionsPage() {
  const { t } = useWords();
  const [show, setShow] = useState<(typeof shows)[number]>("open");
  const { data, problem } = useRead(`/api/corrections?show=${show}`, corrections);
  const { state, give } = useGive();
  const [answering, setAnswering] = useState<Answering>();
  return (
    <div className="page">
      <PageHead title={t("nav.corrections")} />
      <ProblemAlert problem={problem} />
      <div className="filters">
        <NativeSelect
          label={t("log.show")}
          value={show}
          data={shows.map((value) => ({ value, label: t(`corrections.show_${value}`) }))}
          onChange={({ currentTarget: { value } }) => setShow(shows.find((one) => one === value) ?? "open")}
        />
      </div>
      <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
      {data === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {data?.rows.length === 0 && <p className="empty">{t(show === "open" ? "corrections.none" : "corrections.none_all")}</p>}
      {data !== undefined && data.rows.length > 0 && (
        <>
          <ul className="rows" data-testid="corrections">
            {data.rows.map((row) => (
              <Correction key={row.correction} row={row} zone={data.zone} onAnswer={(answer) => setAnswering({ row, answer })} />
            ))}
          </ul>
          <p className="quiet">{t("corrections.closed_note")}</p>
        </>
      )}
      {answering !== undefined && (
        <ReasonDialog
          title={t(`corrections.${answering.answer}_of`, { name: answering.row.who.name })}
          submit={t(`corrections.${answering.answer}`)}
          onClose={() => setAnswering(undefined)}
          onReason={(reason) => void give(`${answering.answer}Correction`, { correction: answering.row.correction, reason })}
        />
      )}
    </div>
  );
}

type RowProps = {
  readonly row: CorrectionLine;
  readonly zone: string;
  readonly onAnswer: (answer: Answering["answer"]) => void;
};
function Correction({ row, zone, onAnswer }: RowProps) {
  const words = useWords();
  const { t } = words;
  const nowMs = useHubNow();
  const at = (ms: number): { readonly time: string } => ({ time: timeOf(ms, zone, words, { nowMs }) });
  return (
    <li className="row">
      <div className="row-text">
        <p>
          <PageLink to={`/people/${row.who.member}`}>{row.who.name}</PageLink> ·{" "}
          <PageLink to={`/machines/${row.machine.id}`}>{row.machine.label}</PageLink>
        </p>
        <p>
          {t("corrections.began", at(row.startMs))}, {row.wasMs === null ? t("corrections.was_open") : t("corrections.was", at(row.wasMs))};{" "}
          <strong>{t("corrections.says", at(row.toMs))}</strong>
        </p>
        <p className="quiet">
          {row.reason} · {t("corrections.asked", at(row.askedMs))}
        </p>
        {row.outcome !== null && (
          <p>
            {t(`corrections.${row.outcome}`)}: {row.answer}
          </p>
        )}
      </div>
      {row.outcome === null && (
        <div className="row-act">
          {(["grant", "refuse"] as const).map((answer) => (
            <Button key={answer} size="xs" variant="default" onClick={() => onAnswer(answer)}>
              {t(`corrections.${answer}`)} …
            </Button>
          ))}
        </div>
      )}
    </li>
  );
}
