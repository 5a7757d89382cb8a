/** "Data from 18:04:11": nobody may take an old picture for a live one (experience.md §7). */
import { useEffect, useRef } from "react";
import { useAnnounce } from "../shared/announcer.tsx";
import { timeOf } from "../shared/format.ts";
import { useWords } from "../shared/language.tsx";
import { useLive, useStaleSince } from "../shared/use-live.ts";

export function StaleBanner() {
  const words = useWords();
  const announce = useAnnounce();
  const staleSinceMs = useStaleSince();
  const { snapshot } = useLive();
  const stale = staleSinceMs !== undefined;
  const wasStale = useRef(false);
  useEffect(() => {
    if (!stale && wasStale.current) announce(words.t("stale.back"));
    wasStale.current = stale;
  }, [stale, announce, words]);
  if (staleSinceMs === undefined) return null;
  return (
    <div className="banner" role="alert" data-testid="stale">
      <strong>{words.t("stale.banner", { time: timeOf(staleSinceMs, snapshot?.site.zone ?? "UTC", words, { seconds: true }) })}</strong>
      <span>{words.t("stale.long")}</span>
    </div>
  );
}
