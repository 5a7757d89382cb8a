/** Notices on `/me/choices`: the newest, where else they go, which of them, and when not. */
import { Button, Checkbox, Group, NativeSelect, Stack, Table, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useWords } from "../../shared/language.tsx";
import { useGive } from "../../shared/use-give.ts";
import { Section } from "../now/Section.tsx";
import { dayTimeOf, MyNote } from "./parts.tsx";
import { canPush, subscribeHere } from "./push.ts";
import type { Me, NoticeWay } from "./wire.ts";

type Of = { readonly me: Me };

export function Notices({ me }: Of) {
  return (
    <>
      <Latest me={me} />
      <Channels me={me} />
      <Topics me={me} />
      <Quiet me={me} />
    </>
  );
}

function Latest({ me }: Of) {
  const words = useWords();
  const { t } = words;
  const { state, give } = useGive("own");
  const { latest, unseen } = me.notices;
  const newest = latest[0]?.notice;
  return (
    <Section title={t("me.notices")} count={latest.length} empty={t("me.notice_none")}>
      <Stack>
        <ul className="plain">
          {latest.slice(0, 10).map((one) => (
            <li key={one.notice}>
              <details>
                <summary>
                  {dayTimeOf(one.atMs, me.zone, words)} {one.isNew ? <strong>{one.title}</strong> : one.title}
                </summary>
                {one.lines.map((line) => (
                  <p key={line}>{line}</p>
                ))}
                {one.sent[1] > 0 && <p className="quiet">{t("me.notice_sent", { done: one.sent[0], of: one.sent[1] })}</p>}
              </details>
            </li>
          ))}
        </ul>
        {unseen > 0 && newest !== undefined && (
          <Group>
            <Button variant="default" mih={44} onClick={() => void give("seeNotices", { member: me.member, through: newest })}>
              {t("me.notice_seen", { count: unseen })}
            </Button>
            <MyNote state={state} />
          </Group>
        )}
      </Stack>
    </Section>
  );
}

function Channels({ me }: Of) {
  const words = useWords();
  const { t } = words;
  const { state, give } = useGive("own");
  return (
    <Section title={t("me.channels")} count={1} empty="">
      <Stack>
        {me.notices.channels.length === 0 && <p className="empty">{t("me.channel_none")}</p>}
        <ul className="plain">
          {me.notices.channels.map(({ channel, way, address, triedMs, problem }) => (
            <li key={channel} data-testid={`channel-${way}`}>
              <p>
                <strong>{t(`me.way_${way}`)}</strong> {way === "push" ? "" : <span className="breaks">{address}</span>}
              </p>
              <p className="quiet">
                {triedMs === null
                  ? t("me.channel_untried")
                  : problem === null
                    ? t("me.channel_fine", { when: dayTimeOf(triedMs, me.zone, words) })
                    : t("me.channel_problem", { when: dayTimeOf(triedMs, me.zone, words), problem })}
              </p>
              <Group>
                <Button variant="default" mih={44} onClick={() => void give("tryNotices", { member: me.member, channel })}>
                  {t("me.channel_try", { way: t(`me.way_${way}`) })}
                </Button>
                <Button variant="default" mih={44} onClick={() => void give("removeNoticeChannel", { member: me.member, channel })}>
                  {t("me.channel_remove", { way: t(`me.way_${way}`) })}
                </Button>
              </Group>
            </li>
          ))}
        </ul>
        <MyNote state={state} />
        <AddChannel me={me} />
      </Stack>
    </Section>
  );
}

/** A browser adds itself; everything else is an address. */
function AddChannel({ me }: Of) {
  const { t } = useWords();
  const { state, give } = useGive("own");
  const [way, setWay] = useState<NoticeWay>("post");
  const [refused, setRefused] = useState(false);
  const add = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    setRefused(false);
    if (way !== "push") {
      const address = String(new FormData(form).get("address")).trim();
      if ((await give("addNoticeChannel", { member: me.member, way, address })) !== undefined) form.reset();
      return;
    }
    const subscribed = await subscribeHere();
    if (subscribed === null) setRefused(true);
    else await give("addNoticeChannel", { member: me.member, way, ...subscribed });
  };
  return (
    <form onSubmit={(event) => void add(event)}>
      <Stack>
        <NativeSelect
          label={t("me.channel_add")}
          value={way}
          onChange={(event) => setWay(event.currentTarget.value as NoticeWay)}
          data={me.notices.ways.map((one) => ({ value: one, label: t(`me.way_${one}`) }))}
        />
        {way === "push" ? (
          <p className="quiet">{t(canPush() ? "me.push_hint" : "me.push_insecure")}</p>
        ) : (
          <TextInput name="address" required maxLength={600} label={t("me.notice_address")} description={t(`me.hint_${way}`)} />
        )}
        {refused && <p role="alert">{t("me.push_refused")}</p>}
        <Group>
          <Button type="submit" mih={44} disabled={way === "push" && !canPush()}>
            {t(way === "push" ? "me.push_here" : "me.channel_save")}
          </Button>
          <MyNote state={state} />
        </Group>
      </Stack>
    </form>
  );
}

/** One row a topic, one column a place; on a phone the table scrolls within itself. */
function Topics({ me }: Of) {
  const { t } = useWords();
  const { state, give } = useGive("own");
  const { topics, channels } = me.notices;
  const nameOf = ({ way, channel }: Me["notices"]["channels"][number]): string =>
    channels.filter((one) => one.way === way).length > 1 ? `${t(`me.way_${way}`)} ${channel}` : t(`me.way_${way}`);
  const set = (topic: string, channel: number | null, wanted: boolean): void =>
    void give("setNoticeTopic", { member: me.member, topic, channel, wanted });
  return (
    <Section title={t("me.topics")} count={topics.length} empty="">
      <Table.ScrollContainer minWidth={0} tabIndex={0} aria-label={t("me.topics")}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t("me.topic")}</Table.Th>
              <Table.Th scope="col">{t("me.topic_page")}</Table.Th>
              {channels.map((one) => (
                <Table.Th scope="col" key={one.channel}>
                  {nameOf(one)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {topics.map(({ topic, name, isOnPage, on }) => (
              <Table.Tr key={topic}>
                <Table.Th scope="row" fw={400}>
                  {name}
                </Table.Th>
                <Table.Td>
                  <Checkbox
                    size="md"
                    aria-label={`${name}: ${t("me.topic_page")}`}
                    checked={isOnPage}
                    onChange={(event) => set(topic, null, event.currentTarget.checked)}
                  />
                </Table.Td>
                {channels.map((one) => (
                  <Table.Td key={one.channel}>
                    <Checkbox
                      size="md"
                      aria-label={`${name}: ${nameOf(one)}`}
                      checked={on[String(one.channel)] ?? false}
                      onChange={(event) => set(topic, one.channel, event.currentTarget.checked)}
                    />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <MyNote state={state} />
    </Section>
  );
}

function Quiet({ me }: Of) {
  const { t } = useWords();
  const { state, give } = useGive("own");
  const { quiet, dailyAt } = me.notices;
  const save = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const time = (name: string): string => String(given.get(name) ?? "").slice(0, 5);
    const [from, until, daily] = [time("from"), time("until"), time("daily")];
    const hours = from === "" || until === "" ? null : { from, until };
    void give("setQuietHours", { member: me.member, hours, dailyAt: daily === "" ? null : daily });
  };
  return (
    <Section title={t("me.quiet_hours")} count={1} empty="">
      <form onSubmit={save}>
        <Stack>
          <p className="quiet">{t("me.quiet_hint")}</p>
          <Group>
            <TextInput type="time" name="from" label={t("me.quiet_from")} defaultValue={quiet?.from ?? ""} />
            <TextInput type="time" name="until" label={t("me.quiet_until")} defaultValue={quiet?.until ?? ""} />
          </Group>
          <TextInput type="time" name="daily" label={t("me.daily")} defaultValue={dailyAt ?? ""} maw={240} />
          <Group>
            <Button type="submit" mih={44}>
              {t("me.quiet_save")}
            </Button>
            <MyNote state={state} />
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
