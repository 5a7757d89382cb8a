/** Reads out what needs staff: refusals and alarms that came since the page was opened. */
import { useEffect, useRef } from "react";
import { useWords } from "../../shared/language.tsx";
import type { FeedItem } from "../../shared/wire.ts";

export function useFeedAnnouncements(feed: readonly FeedItem[] | undefined, announce: (sentence: string) => void): void {
  const { t, reason } = useWords();
  const known = useRef<Set<string> | undefined>(undefined);
  useEffect(() => {
    if (feed === undefined) return;
    const seen = known.current;
    known.current = new Set(feed.map((item) => item.id));
    if (seen === undefined) return;
    for (const item of feed.filter((one) => !seen.has(one.id)).reverse()) {
      if (item.kind === "alarm" || item.kind === "duress") announce(t("announce.alarm", { place: item.whereLabel }));
      if (item.kind !== "refused") continue;
      const [why] = reason(item.reason ?? "");
      announce(t("announce.refused", { who: item.who?.name ?? t("feed.unknown_card"), place: item.whereLabel, why }));
    }
  }, [feed, announce, t, reason]);
}
