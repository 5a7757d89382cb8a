/** What is kept how long, and who asks to be forgotten. Nothing here is a promise: the hub says what it does. */
import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { timeOf } from "../../shared/format.ts";
import { useWords, type Words } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { useGive } from "../../shared/use-give.ts";
import { useHubNow } from "../../shared/use-live.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { Section } from "../now/Section.tsx";
import { FormDialog } from "./FormDialog.tsx";
import { type Retention, retention } from "./wire.ts";

export function RetentionPage() {
  const words = useWords();
  const { t } = words;
  const { data, problem } = useRead("/api/retention", retention);
  return (
    <div className="page">
      <PageHead title={t("nav.retention")} />
      <ProblemAlert problem={problem} />
      {data === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {data !== undefined && (
        <>
          <Kept sheet={data} />
          <Erasures sheet={data} />
        </>
      )}
    </div>
  );
}

const daysOf = (ms: number, { language }: Pick<Words, "language">): string =>
  new Intl.NumberFormat(language, { style: "unit", unit: "day", unitDisplay: "long" }).format(Math.round(ms / 86_400_000));

function Kept({ sheet: { kept, zone } }: { readonly sheet: Retention }) {
  const words = useWords();
  const { t } = words;
  return (
    <Section title={t("retention.kept")} count={1} empty="">
      <table className="table stack">
        <thead>
          <tr>
            <th scope="col">{t("retention.what")}</th>
            <th scope="col">{t("retention.long")}</th>
            <th scope="col">{t("retention.next")}</th>
          </tr>
        </thead>
        <tbody>
          {kept.map(({ what, forMs, goneBeforeMs }) => (
            <tr key={what}>
              <th scope="row">{t(`kept.${what}`)}</th>
              <td data-label={t("retention.long")}>{forMs === null ? t("retention.ever") : daysOf(forMs, words)}</td>
              <td data-label={t("retention.next")}>
                {goneBeforeMs === null ? "–" : t("retention.before", { time: timeOf(goneBeforeMs, zone, words, { nowMs: 0 }) })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="quiet">{t("retention.note")}</p>
    </Section>
  );
}

type Erasure = Retention["erasures"][number];

function Erasures({ sheet: { erasures, zone } }: { readonly sheet: Retention }) {
  const words = useWords();
  const { t } = words;
  const nowMs = useHubNow();
  const { state, give } = useGive();
  const [erased, setErased] = useState<Erasure>();
  return (
    <>
      <Section title={t("retention.erasures")} count={erasures.length} empty={t("retention.erasures_none")}>
        <ul className="rows" data-testid="erasures">
          {erasures.map((one) => (
            <li key={one.who.member} className="row">
              <time>{timeOf(one.askedMs, zone, words, { nowMs })}</time>
              <div className="row-text">
                <p>
                  <PageLink to={`/people/${one.who.member}`}>{one.who.name}</PageLink> <span className="quiet">#{one.who.member}</span>
                </p>
                <p className="quiet">{one.reason}</p>
              </div>
              <div className="row-act">
                <Button size="xs" variant="default" onClick={() => void give("takeBackErasure", { member: one.who.member })}>
                  {t("retention.keep")}
                </Button>
                <Button size="xs" color="red.9" onClick={() => setErased(one)}>
                  {t("retention.erase")} …
                </Button>
              </div>
            </li>
          ))}
        </ul>
      </Section>
      <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
      {erased !== undefined && (
        <EraseDialog
          one={erased}
          onClose={() => setErased(undefined)}
          onErase={() => void give("eraseMember", { member: erased.who.member, reason: erased.reason })}
        />
      )}
    </>
  );
}

function EraseDialog({ one, onClose, onErase }: { readonly one: Erasure; readonly onClose: () => void; readonly onErase: () => void }) {
  const { t } = useWords();
  const [typed, setTyped] = useState("");
  const { member, name } = one.who;
  const isRight = typed.trim() === String(member);
  return (
    <FormDialog
      title={t("retention.erase_of", { name })}
      submit={t("retention.erase")}
      isReady={isRight}
      onClose={onClose}
      onForm={() => {
        if (isRight) onErase();
        return isRight;
      }}
    >
      <p>{t("retention.note")}</p>
      <TextInput
        label={t("retention.type", { number: member })}
        value={typed}
        required
        autoComplete="off"
        data-autofocus
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
