/** Costs and income of a month as they were entered, and the rates that are counted with. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { dayOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { Section } from "../now/Section.tsx";
import { ReasonDialog } from "../staff/ReasonDialog.tsx";
import { centsOf, FormDialog, fieldOf } from "./FormDialog.tsx";
import type { MoneySheet } from "./wire.ts";

const costs = ["depreciation", "grant_depreciation", "maintenance", "consumables", "energy", "overhead"] as const;
const incomes = ["memberships", "hours", "courses", "rent", "sponsors", "private"].concat(
  ["municipal", "state", "eu", "nordic", "public"],
  ["in_kind"],
);
type Kind = "cost" | "income";
type Line = MoneySheet["lines"][number];
type SheetProps = { readonly sheet: MoneySheet; readonly give: (name: string, input: object) => Promise<unknown> };

export function MoneyLines({ sheet, give }: SheetProps) {
  const words = useWords();
  const { t, number, knows } = words;
  const [adding, setAdding] = useState<Kind>();
  const [undone, setUndone] = useState<Line>();
  const sourceOf = (kind: Kind, source: string): string => {
    const key = `${kind}.${source}`;
    return knows(key) ? t(key) : source;
  };
  const amountOf = ({ kind, cents }: Line): string => `${kind === "cost" ? "−" : "+"}${number(cents / 100, 2)}`;
  return (
    <>
      <Section
        title={t("money.lines")}
        count={sheet.lines.length}
        empty={t("money.none")}
        action={
          <>
            <Button size="xs" variant="default" onClick={() => setAdding("cost")}>
              {t("money.add_cost")} …
            </Button>
            <Button size="xs" variant="default" onClick={() => setAdding("income")}>
              {t("money.add_income")} …
            </Button>
          </>
        }
      >
        <ul className="rows" data-testid="lines">
          {sheet.lines.map((line) => (
            <li key={line.line} className="row">
              <time dateTime={line.on}>{dayOf(line.on, "UTC", words)}</time>
              <div className="row-text">
                <p>
                  <strong>{sourceOf(line.kind, line.source)}</strong>
                  {line.machine !== null && ` · ${line.machine.label}`}
                </p>
                {line.label !== "" && <p className="quiet">{line.label}</p>}
              </div>
              <span>{amountOf(line)}</span>
              <div className="row-act">
                <Button size="xs" variant="default" onClick={() => setUndone(line)}>
                  {t("notes.undo")} …
                </Button>
              </div>
            </li>
          ))}
        </ul>
      </Section>
      {adding !== undefined && (
        <LineDialog
          kind={adding}
          sheet={sheet}
          sourceOf={sourceOf}
          onClose={() => setAdding(undefined)}
          onLine={(input) => void give("addMoney", input)}
        />
      )}
      {undone !== undefined && (
        <ReasonDialog
          title={t("money.undo_of", { amount: amountOf(undone) })}
          submit={t("notes.undo")}
          onClose={() => setUndone(undefined)}
          onReason={(reason) => void give("undoMoney", { line: undone.line, reason })}
        />
      )}
    </>
  );
}

type LineProps = {
  readonly kind: Kind;
  readonly sheet: MoneySheet;
  readonly sourceOf: (kind: Kind, source: string) => string;
  readonly onClose: () => void;
  readonly onLine: (input: object) => void;
};
function LineDialog({ kind, sheet, sourceOf, onClose, onLine }: LineProps) {
  const { t } = useWords();
  const [isBad, setBad] = useState(false);
  const give = (form: FormData): boolean => {
    const of = (name: string): string => fieldOf(form, name);
    const cents = centsOf(of("amount"));
    setBad(cents === undefined || cents === 0);
    if (cents === undefined || cents === 0) return false;
    const machine = of("machine");
    onLine({ on: of("on"), kind, source: of("source"), cents, machine: machine === "" ? null : machine, label: of("label") });
    return true;
  };
  return (
    <FormDialog title={t(`money.add_${kind}`)} submit={t("form.save")} onClose={onClose} onForm={give}>
      <TextInput
        name="amount"
        label={t("money.amount")}
        inputMode="decimal"
        required
        maxLength={12}
        error={isBad ? t("money.amount_bad") : undefined}
        data-autofocus
      />
      <NativeSelect
        name="source"
        label={t(kind === "cost" ? "money.for" : "money.from")}
        data={(kind === "cost" ? [...costs] : incomes).map((value) => ({ value, label: sourceOf(kind, value) }))}
      />
      <NativeSelect
        name="machine"
        label={t("indicator.machine")}
        data={[{ value: "", label: t("money.whole") }, ...sheet.choices.map(({ id, label }) => ({ value: id, label }))]}
      />
      <TextInput name="on" type="date" label={t("form.day")} defaultValue={`${sheet.month}-01`} required />
      <TextInput name="label" label={t("money.note")} required maxLength={60} />
    </FormDialog>
  );
}

const rates = ["machine_hour", "volunteer_hour", "reserve"] as const;
type Rate = (typeof rates)[number];

export function Rates({ sheet, give }: SheetProps) {
  const words = useWords();
  const { t, number } = words;
  const [isSetting, setSetting] = useState(false);
  const nameOf = (of: string): string => sheet.choices.find(({ id }) => id === of)?.label ?? of;
  return (
    <>
      <Section
        title={t("money.rates")}
        count={sheet.rates.length}
        empty={t("money.rates_none")}
        action={
          <Button size="xs" variant="default" onClick={() => setSetting(true)}>
            {t("money.rate_add")} …
          </Button>
        }
      >
        <dl className="facts">
          {sheet.rates.map(({ rate, of, value, from }) => (
            <div key={`${rate}/${of}`}>
              <dt>
                {t(`rate.${rate}`)}
                {of !== "" && ` · ${nameOf(of)}`}
              </dt>
              <dd>
                {number(value / 100, 2)}{" "}
                <span className="quiet">
                  {t("session.since")} {dayOf(from, "UTC", words)}
                </span>
              </dd>
            </div>
          ))}
        </dl>
      </Section>
      {isSetting && <RateDialog sheet={sheet} onClose={() => setSetting(false)} onRate={(input) => void give("setRate", input)} />}
    </>
  );
}

function RateDialog(props: { readonly sheet: MoneySheet; readonly onClose: () => void; readonly onRate: (input: object) => void }) {
  const { t } = useWords();
  const { sheet, onClose, onRate } = props;
  const [rate, setRate] = useState<Rate>("machine_hour");
  const [isBad, setBad] = useState(false);
  return (
    <FormDialog
      title={t("money.rate_add")}
      submit={t("form.save")}
      onClose={onClose}
      onForm={(form) => {
        const value = centsOf(fieldOf(form, "amount"));
        setBad(value === undefined);
        if (value === undefined) return false;
        onRate({ rate, of: fieldOf(form, "of"), value, source: fieldOf(form, "source"), from: fieldOf(form, "from") });
        return true;
      }}
    >
      <NativeSelect
        label={t("money.for")}
        value={rate}
        data={rates.map((value) => ({ value, label: t(`rate.${value}`) }))}
        onChange={({ currentTarget: { value } }) => setRate(rates.find((one) => one === value) ?? "machine_hour")}
      />
      {rate === "machine_hour" && (
        <NativeSelect name="of" label={t("rate.of")} data={sheet.choices.map(({ id, label }) => ({ value: id, label }))} />
      )}
      <TextInput
        name="amount"
        label={t("money.amount")}
        inputMode="decimal"
        required
        maxLength={12}
        error={isBad ? t("money.amount_bad") : undefined}
        data-autofocus
      />
      <TextInput name="from" type="date" label={t("projects.from")} defaultValue={`${sheet.month}-01`} required />
      <TextInput name="source" label={t("rate.source")} maxLength={160} />
    </FormDialog>
  );
}
