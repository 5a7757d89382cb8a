/** An authenticator app: its secret as a picture to photograph and as text to type, the first code, and the recovery codes. */
import { Button, Code, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import type * as z from "zod";
import { post } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { anything } from "../../shared/wire.ts";
import { useAsk } from "./use-ask.ts";
import { recoveryCodes, totpOffer } from "./wire.ts";

export function TotpPart({ isOn }: { readonly isOn: boolean }) {
  const { t } = useWords();
  const [offer, setOffer] = useState<z.infer<typeof totpOffer>>();
  const [codes, setCodes] = useState<readonly string[]>();
  const { problem, sending, run } = useAsk();
  const byPassword = (work: (password: unknown) => Promise<unknown>) => async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { password } = Object.fromEntries(new FormData(form));
    if ((await run(() => work(password))) !== undefined) form.reset();
  };
  const confirm = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code")).replaceAll(" ", "");
    if ((await run(() => post("/api/account/totp/confirm", { code }, anything))) !== undefined) setOffer(undefined);
  };
  const begin = byPassword(async (password) => {
    const made = await post("/api/account/totp", { password }, totpOffer);
    setOffer(made);
    setCodes(made.recoveryCodes);
    return made;
  });
  const end = byPassword(async (password) => {
    setCodes(undefined);
    return (await post("/api/account/totp/remove", { password }, anything)) ?? true;
  });
  const renew = byPassword(async (password) => {
    const made = await post("/api/account/totp/recovery-codes", { password }, recoveryCodes);
    setCodes(made.recoveryCodes);
    return made;
  });
  const [isRemoving, setRemoving] = useState(false);

  return (
    <Stack maw={520}>
      <Text>{t(isOn ? "account.totp_on" : "account.totp_off")}</Text>
      <ProblemAlert problem={problem} />
      {offer !== undefined && (
        <form onSubmit={confirm}>
          <Stack>
            <Text>{t("account.totp_scan")}</Text>
            <QrCode text={offer.uri} label={t("account.totp_picture")} />
            <Code block>{new URL(offer.uri).searchParams.get("secret")}</Code>
            <TextInput
              name="code"
              label={t("account.totp_code")}
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              pattern="[0-9 ]{6,7}"
              maxLength={7}
            />
            <Button type="submit" loading={sending} className="start">
              {t("account.totp_confirm")}
            </Button>
          </Stack>
        </form>
      )}
      {codes !== undefined && (
        <div>
          <Text fw={600}>{t("account.recovery")}</Text>
          <Code block>{codes.join("\n")}</Code>
        </div>
      )}
      {offer === undefined && (
        <form onSubmit={isOn ? (isRemoving ? end : renew) : begin}>
          <Stack>
            <PasswordInput name="password" label={t("account.present_password")} autoComplete="current-password" required maxLength={128} />
            {isOn ? (
              <>
                <Button type="submit" variant="default" loading={sending} className="start" onClick={() => setRemoving(false)}>
                  {t("account.recovery_new")}
                </Button>
                <Button type="submit" variant="default" loading={sending} className="start" onClick={() => setRemoving(true)}>
                  {t("account.totp_remove")}
                </Button>
              </>
            ) : (
              <Button type="submit" variant="default" loading={sending} className="start">
                {t("account.totp_begin")}
              </Button>
            )}
          </Stack>
        </form>
      )}
    </Stack>
  );
}

/** As a path of our own, since the page's policy lets in no picture that a script has made elsewhere. */
function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const [picture, setPicture] = useState<{ readonly size: number; readonly path: string }>();
  useEffect(() => {
    let isOver = false;
    void import("qrcode").then(({ create }) => {
      const { modules } = create(text, { errorCorrectionLevel: "M" });
      const dark = [...modules.data].flatMap((on, i) => (on === 0 ? [] : [`M${i % modules.size} ${Math.floor(i / modules.size)}h1v1h-1z`]));
      if (!isOver) setPicture({ size: modules.size, path: dark.join("") });
    });
    return () => {
      isOver = true;
    };
  }, [text]);
  const size = picture?.size ?? 1;
  return (
    <svg
      className="qr"
      role="img"
      aria-label={label}
      viewBox={`-4 -4 ${size + 8} ${size + 8}`}
      width="220"
      height="220"
      shapeRendering="crispEdges"
    >
      <rect x="-4" y="-4" width={size + 8} height={size + 8} fill="#fff" />
      <path d={picture?.path ?? ""} fill="#000" />
    </svg>
  );
}
