/** Every door: what it does, who was let in last, and the button that opens it once. */
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { useLive, useStaleSince } from "../../shared/use-live.ts";
import { DoorTile } from "../now/DoorTile.tsx";

export function DoorsPage() {
  const { t } = useWords();
  const { snapshot } = useLive();
  const stale = useStaleSince() !== undefined;
  if (snapshot === undefined) return <p className="empty">{t("page.loading")}</p>;
  const { doors, nodes, site } = snapshot;
  return (
    <div className="page" data-stale={stale || undefined}>
      <PageHead title={t("now.doors")} />
      {doors.length === 0 && <p className="empty">{t("now.doors_empty")}</p>}
      <ul className="tiles doors" aria-label={t("now.doors")}>
        {doors.map((door) => (
          <DoorTile
            key={door.id}
            door={door}
            gone={stale || nodes.find(({ id }) => id === door.node)?.status === "offline"}
            zone={site.zone}
          />
        ))}
      </ul>
    </div>
  );
}
