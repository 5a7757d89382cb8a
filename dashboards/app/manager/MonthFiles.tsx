/** Every document of the month in every format and language, as `koprade report --pack` makes them. */
import { Button, NativeSelect } from "@mantine/core";
import { useState } from "react";
import { languageNames, useWords } from "../../shared/language.tsx";
import { languages } from "../../shared/wire.ts";
import { Section } from "../now/Section.tsx";
import type { MonthDesk } from "./wire.ts";

const documents = [
  ...(["full", "page", "machines", "people", "training", "events", "safety", "sustainability", "method", "annual", "network"] as const),
];
const formats = ["pdf", "xlsx", "csv", "html", "json"] as const;

export function MonthFiles({ desk }: { readonly desk: MonthDesk }) {
  const { t, language: mine } = useWords();
  const { month, revisions } = desk;
  const [document, setDocument] = useState<string>("full");
  const [format, setFormat] = useState<string>("pdf");
  const [language, setLanguage] = useState<string>(mine);
  const [revision, setRevision] = useState("");
  const asked = new URLSearchParams({ document, format, language, ...(revision === "" ? {} : { revision }) });
  return (
    <Section title={t("files.title")} count={1} empty="">
      <div className="filters">
        <NativeSelect
          label={t("files.document")}
          value={document}
          data={documents.map((value) => ({ value, label: t(`document.${value}`) }))}
          onChange={(event) => setDocument(event.currentTarget.value)}
        />
        <NativeSelect
          label={t("files.format")}
          value={format}
          data={formats.map((value) => ({ value, label: value.toUpperCase() }))}
          onChange={(event) => setFormat(event.currentTarget.value)}
        />
        <NativeSelect
          label={t("nav.language")}
          value={language}
          data={languages.map((value) => ({ value, label: languageNames[value] }))}
          onChange={(event) => setLanguage(event.currentTarget.value)}
        />
        {revisions.length > 1 && (
          <NativeSelect
            label={t("files.revision")}
            value={revision}
            data={[
              { value: "", label: t("files.latest") },
              ...revisions.map(({ revision: n }) => ({ value: String(n), label: String(n) })),
            ]}
            onChange={(event) => setRevision(event.currentTarget.value)}
          />
        )}
        <Button component="a" href={`/api/months/${month}/file?${asked}`} download>
          {t("files.get")}
        </Button>
      </div>
    </Section>
  );
}
