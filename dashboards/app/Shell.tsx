/** The frame of every page behind sign-in: space, pages, language, colours, sign-out; and the banners nobody may miss. */
import { Button, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import type { MouseEvent, ReactNode } from "react";
import { post } from "../shared/api.ts";
import { LanguageSelect } from "../shared/LanguageSelect.tsx";
import { useWords } from "../shared/language.tsx";
import { go } from "../shared/route.ts";
import { useLive } from "../shared/use-live.ts";
import { anything } from "../shared/wire.ts";
import type { SignedIn } from "./LivePages.tsx";
import { StaleBanner } from "./StaleBanner.tsx";

export function Shell(props: {
  readonly session: SignedIn;
  readonly path: string;
  readonly onSignedOut: () => void;
  readonly children: ReactNode;
}) {
  const { t } = useWords();
  const { snapshot } = useLive();
  const signOut = async (): Promise<void> => {
    await post("/api/logout", {}, anything).catch(() => undefined);
    props.onSignedOut();
  };
  return (
    <>
      <a className="skip" href="#content">
        {t("nav.skip")}
      </a>
      <header className="bar">
        <span className="space">{snapshot?.site.name ?? props.session.space}</span>
        {snapshot?.site.simulated === true && (
          <span className="tag" title={t("page.simulated_long")}>
            {t("page.simulated")}
          </span>
        )}
        <nav className="pages">
          <PageLink to="/now" here={props.path === "/now"}>
            {t("nav.now")}
          </PageLink>
          <PageLink to="/reports" here={props.path.startsWith("/reports")}>
            {t("nav.report")}
          </PageLink>
        </nav>
        <div className="bar-end">
          <LanguageSelect />
          <ColorToggle />
          <Button variant="default" size="xs" onClick={signOut}>
            {t("nav.sign_out")}
          </Button>
        </div>
      </header>
      <StaleBanner />
      {snapshot !== undefined && snapshot.site.mode !== "normal" && (
        <div className="banner" role="alert">
          {t(snapshot.site.mode === "evacuate" ? "mode.evacuate" : "mode.lockdown")}
        </div>
      )}
      <main id="content" tabIndex={-1}>
        {props.children}
      </main>
    </>
  );
}

function PageLink({ to, here, children }: { readonly to: string; readonly here: boolean; readonly children: ReactNode }) {
  const open = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={to} aria-current={here ? "page" : undefined} onClick={open}>
      {children}
    </a>
  );
}

function ColorToggle() {
  const { t } = useWords();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  return (
    <Button
      variant="default"
      size="xs"
      px={8}
      aria-label={t(dark ? "nav.light" : "nav.dark")}
      title={t(dark ? "nav.light" : "nav.dark")}
      onClick={() => setColorScheme(dark ? "light" : "dark")}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
        <path
          d={
            dark
              ? "M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.4 1.4M11.6 11.6 13 13M3 13l1.4-1.4M11.6 4.4 13 3M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6"
              : "M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3"
          }
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
    </Button>
  );
}
