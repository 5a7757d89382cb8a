/** A member's cards: a new one by holding it to any reader within 30 s, and an end to a lost one at once. */
import { Button, NativeSelect } from "@mantine/core";
import { useEffect, useState } from "react";
import { get } from "../../shared/api.ts";
import { dayOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { askAnew } from "../../shared/query.ts";
import { useGive } from "../../shared/use-give.ts";
import { useHubNow, useLive } from "../../shared/use-live.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { Section } from "../now/Section.tsx";
import { ReasonDialog } from "../staff/ReasonDialog.tsx";
import { captureOpened, captureState, type PersonDetail } from "../staff/wire.ts";

const statuses = ["lost", "stolen", "returned", "revoked"] as const;
type PersonCard = PersonDetail["cardList"][number];

export function PersonCards({ person, zone }: { readonly person: PersonDetail; readonly zone: string }) {
  const words = useWords();
  const { t } = words;
  const { state, give } = useGive();
  const [blocking, setBlocking] = useState<PersonCard>();
  const { member, cardList } = person;
  return (
    <Section title={t("cards.title")} count={1} empty="" action={<AssignCard member={member} />}>
      {cardList.length === 0 && <p className="empty">{t("cards.none")}</p>}
      {cardList.length > 0 && (
        <ul className="rows" data-testid="cards">
          {cardList.map((card) => (
            <li key={card.cardKey} className="row">
              <div className="row-text">
                <p>
                  <strong>{card.label}</strong> <span>{t(`card.${card.status}`)}</span>
                </p>
                <p className="quiet">{t("cards.since", { day: dayOf(card.sinceMs, zone, words) })}</p>
              </div>
              <div className="row-act">
                {card.status === "active" ? (
                  <Button size="xs" variant="default" onClick={() => setBlocking(card)}>
                    {t("cards.block")} … <span className="visually-hidden">{card.label}</span>
                  </Button>
                ) : (
                  <Button
                    size="xs"
                    variant="default"
                    onClick={() => give("restoreCard", { card: { cardKey: card.cardKey }, reason: "found again" })}
                  >
                    {t("cards.restore")} <span className="visually-hidden">{card.label}</span>
                  </Button>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
      {blocking !== undefined && (
        <ReasonDialog
          title={t("cards.block_of", { label: blocking.label })}
          submit={t("cards.block")}
          onClose={() => setBlocking(undefined)}
          onReason={(reason, form) => void give("blockCard", { card: { cardKey: blocking.cardKey }, status: form.get("status"), reason })}
        >
          <NativeSelect name="status" label={t("cards.what")} data={statuses.map((value) => ({ value, label: t(`card.${value}`) }))} />
        </ReasonDialog>
      )}
    </Section>
  );
}

const askEveryMs = 700;
type Waiting = { readonly capture: number; readonly untilMs: number; readonly readers: readonly string[] };

/** Opens the readers, counts down, and says what came of it. */
function AssignCard({ member }: { readonly member: number }) {
  const { t, plural } = useWords();
  const { state, give } = useGive();
  const [waiting, setWaiting] = useState<Waiting>();
  const [said, setSaid] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const { snapshot } = useLive();
  const nowMs = useHubNow();
  useEffect(() => {
    if (waiting === undefined) return;
    const timer = setInterval(() => {
      get(`/api/captures/${waiting.capture}`, captureState).then((found) => {
        if (found.state === "waiting") return;
        setWaiting(undefined);
        setSaid(found.state === "done" ? t("assign.done") : found.state === "refused" ? (found.refused ?? "") : t("assign.over"));
        void askAnew();
      }, setProblem);
    }, askEveryMs);
    return () => clearInterval(timer);
  }, [waiting, t]);
  const open = async (): Promise<void> => {
    setSaid("");
    setProblem(undefined);
    const opened = captureOpened.safeParse(await give("openCapture", { member, resource: null }));
    if (opened.success) setWaiting(opened.data);
  };
  const labels = [...(snapshot?.doors ?? []), ...(snapshot?.machines ?? [])].flatMap(({ id, label }) =>
    waiting?.readers.includes(id) === true ? [label] : [],
  );
  return (
    <div className="assign">
      <output aria-live="polite">
        {waiting === undefined && said}
        {waiting !== undefined && (labels.length === 0 ? t("assign.no_reader") : t("assign.hold", { readers: labels.join(", ") }))}
      </output>
      {waiting !== undefined && (
        <span className="quiet">{plural("plural.seconds", Math.max(0, Math.round((waiting.untilMs - nowMs) / 1000)))}</span>
      )}
      <Button size="xs" loading={state.kind === "sent"} disabled={waiting !== undefined} onClick={open}>
        {t("assign.open")}
      </Button>
      {state.kind === "failed" && <CommandNote state={state} sent="" done="" unconfirmed="" />}
      <ProblemAlert problem={problem} />
    </div>
  );
}
