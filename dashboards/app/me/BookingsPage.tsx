/** `/me/bookings`: what I have booked, and asking for more. */
import { Button, Card, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import { useWords } from "../../shared/language.tsx";
import { useGive } from "../../shared/use-give.ts";
import { Section } from "../now/Section.tsx";
import type { SignedIn } from "../pages.ts";
import { dayTimeOf, instantOf, localOf, MyFrame, MyNote, useMe } from "./parts.tsx";

const hourMs = 3_600_000;

export function BookingsPage({ session: { member } }: { readonly session: SignedIn }) {
  const words = useWords();
  const { t } = words;
  const { data, problem } = useMe();
  const { state, give } = useGive("own");
  const ask = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const zone = data?.zone ?? "UTC";
    const [fromMs, untilMs] = [instantOf(String(form.get("from")), zone), instantOf(String(form.get("until")), zone)];
    void give("requestBooking", { machine: String(form.get("machine")), member, fromMs, untilMs });
  };
  const soonMs = Math.ceil(Date.now() / hourMs + 1) * hourMs;
  return (
    <MyFrame title={t("nav.me_bookings")} problem={problem}>
      {data !== undefined && (
        <>
          <Section title={t("nav.me_bookings")} count={data.bookings.length} empty={t("me.bookings_none")}>
            <Stack component="ul" p={0} m={0} gap="xs">
              {data.bookings.map((one) => (
                <Card key={one.booking} withBorder component="li" padding="sm">
                  <Group justify="space-between" wrap="nowrap">
                    <div>
                      <strong>{one.label}</strong>
                      <p>
                        {dayTimeOf(one.fromMs, data.zone, words)} – {dayTimeOf(one.untilMs, data.zone, words)}
                      </p>
                      <p className="quiet">{t(one.state === "requested" ? "me.requested" : "me.confirmed")}</p>
                    </div>
                    <Button
                      variant="default"
                      mih={44}
                      aria-label={t("me.cancel_booking", { name: one.label })}
                      onClick={() => void give("cancelBooking", { booking: one.booking })}
                    >
                      {t("me.cancel")}
                    </Button>
                  </Group>
                </Card>
              ))}
            </Stack>
          </Section>
          <MyNote state={state} />
          <Section title={t("me.book")} count={1} empty="">
            <form onSubmit={ask}>
              <Stack>
                <NativeSelect name="machine" label={t("me.machine")} data={data.machines.map(({ id, label }) => ({ value: id, label }))} />
                <TextInput type="datetime-local" name="from" required label={t("me.from")} defaultValue={localOf(soonMs, data.zone)} />
                <TextInput
                  type="datetime-local"
                  name="until"
                  required
                  label={t("me.to")}
                  defaultValue={localOf(soonMs + hourMs, data.zone)}
                />
                <Button type="submit" mih={44} disabled={data.machines.length === 0}>
                  {t("me.send")}
                </Button>
              </Stack>
            </form>
          </Section>
        </>
      )}
    </MyFrame>
  );
}
