/** Indicators of a project: from where to where, how far, and who says so. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { useWords, type Words } from "../../shared/language.tsx";
import { useGive } from "../../shared/use-give.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { Section } from "../now/Section.tsx";
import { FormDialog, fieldOf, slugOf } from "./FormDialog.tsx";
import type { IndicatorView, ProjectView } from "./wire.ts";

type Open = { readonly what: "set" | "note" | "remove"; readonly one?: IndicatorView };

export function Indicators({ project }: { readonly project: ProjectView }) {
  const words = useWords();
  const { t } = words;
  const { state, give } = useGive();
  const [open, setOpen] = useState<Open>();
  const { indicators } = project;
  const close = (): void => setOpen(undefined);
  return (
    <>
      <Section
        title={t("projects.indicators")}
        count={indicators.length}
        empty={t("indicator.none")}
        action={
          <Button size="xs" onClick={() => setOpen({ what: "set" })}>
            {t("indicator.add")} …
          </Button>
        }
      >
        <IndicatorTable indicators={indicators} onOpen={setOpen} />
      </Section>
      <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
      {open?.what === "set" && (
        <IndicatorDialog project={project} one={open.one} onClose={close} onIndicator={(input) => void give("setIndicator", input)} />
      )}
      {open?.what === "note" && open.one !== undefined && (
        <NoteDialog project={project.project} one={open.one} onClose={close} onNote={(input) => void give("noteIndicator", input)} />
      )}
      {open?.what === "remove" && open.one !== undefined && (
        <FormDialog
          title={t("indicator.remove_of", { name: open.one.label })}
          submit={t("form.remove")}
          onClose={close}
          onForm={() => {
            void give("removeIndicator", { project: project.project, indicator: open.one?.indicator });
            return true;
          }}
        />
      )}
    </>
  );
}

function IndicatorTable(props: { readonly indicators: readonly IndicatorView[]; readonly onOpen: (open: Open) => void }) {
  const words = useWords();
  const { t, number } = words;
  const columns = ["indicator.baseline", "indicator.target", "indicator.actual", "indicator.share"] as const;
  const valuesOf = ({ baseline, target, actual, share, source, unit }: IndicatorView): readonly string[] => [
    number(baseline, 2),
    `${number(target, 2)} ${unit}`.trim(),
    actual === null ? (source === "counted" ? t("indicator.hidden") : "–") : `${number(actual, 2)} ${unit}`.trim(),
    share === null ? "–" : `${number(share * 100)} %`,
  ];
  return (
    <table className="table stack" data-testid="indicators">
      <thead>
        <tr>
          <th scope="col">{t("indicator.label")}</th>
          {columns.map((column) => (
            <th key={column} scope="col" className="numeric">
              {t(column)}
            </th>
          ))}
          <th scope="col">{t("indicator.source")}</th>
          <th scope="col">{t("accounts.act")}</th>
        </tr>
      </thead>
      <tbody>
        {props.indicators.map((one) => (
          <tr key={one.indicator}>
            <th scope="row">{one.label}</th>
            {valuesOf(one).map((value, i) => (
              <td key={columns[i]} className="numeric" data-label={t(columns[i] ?? "indicator.actual")}>
                {value}
              </td>
            ))}
            <td data-label={t("indicator.source")}>{sourceOf(one, words)}</td>
            <td>
              <div className="state-act">
                {one.source === "manual" && (
                  <Button size="xs" variant="default" onClick={() => props.onOpen({ what: "note", one })}>
                    {t("indicator.note")} … <span className="visually-hidden">{one.label}</span>
                  </Button>
                )}
                {(["set", "remove"] as const).map((what) => (
                  <Button key={what} size="xs" variant="default" onClick={() => props.onOpen({ what, one })}>
                    {t(what === "set" ? "form.edit" : "form.remove")} … <span className="visually-hidden">{one.label}</span>
                  </Button>
                ))}
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function sourceOf({ source, metric }: IndicatorView, { t, knows }: Words): string {
  if (source !== "auto" || metric === null) return t(`source.${source}`);
  const [id = "", machine] = metric.split("/");
  const key = `metric.${id}`;
  return `${t("source.auto")}: ${knows(key) ? t(key) : id}${machine === undefined ? "" : ` (${machine})`}`;
}

const metrics = ["V03", "V01", "V11", "M01", "M02", "M15", "M16", "M28"] as const;
const kinds = ["class", "training", "open_evening", "school_visit", "meetup", "exchange", "fair", "other"] as const;
const sources = ["auto", "counted", "manual"] as const;

type DialogProps = {
  readonly project: ProjectView;
  readonly one: IndicatorView | undefined;
  readonly onClose: () => void;
  readonly onIndicator: (input: object) => void;
};
function IndicatorDialog({ project, one, onClose, onIndicator }: DialogProps) {
  const { t } = useWords();
  const [source, setSource] = useState<IndicatorView["source"]>(one?.source ?? "auto");
  const [metric, setMetric] = useState(one?.metric?.split("/")[0] ?? "V03");
  const give = (form: FormData): true => {
    const of = (name: string): string => fieldOf(form, name);
    const orNull = (name: string): string | null => (of(name) === "" ? null : of(name));
    const label = of("label");
    const common = { label, unit: of("unit"), baseline: Number(of("baseline")), target: Number(of("target")) };
    const machine = of("machine");
    const own = {
      auto: { metric: machine === "" ? metric : `${metric}/${machine}` },
      counted: { count: of("count"), kind: orNull("kind"), group: orNull("group") },
      manual: {},
    }[source];
    const indicator =
      one?.indicator ??
      slugOf(
        label,
        project.indicators.map((each) => each.indicator),
      );
    onIndicator({ project: project.project, indicator, definition: { source, ...common, ...own } });
    return true;
  };
  return (
    <FormDialog title={one?.label ?? t("indicator.add")} submit={t("form.save")} onClose={onClose} onForm={give}>
      <TextInput name="label" label={t("indicator.label")} defaultValue={one?.label} required maxLength={120} data-autofocus />
      <NativeSelect
        label={t("indicator.source")}
        value={source}
        data={sources.map((value) => ({ value, label: t(`source.${value}`) }))}
        onChange={({ currentTarget: { value } }) => setSource(sources.find((each) => each === value) ?? "auto")}
      />
      {source === "auto" && (
        <NativeSelect
          label={t("indicator.metric")}
          value={metric}
          data={metrics.map((value) => ({ value, label: t(`metric.${value}`) }))}
          onChange={(event) => setMetric(event.currentTarget.value)}
        />
      )}
      {source === "auto" && metric.startsWith("M") && (
        <NativeSelect
          name="machine"
          label={t("indicator.machine")}
          defaultValue={one?.metric?.split("/")[1] ?? ""}
          data={[{ value: "", label: t("form.all") }, ...project.machines.map(({ id, label }) => ({ value: id, label }))]}
        />
      )}
      {source === "counted" && (
        <>
          <NativeSelect
            name="count"
            label={t("indicator.count")}
            defaultValue={one?.count ?? "people"}
            data={(["people", "events"] as const).map((value) => ({ value, label: t(`count.${value}`) }))}
          />
          <NativeSelect
            name="kind"
            label={t("indicator.kind")}
            defaultValue={one?.kind ?? ""}
            data={[{ value: "", label: t("form.all") }, ...kinds.map((value) => ({ value, label: t(`kind.${value}`) }))]}
          />
          <TextInput
            name="group"
            label={t("indicator.group")}
            defaultValue={one?.group ?? ""}
            pattern="[a-z0-9][a-z0-9\-]*"
            maxLength={40}
          />
        </>
      )}
      <TextInput name="baseline" type="number" step="any" label={t("indicator.baseline")} defaultValue={one?.baseline ?? 0} required />
      <TextInput name="target" type="number" step="any" label={t("indicator.target")} defaultValue={one?.target} required />
      <TextInput name="unit" label={t("indicator.unit")} defaultValue={one?.unit} maxLength={20} />
    </FormDialog>
  );
}

function NoteDialog(props: {
  readonly project: string;
  readonly one: IndicatorView;
  readonly onClose: () => void;
  readonly onNote: (input: object) => void;
}) {
  const { t } = useWords();
  const { project, one, onClose, onNote } = props;
  return (
    <FormDialog
      title={one.label}
      submit={t("form.save")}
      onClose={onClose}
      onForm={(form) => {
        const value = Number(fieldOf(form, "value"));
        onNote({ project, indicator: one.indicator, on: fieldOf(form, "on"), value, evidence: fieldOf(form, "evidence") });
        return true;
      }}
    >
      <TextInput name="value" type="number" step="any" label={t("indicator.note_value")} required data-autofocus />
      <TextInput name="on" type="date" label={t("form.day")} required />
      <TextInput name="evidence" label={t("indicator.evidence")} required maxLength={300} />
    </FormDialog>
  );
}
