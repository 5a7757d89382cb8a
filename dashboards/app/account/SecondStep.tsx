/** The code of the authenticator app, or one of the recovery codes. */
import { Button, Stack, Text, TextInput, Title } from "@mantine/core";
import type { FormEvent } from "react";
import { post } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { Card } from "./Card.tsx";
import { useAsk } from "./use-ask.ts";
import { halfOrSignedIn } from "./wire.ts";

type Props = { readonly space: string; readonly onDone: () => Promise<void>; readonly onBack: () => void };

export function SecondStep({ space, onDone, onBack }: Props) {
  const { t } = useWords();
  const { problem, sending, run } = useAsk();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code")).replaceAll(" ", "");
    if ((await run(() => post("/api/login/code", { code }, halfOrSignedIn))) !== undefined) await onDone();
  };
  return (
    <Card>
      <form onSubmit={submit}>
        <Stack>
          <div>
            <Text c="dimmed">{space}</Text>
            <Title order={1} fz="h2">
              {t("login.code_title")}
            </Title>
          </div>
          <TextInput
            name="code"
            label={t("login.code")}
            description={t("login.code_hint")}
            autoComplete="one-time-code"
            spellCheck={false}
            required
            autoFocus
            minLength={6}
            maxLength={32}
          />
          <ProblemAlert problem={problem} />
          <Button type="submit" loading={sending}>
            {t("login.submit")}
          </Button>
          <Button variant="subtle" onClick={onBack}>
            {t("login.back")}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
