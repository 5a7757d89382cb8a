/** Users and roles: who has an account, invitations, links for a new password. Nobody touches those at or above their own place. */
import { Button, Code, NativeSelect, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { post } from "../../shared/api.ts";

import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { anything, type Role, roles } from "../../shared/wire.ts";
import type { PageProps } from "../pages.ts";
import { type Ask, useAsk } from "./use-ask.ts";
import { whenOf } from "./when.ts";
import { type Account, accounts, invitations, link } from "./wire.ts";

/** Owners reach everybody, the others whoever is below them: as the hub has it. */
const below = (role: Role): readonly Role[] => (role === "owner" ? roles : roles.slice(roles.indexOf(role) + 1));

export function AccountsPage({ session }: PageProps) {
  const { t } = useWords();
  const [token, setToken] = useState<string>();
  const asked = useAsk();
  const isManager = session.role === "owner" || session.role === "manager";
  const { data, problem } = useRead(isManager ? "/api/accounts?limit=200" : null, accounts);
  const makeLink = async (url: string, body: object): Promise<boolean> => {
    const made = await asked.run(() => post(url, body, link));
    if (made !== undefined) setToken(made.token);
    return made !== undefined;
  };
  return (
    <div className="page">
      <h1>{t("accounts.title")}</h1>
      <ProblemAlert problem={problem ?? asked.problem} />
      {token !== undefined && (
        <div role="status">
          <Text fw={600}>{t("accounts.link_once")}</Text>
          <Code block>{`${location.origin}/invitation#${token}`}</Code>
        </div>
      )}
      {isManager && (
        <div className="wide">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t("invitation.name")}</th>
                <th scope="col">{t("login.mail")}</th>
                <th scope="col">{t("accounts.role")}</th>
                <th scope="col">{t("accounts.safety")}</th>
                <th scope="col">{t("accounts.seen")}</th>
                <th scope="col">{t("accounts.act")}</th>
              </tr>
            </thead>
            <tbody>
              {(data?.items ?? []).map((row) => (
                <AccountRow
                  key={row.id}
                  row={row}
                  mine={session.role}
                  ask={asked}
                  onLink={() => makeLink(`/api/accounts/${row.id}/password-link`, {})}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Invite mine={session.role} onInvite={(body) => makeLink("/api/invitations", body)} />
      <OpenLinks ask={asked} />
    </div>
  );
}

type RowProps = { readonly row: Account; readonly mine: Role; readonly ask: Ask; readonly onLink: () => void };

function AccountRow({ row, mine, ask, onLink }: RowProps) {
  const words = useWords();
  const { t } = words;
  const [isSure, setSure] = useState(false);
  const given = below(mine);
  const isMine = given.includes(row.role);
  // Without a member record an account cannot be a member's.
  const choices = given.filter((role) => role !== "member" || row.member !== null || row.role === "member");
  const setRole = (role: string) => ask.run(() => post(`/api/accounts/${row.id}/role`, { role, member: row.member }, anything));
  return (
    <tr>
      <th scope="row">{row.name}</th>
      <td>{row.mail}</td>
      <td>
        {isMine ? (
          <NativeSelect
            aria-label={t("accounts.role_of", { name: row.name })}
            value={row.role}
            data={choices.map((role) => ({ value: role, label: t(`role.${role}`) }))}
            onChange={(event) => void setRole(event.currentTarget.value)}
          />
        ) : (
          t(`role.${row.role}`)
        )}
      </td>
      <td>{[...(row.hasTotp ? [t("account.totp")] : []), ...(row.passkeys > 0 ? [t("account.passkeys")] : [])].join(", ") || "–"}</td>
      <td>{row.seenMs === null ? "–" : whenOf(row.seenMs, words)}</td>
      <td>
        {isMine && (
          <span className="row-acts">
            <Button size="xs" variant="default" onClick={onLink} aria-label={t("accounts.password_link_of", { name: row.name })}>
              {t("accounts.password_link")}
            </Button>
            <Button
              size="xs"
              variant="default"
              aria-label={t("account.remove_of", { name: row.name })}
              onClick={() => (isSure ? void ask.run(() => post(`/api/accounts/${row.id}/remove`, {}, anything)) : setSure(true))}
              onBlur={() => setSure(false)}
            >
              {t(isSure ? "accounts.really" : "account.remove")}
            </Button>
          </span>
        )}
      </td>
    </tr>
  );
}

function Invite({ mine, onInvite }: { readonly mine: Role; readonly onInvite: (body: object) => Promise<boolean> }) {
  const { t } = useWords();
  const choices = [...below(mine)].reverse();
  const [role, setRole] = useState<string>(choices[0] ?? "member");
  const [member, setMember] = useState<string | number>("");
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const number = Number(member);
    if (!(await onInvite({ name: new FormData(form).get("name"), role, member: member === "" ? null : number }))) return;
    form.reset();
    setMember("");
  };
  return (
    <section className="part" aria-label={t("accounts.invite")}>
      <h2>{t("accounts.invite")}</h2>
      <form onSubmit={submit}>
        <Stack maw={420}>
          <TextInput name="name" label={t("invitation.name")} required maxLength={60} autoComplete="off" />
          <NativeSelect
            label={t("accounts.role")}
            value={role}
            data={choices.map((one) => ({ value: one, label: t(`role.${one}`) }))}
            onChange={(event) => setRole(event.currentTarget.value)}
          />
          <NumberInput
            label={t("accounts.member")}
            description={t("accounts.member_hint")}
            value={member}
            onChange={setMember}
            required={role === "member"}
            min={1}
            allowDecimal={false}
            hideControls
          />
          <Button type="submit" className="start">
            {t("accounts.invite_submit")}
          </Button>
        </Stack>
      </form>
    </section>
  );
}

function OpenLinks({ ask }: { readonly ask: Ask }) {
  const words = useWords();
  const { t } = words;
  const { data } = useRead("/api/invitations?limit=200", invitations);
  const rows = data?.items ?? [];
  return (
    <section className="part" aria-label={t("accounts.links")}>
      <h2>{t("accounts.links")}</h2>
      {rows.length === 0 ? (
        <p className="empty">{t("accounts.no_links")}</p>
      ) : (
        <ul className="rows-plain">
          {rows.map((row) => (
            <li key={row.id}>
              <span>
                {row.name} <span className="tag">{t(row.account === null ? `role.${row.role}` : "accounts.password_link")}</span>{" "}
                <span className="quiet">{t("accounts.until", { when: whenOf(row.expiresMs, words) })}</span>
              </span>
              <Button
                size="xs"
                variant="default"
                aria-label={t("account.remove_of", { name: row.name })}
                onClick={() => ask.run(() => post(`/api/invitations/${row.id}/revoke`, {}, anything))}
              >
                {t("account.remove")}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
