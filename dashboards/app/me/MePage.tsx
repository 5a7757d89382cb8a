/** `/me`: is it open, what is my next thing, what is free, and whether everything is in order with me. */
import { Card, Group, SimpleGrid, Stack } from "@mantine/core";
import { useWords } from "../../shared/language.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { machineMarks, StatusMark } from "../../shared/status-mark.tsx";
import { Section } from "../now/Section.tsx";
import { dateOf, dayTimeOf, MyFrame, moneyOf, useMe } from "./parts.tsx";
import type { Me } from "./wire.ts";

export function MePage() {
  const words = useWords();
  const { data, problem } = useMe();
  return (
    <MyFrame title={words.t("me.hello", { name: data?.name ?? "…" })} problem={problem}>
      {data !== undefined && <Overview me={data} />}
    </MyFrame>
  );
}

function Overview({ me }: { readonly me: Me }) {
  const words = useWords();
  const { t } = words;
  const free = me.machines.filter(({ status }) => status === "free");
  return (
    <Stack gap="lg">
      <OpenLine me={me} />
      <Section title={t("me.next")} count={1} empty="">
        <Card withBorder>
          {me.next === null ? (
            <Group justify="space-between">
              <span>{t("me.next_none")}</span>
              <PageLink to="/me/bookings">{t("me.next_book")}</PageLink>
            </Group>
          ) : (
            <Stack gap={2}>
              <span className="quiet">{t(`me.${me.next.kind}`)}</span>
              <strong>{me.next.label}</strong>
              <span>
                {dayTimeOf(me.next.fromMs, me.zone, words)} – {dayTimeOf(me.next.untilMs, me.zone, words)}
              </span>
            </Stack>
          )}
        </Card>
      </Section>
      <Section title={t("me.free")} count={free.length} empty={t("me.free_none")}>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" component="ul" p={0} m={0}>
          {free.map(({ id, label, status, isTrained }) => (
            <Card key={id} withBorder component="li" padding="sm">
              <Group justify="space-between" wrap="nowrap">
                <strong>{label}</strong>
                <StatusMark mark={machineMarks[status]} small />
              </Group>
              {!isTrained && <PageLink to="/me/trainings">{t("me.untrained")}</PageLink>}
            </Card>
          ))}
        </SimpleGrid>
      </Section>
      <Section title={t("me.here")} count={1} empty="">
        <p>{t("me.here_count", { count: me.present.count, names: me.present.names.join(", ") || t("me.nobody") })}</p>
      </Section>
      <Group gap="xl">
        <Fact label={t("me.plan")} value={planOf(me)} />
        <Fact label={t("me.balance")} value={moneyOf(me.balanceCents, words)} />
      </Group>
    </Stack>
  );

  function planOf({ plan, validThrough }: Me): string {
    if (plan === null) return t("me.plan_none");
    return validThrough === null ? plan : `${plan}, ${t("me.until", { time: dateOf(validThrough, words) })}`;
  }
}

function Fact({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <div className="quiet">{label}</div>
      <strong>{value}</strong>
    </div>
  );
}

function OpenLine({ me }: { readonly me: Me }) {
  const words = useWords();
  if (me.isOpen === null) return <p>{words.t("me.hours_unknown")}</p>;
  const time = me.changesMs === null ? "" : dayTimeOf(me.changesMs, me.zone, words);
  return (
    <Group gap="xs">
      <StatusMark mark={me.isOpen ? { letter: "✓", tone: "ok", word: "me.open" } : { letter: "✕", tone: "alarm", word: "me.closed" }} />
      {time !== "" && <span>{words.t(me.isOpen ? "me.until" : "me.opens", { time })}</span>}
    </Group>
  );
}
