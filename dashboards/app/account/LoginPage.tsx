/** Sign in with mail and password. Paste and password managers work; nothing is a puzzle. */
import { Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { post } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { signedIn } from "../../shared/wire.ts";
import { Card } from "./Card.tsx";

export function LoginPage({ space, onDone }: { readonly space: string; readonly onDone: () => Promise<void> }) {
  const { t } = useWords();
  const [problem, setProblem] = useState<unknown>();
  const [sending, setSending] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setSending(true);
    try {
      await post("/api/login", { mail: form.get("mail"), password: form.get("password") }, signedIn);
      await onDone();
    } catch (error) {
      setProblem(error);
      setSending(false);
    }
  };

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
          <TextInput name="mail" type="email" label={t("login.mail")} autoComplete="username" required autoFocus maxLength={254} />
          <PasswordInput name="password" label={t("login.password")} autoComplete="current-password" required maxLength={128} />
          <ProblemAlert problem={problem} />
          <Button type="submit" loading={sending}>
            {t("login.submit")}
          </Button>
          <Text fz="sm" c="dimmed">
            {t("login.hint")}
          </Text>
        </Stack>
      </form>
    </Card>
  );
}
