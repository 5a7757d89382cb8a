/** Keys for programs: which there are, a new one whose secret is shown once, and an end to one. */
import { Button, Code, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { post } from "../../shared/api.ts";

import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { anything, type Role, roles } from "../../shared/wire.ts";
import { useAsk } from "./use-ask.ts";
import { whenOf } from "./when.ts";
import { apiKeys, madeKey } from "./wire.ts";

export function KeyPart({ role }: { readonly role: Role }) {
  const words = useWords();
  const { t } = words;
  const { data } = useRead("/api/account/keys?limit=100", apiKeys);
  const [secret, setSecret] = useState<string>();
  const { problem, sending, run } = useAsk();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const made = await run(() => post("/api/account/keys", Object.fromEntries(new FormData(form)), madeKey));
    if (made === undefined) return;
    form.reset();
    setSecret(made.secret);
  };
  const rows = data?.items ?? [];
  return (
    <Stack maw={640}>
      <Text>
        {t("account.keys_lead")} <a href="/api/docs">{t("account.api_docs")}</a>
      </Text>
      {rows.length > 0 && (
        <ul className="rows-plain">
          {rows.map((row) => (
            <li key={row.id}>
              <span>
                {row.name} <span className="tag">{t(`account.scope_${row.scope}`)}</span>{" "}
                <span className="tag">{t(`role.${row.role}`)}</span>{" "}
                <span className="quiet">
                  {row.usedMs === null ? t("account.never_used") : t("account.used", { when: whenOf(row.usedMs, words) })}
                </span>
              </span>
              <Button
                size="xs"
                variant="default"
                aria-label={t("account.remove_of", { name: row.name })}
                onClick={() => run(() => post("/api/account/keys/revoke", { id: row.id }, anything))}
              >
                {t("account.remove")}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {secret !== undefined && (
        <div>
          <Text fw={600} role="status">
            {t("account.secret_once")}
          </Text>
          <Code block>{secret}</Code>
        </div>
      )}
      <ProblemAlert problem={problem} />
      <form onSubmit={submit}>
        <Stack>
          <TextInput name="name" label={t("account.key_name")} required maxLength={60} autoComplete="off" />
          <NativeSelect
            name="scope"
            label={t("account.key_scope")}
            data={[
              { value: "read", label: t("account.scope_read") },
              { value: "commands", label: t("account.scope_commands") },
            ]}
          />
          <NativeSelect
            name="role"
            label={t("accounts.role")}
            defaultValue="staff"
            data={roles.slice(roles.indexOf(role)).map((one) => ({ value: one, label: t(`role.${one}`) }))}
          />
          <Button type="submit" variant="default" loading={sending} className="start">
            {t("account.key_add")}
          </Button>
        </Stack>
      </form>
    </Stack>
  );
}
