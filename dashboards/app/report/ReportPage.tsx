/** A month on paper: what is not known first, then the tables. Prints as it stands; CSV for those who count further. */
import { Button } from "@mantine/core";
import { Fragment, useEffect, useState } from "react";
import { get, workMostMs } from "../../shared/api.ts";
import { timeOf } from "../../shared/format.ts";
import { useWords, type Words } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { go } from "../../shared/route.ts";
import { useLive } from "../../shared/use-live.ts";
import { type MonthReport, monthReport } from "../../shared/wire.ts";
import type { PageProps } from "../pages.ts";
import { ReportChart } from "./ReportChart.tsx";
import { ReportTable } from "./ReportTable.tsx";

const monthPattern = /^20\d{2}-(?:0[1-9]|1[0-2])$/;

export function ReportPage({ params }: PageProps) {
  const words = useWords();
  const { t, language } = words;
  const { snapshot } = useLive();
  const thisMonth = monthAt(Date.now(), snapshot?.site.zone ?? "UTC");
  const month = monthPattern.test(params["month"] ?? "") ? (params["month"] ?? thisMonth) : thisMonth;
  const [report, setReport] = useState<MonthReport>();
  const [problem, setProblem] = useState<unknown>();
  useEffect(() => {
    let wanted = true;
    get(`/api/reports/${month}?language=${language}`, monthReport, undefined, workMostMs).then(
      (found) => {
        if (!wanted) return;
        setReport(found);
        setProblem(undefined);
      },
      (error: unknown) => wanted && setProblem(error),
    );
    return () => {
      wanted = false;
    };
  }, [month, language]);
  const title = monthName(month, words);
  useEffect(() => {
    document.title = `${title} · Koprade`;
  }, [title]);

  return (
    <article className="report">
      <div className="report-head">
        <h1>{title}</h1>
        <div className="report-act no-print">
          <Button variant="default" size="xs" onClick={() => go(`/reports/${moved(month, -1)}`)}>
            {t("report.previous")}
          </Button>
          <Button variant="default" size="xs" disabled={month >= thisMonth} onClick={() => go(`/reports/${moved(month, 1)}`)}>
            {t("report.next")}
          </Button>
          <Button size="xs" variant="default" component="a" href={`/api/reports/${month}/file?format=csv&language=${language}`}>
            {t("report.csv")}
          </Button>
          <Button size="xs" variant="default" component="a" href={`/api/reports/${month}/file?format=xlsx&language=${language}`}>
            XLSX
          </Button>
          <Button size="xs" variant="default" component="a" href={`/api/reports/${month}/file?format=pdf&language=${language}`}>
            PDF
          </Button>
          <Button size="xs" onClick={() => print()}>
            {t("report.print")}
          </Button>
        </div>
      </div>
      <ProblemAlert problem={problem} />
      {report !== undefined && report.month === month && <ReportBody report={report} partial={month === thisMonth} />}
    </article>
  );
}

function ReportBody({ report, partial }: { readonly report: MonthReport; readonly partial: boolean }) {
  const words = useWords();
  const { t } = words;
  return (
    <>
      <p className="quiet">
        <strong>{report.siteName}</strong> ·{" "}
        {t("report.made", { time: timeOf(report.madeMs, report.zone, words, { nowMs: 0 }), zone: report.zone })}{" "}
        {partial && t("report.partial")}
      </p>
      {report.simulated && <p className="tag">{t("page.simulated_long")}</p>}
      {report.sentences.length > 0 && (
        <ul className="sentences">
          {report.sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      {report.quality.length > 0 && (
        <section className="quality">
          <h2>{t("report.quality")}</h2>
          <ul>
            {report.quality.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </section>
      )}
      {report.tables.map((table) => (
        <Fragment key={table.id}>
          {report.charts
            .filter((chart) => chart.table === table.id)
            .map((chart) => (
              <ReportChart key={chart.id} chart={chart} />
            ))}
          <ReportTable table={table} />
        </Fragment>
      ))}
    </>
  );
}

function monthAt(atMs: number, zone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit" }).format(atMs).slice(0, 7);
}

function moved(month: string, by: number): string {
  const at = new Date(`${month}-15T12:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + by);
  return at.toISOString().slice(0, 7);
}

function monthName(month: string, { language }: Words): string {
  const name = new Intl.DateTimeFormat(language, { year: "numeric", month: "long", timeZone: "UTC" }).format(
    new Date(`${month}-15T12:00:00Z`),
  );
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}
