/** Passkeys: which there are, one more, one less. */
import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import type * as z from "zod";
import { post } from "../../shared/api.ts";

import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { anything } from "../../shared/wire.ts";
import { canPasskey, makePasskey } from "./passkey.ts";
import { useAsk } from "./use-ask.ts";
import { whenOf } from "./when.ts";
import type { passkey } from "./wire.ts";

export function PasskeyPart({ passkeys }: { readonly passkeys: readonly z.infer<typeof passkey>[] }) {
  const words = useWords();
  const { t } = words;
  const { problem, sending, run } = useAsk();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const made = await run(async () => {
      await makePasskey({ name: String(given.get("name")), password: String(given.get("password")) });
      return true;
    });
    if (made === true) form.reset();
  };
  return (
    <Stack maw={520}>
      <Text>{t("account.passkeys_lead")}</Text>
      {passkeys.length > 0 && (
        <ul className="rows-plain">
          {passkeys.map(({ id, name, madeMs }) => (
            <li key={id}>
              <span>
                {name} <span className="quiet">{whenOf(madeMs, words)}</span>
              </span>
              <Button
                size="xs"
                variant="default"
                aria-label={t("account.remove_of", { name })}
                onClick={() => run(() => post("/api/account/passkeys/remove", { id }, anything))}
              >
                {t("account.remove")}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <ProblemAlert problem={problem} />
      {canPasskey() ? (
        <form onSubmit={submit}>
          <Stack>
            <TextInput name="name" label={t("account.passkey_name")} required maxLength={60} autoComplete="off" />
            <PasswordInput name="password" label={t("account.present_password")} autoComplete="current-password" required maxLength={128} />
            <Button type="submit" variant="default" loading={sending} className="start">
              {t("account.passkey_add")}
            </Button>
          </Stack>
        </form>
      ) : (
        <Text c="dimmed">{t("account.passkeys_not_here")}</Text>
      )}
    </Stack>
  );
}
