/** Behind a one-time link: a new account, or a new password. The token stands after the #, so that it is in no log and no referrer. */
import { Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import type * as z from "zod";
import { post } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { go } from "../../shared/route.ts";
import { Card } from "./Card.tsx";
import { SecondStep } from "./SecondStep.tsx";
import { useAsk } from "./use-ask.ts";
import { halfOrSignedIn, invitation } from "./wire.ts";

const passwordLengthMin = 10;

export function InvitationPage({ onDone }: { readonly onDone: () => Promise<void> }) {
  const { t } = useWords();
  const [token] = useState(() => location.hash.slice(1));
  const [found, setFound] = useState<z.infer<typeof invitation>>();
  const [isHalf, setHalf] = useState(false);
  const { problem, sending, run } = useAsk();
  useEffect(() => {
    void run(async () => setFound(await post("/api/invitation", { token }, invitation)));
  }, [token, run]);
  const leave = async (): Promise<void> => {
    go("/");
    await onDone();
  };
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    const done = await run(() => post("/api/invitation/accept", { token, ...form }, halfOrSignedIn));
    if (done?.state === "second_step") setHalf(true);
    else if (done !== undefined) await leave();
  };

  if (isHalf) return <SecondStep space="" onDone={leave} onBack={leave} />;
  return (
    <Card>
      <form onSubmit={submit}>
        <Stack>
          <Title order={1} fz="h2">
            {t(found?.isNew === false ? "invitation.password_title" : "invitation.title")}
          </Title>
          {found !== undefined && (
            <Text c="dimmed">{t(found.isNew ? "invitation.lead" : "invitation.password_lead", { role: t(`role.${found.role}`) })}</Text>
          )}
          {found?.isNew === true && (
            <>
              <TextInput name="name" label={t("invitation.name")} defaultValue={found.name} autoComplete="name" required maxLength={60} />
              <TextInput name="mail" type="email" label={t("login.mail")} autoComplete="username" required maxLength={254} />
            </>
          )}
          {found?.isNew === false && <input type="hidden" autoComplete="username" value={found.mail ?? ""} />}
          {found !== undefined && (
            <PasswordInput
              name="password"
              label={t("account.new_password")}
              description={t("first.password_hint", { count: passwordLengthMin })}
              autoComplete="new-password"
              required
              minLength={passwordLengthMin}
              maxLength={128}
            />
          )}
          <ProblemAlert problem={problem} />
          {found === undefined ? (
            <Button variant="default" onClick={leave}>
              {t("login.title")}
            </Button>
          ) : (
            <Button type="submit" loading={sending}>
              {t(found.isNew ? "invitation.submit" : "account.set_password")}
            </Button>
          )}
        </Stack>
      </form>
    </Card>
  );
}
