/** `/me/choices`: who sees me, where notices go, and what the space has on me. */
import { Button, Group, Radio, Stack, Table, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useWords, type Words } from "../../shared/language.tsx";
import { useRead } from "../../shared/query.ts";
import { useGive } from "../../shared/use-give.ts";
import { Section } from "../now/Section.tsx";
import type { SignedIn } from "../pages.ts";
import { Notices } from "./Notices.tsx";
import { dayTimeOf, MyFrame, MyNote, useMe } from "./parts.tsx";
import { type Me, trail } from "./wire.ts";

export function ChoicesPage({ session }: { readonly session: SignedIn }) {
  const { t } = useWords();
  const { data, problem } = useMe();
  return (
    <MyFrame title={t("nav.me_choices")} problem={problem}>
      {data !== undefined && session.member !== null && (
        <>
          <Sharing me={data} />
          <Notices me={data} />
          <MyData me={data} />
        </>
      )}
    </MyFrame>
  );
}

function Sharing({ me }: { readonly me: Me }) {
  const { t } = useWords();
  const { state, give } = useGive("own");
  const [presence, setPresence] = useState<string>(me.sharing.presence);
  const save = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const alias = String(new FormData(event.currentTarget).get("alias") ?? "").trim();
    void give("setSharing", { member: me.member, presence, alias: presence === "alias" ? alias : null });
  };
  return (
    <Section title={t("me.sharing")} count={1} empty="">
      <form onSubmit={save}>
        <Stack>
          <Radio.Group value={presence} onChange={setPresence} aria-label={t("me.sharing")}>
            <Stack gap="sm">
              <Radio value="nobody" label={t("me.share_nobody")} />
              <Radio value="members" label={t("me.share_members")} />
              <Radio value="alias" label={t("me.share_alias")} />
            </Stack>
          </Radio.Group>
          {presence === "alias" && (
            <TextInput name="alias" required maxLength={60} label={t("me.alias")} defaultValue={me.sharing.alias ?? ""} />
          )}
          <Group>
            <Button type="submit" mih={44}>
              {t("me.save")}
            </Button>
            <MyNote state={state} />
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

/** What has no words yet says what it is called. */
const inWords = ({ t, knows }: Words, key: string, name: string): string => (knows(key) ? t(key) : name);

function MyData({ me }: { readonly me: Me }) {
  const words = useWords();
  const { t, language } = words;
  const { data = [] } = useRead("/api/me/trail", trail);
  const { state, give } = useGive("own");
  const wish = me.asksErasure ? "takeBackErasure" : "askErasure";
  return (
    <Section title={t("me.data")} count={1} empty="">
      <Stack>
        <Button component="a" href={`/api/me/file?language=${language}`} download variant="default" mih={44} className="start">
          {t("me.data_file")}
        </Button>
        <h3>{t("me.trail")}</h3>
        {data.length === 0 ? (
          <p className="empty">{t("me.trail_none")}</p>
        ) : (
          <Table.ScrollContainer minWidth={0} tabIndex={0} aria-label={t("me.trail")}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{t("me.when")}</Table.Th>
                  <Table.Th scope="col">{t("me.who")}</Table.Th>
                  <Table.Th scope="col">{t("me.what")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.slice(0, 20).map((one) => (
                  <Table.Tr key={`${one.atMs} ${one.what}`}>
                    <Table.Td>{dayTimeOf(one.atMs, me.zone, words)}</Table.Td>
                    <Table.Td>{one.who === "self" ? t("me.trail_self") : inWords(words, `trail_by.${one.who}`, one.who)}</Table.Td>
                    <Table.Td>
                      {one.reason === null ? inWords(words, `trail.${one.what}`, one.what) : t("me.trail_looked", { reason: one.reason })}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        <p>{me.asksErasure ? t("me.erase_asked") : t("me.erase_long")}</p>
        <Group>
          <Button variant="default" mih={44} onClick={() => void give(wish, { member: me.member })}>
            {t(me.asksErasure ? "me.erase_back" : "me.erase")}
          </Button>
          <MyNote state={state} />
        </Group>
      </Stack>
    </Section>
  );
}
