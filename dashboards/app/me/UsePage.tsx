/** `/me/use`: my sessions with what they drew and cost, and asking for a correction of one. */
import { Button, Card, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { energyOf, spanOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { useRead } from "../../shared/query.ts";
import { useGive } from "../../shared/use-give.ts";
import type { SignedIn } from "../pages.ts";
import { dayTimeOf, instantOf, localOf, MyFrame, MyNote, moneyOf } from "./parts.tsx";
import { type Session, use } from "./wire.ts";

export function UsePage({ session: { member } }: { readonly session: SignedIn }) {
  const words = useWords();
  const { t } = words;
  const { data, problem } = useRead("/api/me/use", use);
  const [asked, setAsked] = useState<Session>();
  const { state, give } = useGive("own");
  const sessions = data?.sessions ?? [];
  const cents = sessions.reduce<number | null>((sum, one) => (one.cents === null ? sum : (sum ?? 0) + one.cents), null);
  const send = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    if (asked === undefined || data === undefined) return;
    const toMs = instantOf(String(form.get("end")), data.zone);
    await give("askCorrection", { member, session: asked.session, toMs, reason: String(form.get("reason")) });
    setAsked(undefined);
  };
  return (
    <MyFrame title={t("nav.me_use")} problem={problem}>
      {data !== undefined && sessions.length === 0 && <p className="empty">{t("me.use_none")}</p>}
      {sessions.length > 0 && (
        <Group justify="space-between">
          <strong>
            {t("me.use_sum", {
              hours: words.number(sessions.reduce((sum, one) => sum + one.busyMs, 0) / 3_600_000, 1),
              kwh: words.number(sessions.reduce((sum, one) => sum + one.energyWh, 0) / 1000, 2),
              cost: cents === null ? t("me.no_price") : moneyOf(cents, words),
            })}
          </strong>
          <Button component="a" href="/api/me/use/file" download variant="default" mih={44}>
            {t("me.csv")}
          </Button>
        </Group>
      )}
      <MyNote state={state} />
      <Stack component="ul" p={0} m={0} gap="xs">
        {data !== undefined &&
          sessions.map((one) => <SessionCard key={one.session} one={one} zone={data.zone} onCorrect={() => setAsked(one)} />)}
      </Stack>
      <Modal
        lockScroll={false}
        opened={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={t("me.correct")}
        closeButtonProps={{ "aria-label": t("me.cancel") }}
      >
        {asked !== undefined && data !== undefined && (
          <form onSubmit={(event) => void send(event)}>
            <Stack>
              <p>
                {asked.label}, {dayTimeOf(asked.startedMs, data.zone, words)}
              </p>
              <TextInput
                type="datetime-local"
                name="end"
                required
                label={t("me.correct_end")}
                defaultValue={localOf(asked.endedMs ?? asked.startedMs, data.zone)}
              />
              <TextInput name="reason" required maxLength={160} label={t("me.reason")} />
              <Button type="submit" mih={44}>
                {t("me.send")}
              </Button>
            </Stack>
          </form>
        )}
      </Modal>
    </MyFrame>
  );
}

function SessionCard(props: { readonly one: Session; readonly zone: string; readonly onCorrect: () => void }) {
  const { one, zone } = props;
  const words = useWords();
  const { t } = words;
  const cost = one.cents === null ? "" : ` · ${moneyOf(one.cents, words)}`;
  return (
    <Card withBorder component="li" padding="sm">
      <Group justify="space-between" wrap="nowrap">
        <div>
          <strong>{one.label}</strong>
          <p>
            {dayTimeOf(one.startedMs, zone, words)} – {one.endedMs === null ? t("me.open_session") : dayTimeOf(one.endedMs, zone, words)}
          </p>
          <p className="quiet">
            {t("me.worked")} {spanOf(one.busyMs, words)} · {energyOf(one.energyWh, words)}
            {cost}
          </p>
        </div>
        {(one.correction === null || one.correction.outcome !== null) && (
          <Button
            variant="default"
            size="xs"
            mih={44}
            aria-label={t("me.correct_of", { name: one.label, time: dayTimeOf(one.startedMs, zone, words) })}
            onClick={props.onCorrect}
          >
            {t("me.correct")}
          </Button>
        )}
      </Group>
      {one.correction !== null && (
        <p>
          {t(one.correction.outcome === null ? "me.correction_open" : `me.correction_${one.correction.outcome}`, {
            time: dayTimeOf(one.correction.toMs, zone, words),
            answer: one.correction.answer ?? "",
          })}
        </p>
      )}
    </Card>
  );
}
