/** What comes within a day, and who is on duty: the two lanes one looks at when nothing waits. */
import type { MessageKey } from "../../locales/shape.ts";
import { timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { useHubNow } from "../../shared/use-live.ts";
import type { NowLanes, Soon } from "../staff/wire.ts";
import { Section } from "./Section.tsx";

const kindWords: Readonly<Record<Soon["kind"], MessageKey>> = {
  booking: "soon.booking",
  class: "soon.class",
  closing: "soon.closing",
  opening: "soon.opening",
};

export function SoonLane({ soon, zone }: { readonly soon: NowLanes["soon"]; readonly zone: string }) {
  const words = useWords();
  const { t } = words;
  const nowMs = useHubNow();
  const time = (atMs: number): string => timeOf(atMs, zone, words, { nowMs });
  return (
    <Section title={t("soon.title")} count={soon.length} empty={t("soon.none")}>
      <ul className="rows">
        {soon.map(({ id, kind, label, who, fromMs, untilMs }) => (
          <li key={id} className="row">
            <div className="row-text">
              <p>
                {label === "" ? null : <strong>{label} </strong>}
                <span>{t(kindWords[kind])}</span>
              </p>
              {who !== null && <p className="quiet">{who.name}</p>}
            </div>
            <time dateTime={new Date(fromMs).toISOString()}>
              {fromMs < nowMs && untilMs !== null ? t("soon.until", { time: time(untilMs) }) : time(fromMs)}
            </time>
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function ShiftLane({ lanes, zone }: { readonly lanes: NowLanes; readonly zone: string }) {
  const words = useWords();
  const { t } = words;
  const nowMs = useHubNow();
  return (
    <Section title={t("shift.title")} count={lanes.shifts.length} empty={t(lanes.roster ? "shift.none" : "shift.no_roster")}>
      <ul className="rows">
        {lanes.shifts.map(({ shift, who, zone: where, fromMs, untilMs }) => (
          <li key={shift} className="row">
            <div className="row-text">
              <p>
                <strong>{who.name}</strong> {fromMs <= nowMs && <span className="tag">{t("shift.now")}</span>}
              </p>
              {where !== null && <p className="quiet">{where}</p>}
            </div>
            <time dateTime={new Date(fromMs).toISOString()}>
              {timeOf(fromMs, zone, words, { nowMs })}–{timeOf(untilMs, zone, words)}
            </time>
          </li>
        ))}
      </ul>
    </Section>
  );
}
