/** The first page of a new hub: the code from the terminal, the space, its owner. Then one click to a living building. */
import { Button, NativeSelect, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useMemo, useState } from "react";
import { ApiProblem, post } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert, sentenceOf } from "../../shared/problem-alert.tsx";
import { signedIn } from "../../shared/wire.ts";
import { Card } from "./Card.tsx";
import { FirstRunDone } from "./FirstRunDone.tsx";

const passwordLengthMin = 10;

export function FirstRunPage({ onDone }: { readonly onDone: () => Promise<void> }) {
  const words = useWords();
  const { t } = words;
  const [space, setSpace] = useState<string>();
  const [problem, setProblem] = useState<unknown>();
  const [sending, setSending] = useState(false);
  const zones = useMemo(() => Intl.supportedValuesOf("timeZone"), []);
  const hereZone = useMemo(() => Intl.DateTimeFormat().resolvedOptions().timeZone, []);
  // The terminal prints a link with the code after the #, so that it is in no log and no referrer.
  const [code] = useState(() => location.hash.slice(1));
  const where = problem instanceof ApiProblem ? problem.where : null;
  const wrong = (field: string): string | undefined => (where === field ? sentenceOf(problem, words) : undefined);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    setSending(true);
    try {
      await post("/api/first-run", { ...form, language: words.language }, signedIn);
      setSpace(String(form["space"]));
    } catch (error) {
      setProblem(error);
    }
    setSending(false);
  };

  if (space !== undefined) return <FirstRunDone space={space} onDone={onDone} />;
  return (
    <Card>
      <form onSubmit={submit}>
        <Stack>
          <div>
            <Title order={1} fz="h2">
              {t("first.title")}
            </Title>
            <Text c="dimmed">{t("first.lead")}</Text>
          </div>
          <TextInput
            name="code"
            label={t("first.code")}
            description={t("first.code_hint")}
            placeholder="XXXX-XXXX"
            autoComplete="one-time-code"
            spellCheck={false}
            required
            defaultValue={code}
            autoFocus={code === ""}
            maxLength={32}
            error={wrong("code")}
          />
          <TextInput name="space" label={t("first.space")} required autoFocus={code !== ""} maxLength={60} error={wrong("space")} />
          <NativeSelect
            name="zone"
            label={t("first.zone")}
            data={zones}
            defaultValue={zones.includes(hereZone) ? hereZone : "Europe/Riga"}
            error={wrong("zone")}
          />
          <TextInput name="ownerName" label={t("first.owner")} autoComplete="name" required maxLength={60} error={wrong("ownerName")} />
          <TextInput
            name="mail"
            type="email"
            label={t("first.mail")}
            autoComplete="username"
            required
            maxLength={254}
            error={wrong("mail")}
          />
          <PasswordInput
            name="password"
            label={t("first.password")}
            description={t("first.password_hint", { count: passwordLengthMin })}
            autoComplete="new-password"
            required
            minLength={passwordLengthMin}
            maxLength={128}
            error={wrong("password")}
          />
          {where === null && <ProblemAlert problem={problem} />}
          <Button type="submit" size="md" loading={sending}>
            {t("first.submit")}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
