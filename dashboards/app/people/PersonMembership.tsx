/** A member's memberships, the newest first, and the next one. */
import { Button, Group, Modal, NativeSelect, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { dayOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { useRead } from "../../shared/query.ts";
import { useGive } from "../../shared/use-give.ts";
import { useLive } from "../../shared/use-live.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { Section } from "../now/Section.tsx";
import { choices, type PersonDetail } from "../staff/wire.ts";

export function PersonMembership({ person }: { readonly person: PersonDetail }) {
  const words = useWords();
  const { t } = words;
  const { state, give } = useGive();
  const [isOpen, setOpen] = useState(false);
  const plans = useRead("/api/choices", choices).data?.plans ?? [];
  const zone = useLive().snapshot?.site.zone ?? "UTC";
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(Date.now());
  const { member, memberships } = person;
  const save = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const through = String(form.get("through"));
    setOpen(false);
    void give("setMembership", { member, plan: form.get("plan"), from: form.get("from"), validThrough: through === "" ? null : through });
  };
  return (
    <Section
      title={t("people.membership")}
      count={memberships.length}
      empty={t("membership.none")}
      action={
        <Button size="xs" variant="default" disabled={plans.length === 0} onClick={() => setOpen(true)}>
          {t("membership.set")} …
        </Button>
      }
    >
      <ul className="rows">
        {memberships.map(({ plan, from, validThrough }) => (
          <li key={`${plan.id}${from}`} className="row">
            <div className="row-text">
              <p>
                <strong>{plan.label}</strong>
              </p>
            </div>
            <span>
              {dayOf(from, "UTC", words)} – {validThrough === null ? t("membership.open") : dayOf(validThrough, "UTC", words)}
            </span>
          </li>
        ))}
      </ul>
      <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
      {isOpen && (
        <Modal
          opened
          onClose={() => setOpen(false)}
          title={t("membership.of", { name: person.name })}
          centered
          lockScroll={false}
          closeButtonProps={{ "aria-label": t("power.close") }}
          transitionProps={{ duration: 0 }}
        >
          <form onSubmit={save}>
            <Stack>
              <NativeSelect name="plan" label={t("membership.plan")} data={plans.map(({ id, label }) => ({ value: id, label }))} />
              <TextInput type="date" name="from" label={t("membership.from")} defaultValue={today} required />
              <TextInput type="date" name="through" label={t("membership.through")} description={t("membership.through_hint")} />
              <Group justify="flex-end">
                <Button variant="default" onClick={() => setOpen(false)}>
                  {t("lock.cancel")}
                </Button>
                <Button type="submit">{t("membership.save")}</Button>
              </Group>
            </Stack>
          </form>
        </Modal>
      )}
    </Section>
  );
}
