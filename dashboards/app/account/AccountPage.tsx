/** My account: how I sign in, where I am signed in, and my keys for programs. */
import { Button, PasswordInput, Stack, Text } from "@mantine/core";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { post } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { anything } from "../../shared/wire.ts";
import type { PageProps } from "../pages.ts";
import { KeyPart } from "./KeyPart.tsx";
import { PasskeyPart } from "./PasskeyPart.tsx";
import { SessionPart } from "./SessionPart.tsx";
import { TotpPart } from "./TotpPart.tsx";
import { useAsk } from "./use-ask.ts";
import { myAccount } from "./wire.ts";

export function AccountPage({ session }: PageProps) {
  const { t } = useWords();
  const { data, problem } = useRead("/api/account", myAccount);
  return (
    <div className="page">
      <h1>{t("account.title")}</h1>
      <ProblemAlert problem={problem} />
      {data !== undefined && (
        <>
          <p>{t("account.who", { name: data.name, mail: data.mail, role: t(`role.${data.role}`) })}</p>
          <Part title={t("account.password")}>
            <PasswordForm />
          </Part>
          <Part title={t("account.totp")}>
            <TotpPart isOn={data.hasTotp} />
          </Part>
          <Part title={t("account.passkeys")}>
            <PasskeyPart passkeys={data.passkeys} />
          </Part>
          <Part title={t("account.sessions")}>
            <SessionPart />
          </Part>
          {(session.role === "owner" || session.role === "manager") && (
            <Part title={t("account.keys")}>
              <KeyPart role={session.role} />
            </Part>
          )}
        </>
      )}
    </div>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="part">
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

function PasswordForm() {
  const { t } = useWords();
  const [isDone, setDone] = useState(false);
  const { problem, sending, run } = useAsk();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = Object.fromEntries(new FormData(form));
    setDone(false);
    if ((await run(() => post("/api/account/password", given, anything))) === undefined) return;
    form.reset();
    setDone(true);
  };
  return (
    <form onSubmit={submit}>
      <Stack maw={420}>
        <PasswordInput name="password" label={t("account.present_password")} autoComplete="current-password" required maxLength={128} />
        <PasswordInput name="next" label={t("account.new_password")} autoComplete="new-password" required minLength={10} maxLength={128} />
        <ProblemAlert problem={problem} />
        <Text role="status">{isDone ? t("account.password_done") : ""}</Text>
        <Button type="submit" loading={sending} className="start">
          {t("account.set_password")}
        </Button>
      </Stack>
    </form>
  );
}
