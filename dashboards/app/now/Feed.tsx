/** What happened, newest first: who was let in, who was refused, why, and what they can do next. */
import { Button } from "@mantine/core";
import { useState } from "react";
import type { MessageKey } from "../../locales/shape.ts";
import { timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { feedTones, ToneIcon } from "../../shared/status-mark.tsx";
import { useHubNow } from "../../shared/use-live.ts";
import type { FeedItem } from "../../shared/wire.ts";
import { Section } from "./Section.tsx";

const kindWords: Readonly<Record<FeedItem["kind"], MessageKey>> = {
  granted: "feed.granted",
  refused: "feed.refused",
  ended: "feed.ended",
  alarm: "feed.alarm",
  exception: "feed.exception",
  opened: "feed.opened",
  locked: "feed.locked",
  cleared: "feed.cleared",
  duress: "feed.duress",
};

export function Feed({ items, zone }: { readonly items: readonly FeedItem[]; readonly zone: string }) {
  const { t, plural } = useWords();
  const [held, setHeld] = useState<readonly FeedItem[]>();
  const shown = held ?? items;
  const waiting = held === undefined ? 0 : items.filter((item) => !held.some((old) => old.id === item.id)).length;
  return (
    <Section
      title={t("now.feed")}
      count={items.length}
      empty={t("now.feed_empty")}
      action={
        <>
          <span className="quiet">{waiting > 0 ? plural("plural.news", waiting) : ""}</span>
          <Button
            size="xs"
            variant="default"
            aria-pressed={held !== undefined}
            onClick={() => setHeld(held === undefined ? items : undefined)}
          >
            {t(held === undefined ? "feed.pause" : "feed.resume")}
          </Button>
        </>
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <ol className="feed" tabIndex={0} aria-label={t("now.feed")}>
        {shown.map((item) => (
          <FeedLine key={item.id} item={item} zone={zone} />
        ))}
      </ol>
    </Section>
  );
}

function FeedLine({ item, zone }: { readonly item: FeedItem; readonly zone: string }) {
  const words = useWords();
  const { t, language, reason } = words;
  const nowMs = useHubNow();
  const [why, usualStep] = item.reason === null ? ["", ""] : reason(item.reason);
  const refused = item.kind === "refused";
  const nextStep = refused ? (item.nextStep[language] ?? item.nextStep["en"] ?? usualStep) : "";
  return (
    <li className="feed-line" data-kind={item.kind} data-testid={`feed-${item.id}`}>
      <ToneIcon tone={feedTones[item.kind] ?? "none"} />
      <div>
        <p>
          <span className="feed-kind">{t(kindWords[item.kind])}</span>{" "}
          <strong>{item.who?.name ?? (refused ? t("feed.unknown_card") : "")}</strong> {t("feed.at", { place: item.whereLabel })}
        </p>
        {(refused || item.kind === "exception") && (
          <p className="feed-why">
            {why}
            {item.also.length > 0 && (
              <span className="quiet">
                {" "}
                · {t("feed.also")}: {item.also.map((code) => reason(code)[0]).join(", ")}
              </span>
            )}
          </p>
        )}
        {nextStep !== "" && (
          <p className="feed-next">
            <span className="visually-hidden">{t("feed.next")}: </span>
            <span aria-hidden="true">→ </span>
            {nextStep}
          </p>
        )}
      </div>
      <time dateTime={new Date(item.atMs).toISOString()}>{timeOf(item.atMs, zone, words, { nowMs })}</time>
    </li>
  );
}
