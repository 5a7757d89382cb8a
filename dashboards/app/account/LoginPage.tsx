/** Sign in with mail and password, with a passkey, or where the space has its accounts. Paste and password managers work; nothing is a puzzle. */
import { Alert, Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { post } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { Card } from "./Card.tsx";
import { canPasskey, signInByPasskey } from "./passkey.ts";
import { SecondStep } from "./SecondStep.tsx";
import { useAsk } from "./use-ask.ts";
import { halfOrSignedIn } from "./wire.ts";

type Given = { readonly space: string; readonly provider: string | null; readonly onDone: () => Promise<void> };

export function LoginPage({ space, provider, onDone }: Given) {
  const { t } = useWords();
  const [isHalf, setHalf] = useState(false);
  const { problem, sending, run } = useAsk();

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const done = await run(() => post("/api/login", { mail: form.get("mail"), password: form.get("password") }, halfOrSignedIn));
    if (done?.state === "second_step") setHalf(true);
    else if (done !== undefined) await onDone();
  };
  const byPasskey = async (): Promise<void> => {
    const done = await run(async () => {
      await signInByPasskey();
      return true;
    });
    if (done === true) await onDone();
  };

  if (isHalf) return <SecondStep space={space} onDone={onDone} onBack={() => setHalf(false)} />;
  return (
    <Card>
      <form onSubmit={submit}>
        <Stack>
          <div>
            <Text c="dimmed">{space}</Text>
            <Title order={1} fz="h2">
              {t("login.title")}
            </Title>
          </div>
          {new URLSearchParams(location.search).has("refused") && (
            <Alert color="red" role="alert">
              {t("login.provider_refused", { provider: provider ?? "" })}
            </Alert>
          )}
          <TextInput name="mail" type="email" label={t("login.mail")} autoComplete="username" required autoFocus maxLength={254} />
          <PasswordInput name="password" label={t("login.password")} autoComplete="current-password" required maxLength={128} />
          <ProblemAlert problem={problem} />
          <Button type="submit" loading={sending}>
            {t("login.submit")}
          </Button>
          {canPasskey() && (
            <Button variant="default" onClick={byPasskey} disabled={sending}>
              {t("login.passkey")}
            </Button>
          )}
          {provider !== null && (
            <Button variant="default" component="a" href="/api/sign-in/provider">
              {t("login.provider", { provider })}
            </Button>
          )}
          <Text fz="sm" c="dimmed">
            {t("login.hint")}
          </Text>
        </Stack>
      </form>
    </Card>
  );
}
