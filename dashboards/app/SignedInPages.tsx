/** The pages behind sign-in: one live store for all of them, one frame around them, one page of the table inside. */
import { Suspense, useEffect, useRef, useState } from "react";
import { Route, Switch } from "wouter";
import { useWords } from "../shared/language.tsx";
import { type LiveStore, openLive } from "../shared/live.ts";
import { LiveContext } from "../shared/use-live.ts";
import { PageBoundary } from "./PageBoundary.tsx";
import { homeOf, mayOpen, pages, type SignedIn } from "./pages.ts";
import { Shell } from "./Shell.tsx";

/** @param props.onSessionDoubt  asks the hub again who is signed in, when it refuses the stream */
export function SignedInPages(props: { readonly session: SignedIn; readonly onSessionDoubt: () => void }) {
  const { session } = props;
  const [store, setStore] = useState<LiveStore>();
  const doubt = useRef(props.onSessionDoubt);
  doubt.current = props.onSessionDoubt;
  // The stream names people, so it is for staff.
  const hasStream = session.role !== "member";
  useEffect(() => {
    if (!hasStream) return;
    const opened = openLive(() => doubt.current());
    setStore(opened);
    return () => {
      opened.close();
      setStore(undefined);
    };
  }, [hasStream]);
  if (hasStream && store === undefined) return null;
  return (
    <LiveContext value={store}>
      <Shell session={session} onSignedOut={props.onSessionDoubt}>
        <PageBoundary>
          <Suspense fallback={<Opening />}>
            <Switch>
              {pages
                .filter((page) => mayOpen(session, page))
                .map(({ path, View }) => (
                  <Route key={path} path={path}>
                    {(params) => <View session={session} params={params} />}
                  </Route>
                ))}
              <Route>
                <Nothing home={homeOf(session)} />
              </Route>
            </Switch>
          </Suspense>
        </PageBoundary>
      </Shell>
    </LiveContext>
  );
}

function Opening() {
  const { t } = useWords();
  return <p className="empty">{t("page.loading")}</p>;
}

function Nothing({ home }: { readonly home: string }) {
  const { t } = useWords();
  return (
    <div className="page">
      <h1>{t("page.none")}</h1>
      <p>{t("page.none_long")}</p>
      <p>
        <a href={home}>{t("page.home")}</a>
      </p>
    </div>
  );
}
