/**
 * The frame of every page behind sign-in. On a desk the navigation stands at the left; on a phone its most used entries are a bar at the
 * bottom, and the rest one touch away. Above the page stand the banners nobody may miss.
 */
import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { post } from "../shared/api.ts";
import { ColorSelect } from "../shared/color-select.tsx";
import { LanguageSelect } from "../shared/LanguageSelect.tsx";
import { useWords } from "../shared/language.tsx";
import { PageLink } from "../shared/page-link.tsx";
import { usePath } from "../shared/route.ts";
import { useLive } from "../shared/use-live.ts";
import { anything } from "../shared/wire.ts";
import { mayOpen, navGroups, type Page, pages, type SignedIn } from "./pages.ts";
import { StaleBanner } from "./StaleBanner.tsx";

type Entry = Page & { readonly nav: NonNullable<Page["nav"]> };
const hasEntry = (page: Page): page is Entry => page.nav !== null;
const addressOf = ({ path }: Page): string => path.replace(/\/:.*$/, "");
const tabsMost = 4;

export function Shell(props: { readonly session: SignedIn; readonly onSignedOut: () => void; readonly children: ReactNode }) {
  const { t } = useWords();
  const { snapshot } = useLive();
  const wide = useWide();
  const entries = pages.filter(hasEntry).filter((page) => mayOpen(props.session, page));
  const space = snapshot?.site.name ?? props.session.space;
  const account = <Account session={props.session} onSignedOut={props.onSignedOut} />;
  const simulated = snapshot?.site.simulated === true && (
    <span className="tag" title={t("page.simulated_long")}>
      {t("page.simulated")}
    </span>
  );
  return (
    <>
      <a className="skip" href="#content">
        {t("nav.skip")}
      </a>
      <div className="frame" data-wide={wide || undefined}>
        {wide ? (
          <header className="side">
            <p className="space">{space}</p>
            {simulated}
            <nav aria-label={t("nav.pages")}>
              <Entries entries={entries} />
            </nav>
            {account}
          </header>
        ) : (
          <header className="bar">
            <span className="space">{space}</span>
            {simulated}
          </header>
        )}
        <div className="frame-page">
          <StaleBanner />
          {snapshot !== undefined && snapshot.site.mode !== "normal" && (
            <div className="banner" role="alert">
              {t(snapshot.site.mode === "evacuate" ? "mode.evacuate" : "mode.lockdown")}
            </div>
          )}
          <main id="content" tabIndex={-1}>
            {props.children}
          </main>
        </div>
      </div>
      {!wide && <Tabs entries={entries} account={account} />}
    </>
  );
}

/** All entries in their groups. A group of which there is nothing has no heading either. */
function Entries({ entries }: { readonly entries: readonly Entry[] }) {
  const { t } = useWords();
  return navGroups.map((group) => {
    const inGroup = entries.filter(({ nav }) => nav.group === group);
    if (inGroup.length === 0) return null;
    return (
      <div key={group} className="nav-group">
        <p className="nav-title" id={`nav-${group}`}>
          {t(`nav.group_${group}`)}
        </p>
        <ul className="nav-list" aria-labelledby={`nav-${group}`}>
          {inGroup.map((entry) => (
            <li key={entry.path}>
              <NavLink entry={entry} />
            </li>
          ))}
        </ul>
      </div>
    );
  });
}

function NavLink({ entry }: { readonly entry: Entry }) {
  const { t } = useWords();
  const path = usePath();
  const to = addressOf(entry);
  // A page below belongs to this entry, unless it has one of its own.
  const here = path === to || (path.startsWith(`${to}/`) && !pages.some((page) => page.nav !== null && page.path === path));
  return (
    <PageLink to={to} here={here}>
      {t(entry.nav.label)}
    </PageLink>
  );
}

function Tabs({ entries, account }: { readonly entries: readonly Entry[]; readonly account: ReactNode }) {
  const { t } = useWords();
  const path = usePath();
  const sheet = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page closes the menu
  useEffect(() => setOpen(false), [path]);
  useEffect(() => {
    if (open) sheet.current?.showModal();
    else sheet.current?.close();
  }, [open]);
  const tabs = entries.filter(({ nav }) => nav.tab === true).slice(0, tabsMost);
  return (
    <>
      <nav className="tabs" aria-label={t("nav.main")}>
        {tabs.map((entry) => (
          <NavLink key={entry.path} entry={entry} />
        ))}
        <button type="button" aria-haspopup="dialog" aria-expanded={open} onClick={() => setOpen(true)}>
          {t("nav.menu")}
        </button>
      </nav>
      <dialog ref={sheet} className="sheet" aria-label={t("nav.menu")} onClose={() => setOpen(false)}>
        {open && (
          <>
            <div className="sheet-head">
              <h2>{t("nav.menu")}</h2>
              <Button variant="default" size="sm" onClick={() => setOpen(false)}>
                {t("power.close")}
              </Button>
            </div>
            <nav aria-label={t("nav.pages")}>
              <Entries entries={entries} />
            </nav>
            {account}
          </>
        )}
      </dialog>
    </>
  );
}

function Account({ session, onSignedOut }: { readonly session: SignedIn; readonly onSignedOut: () => void }) {
  const { t } = useWords();
  const signOut = async (): Promise<void> => {
    await post("/api/logout", {}, anything).catch(() => undefined);
    onSignedOut();
  };
  return (
    <div className="side-end">
      <p className="quiet">{session.name}</p>
      <LanguageSelect />
      <ColorSelect />
      <Button variant="default" size="xs" onClick={signOut}>
        {t("nav.sign_out")}
      </Button>
    </div>
  );
}

const wideEnough = matchMedia("(min-width: 60em)");
const onWidth = (run: () => void): (() => void) => {
  wideEnough.addEventListener("change", run);
  return () => wideEnough.removeEventListener("change", run);
};

/** Room for a navigation beside the page. */
function useWide(): boolean {
  return useSyncExternalStore(onWidth, () => wideEnough.matches);
}
