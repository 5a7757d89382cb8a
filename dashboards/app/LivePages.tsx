/** The pages behind sign-in: one live store for all of them, one frame around them. */
import { useEffect, useRef, useState } from "react";
import { type LiveStore, openLive } from "../shared/live.ts";
import { LiveContext } from "../shared/use-live.ts";
import type { SessionState } from "../shared/wire.ts";
import { NowPage } from "./now/NowPage.tsx";
import { ReportPage } from "./report/ReportPage.tsx";
import { Shell } from "./Shell.tsx";

export type SignedIn = Extract<SessionState, { state: "signed_in" }>;

/** @param props.onSessionDoubt  asks the hub again who is signed in, when it refuses the stream */
export function LivePages(props: { readonly session: SignedIn; readonly path: string; readonly onSessionDoubt: () => void }) {
  const [store, setStore] = useState<LiveStore>();
  const doubt = useRef(props.onSessionDoubt);
  doubt.current = props.onSessionDoubt;
  useEffect(() => {
    const opened = openLive(() => doubt.current());
    setStore(opened);
    return () => opened.close();
  }, []);
  if (store === undefined) return null;
  const month = /^\/reports(?:\/(20\d{2}-(?:0[1-9]|1[0-2])))?$/.exec(props.path);
  return (
    <LiveContext value={store}>
      <Shell session={props.session} path={props.path} onSignedOut={props.onSessionDoubt}>
        {month === null ? <NowPage role={props.session.role} /> : <ReportPage month={month[1]} />}
      </Shell>
    </LiveContext>
  );
}
