/** Asks why a member's page is opened: one press for the usual reasons, a line for the others. */
import { Button, Group, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";

/** For so long the hub takes the same reason for the same look (hub/http/look-ups.ts). */
const sameLookMs = 15 * 60_000;
const usual = ["desk", "card", "training", "membership"] as const;
const looks = new Map<number, { readonly reason: string; readonly atMs: number }>();

/** The reason given for this member, while it counts; and how to give one. */
export function useLook(member: number): readonly [reason: string | undefined, begin: (reason: string) => void] {
  const [, setTurn] = useState(0);
  const found = looks.get(member);
  const reason = found !== undefined && performance.now() - found.atMs < sameLookMs ? found.reason : undefined;
  return [
    reason,
    (given) => {
      looks.set(member, { reason: given, atMs: performance.now() });
      setTurn((turn) => turn + 1);
    },
  ];
}

export function LookGate({ member, onReason }: { readonly member: number; readonly onReason: (reason: string) => void }) {
  const { t } = useWords();
  const other = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onReason(String(new FormData(event.currentTarget).get("reason")).trim());
  };
  return (
    <div className="page">
      <PageHead title={t("look.title", { member })} up={{ to: "/people", label: t("nav.people") }} />
      <p>{t("look.note")}</p>
      <Group gap="xs">
        {usual.map((one) => (
          <Button key={one} variant="default" onClick={() => onReason(t(`look.${one}`))}>
            {t(`look.${one}`)}
          </Button>
        ))}
      </Group>
      <form onSubmit={other} className="filters">
        <TextInput name="reason" label={t("look.other")} required minLength={3} maxLength={160} autoComplete="off" />
        <Button type="submit">{t("look.open")}</Button>
      </form>
    </div>
  );
}
