/** The boxes on the walls: which are there, what hangs on them, whether their wiring was tested; and new ones, let in by a person. */
import { Button } from "@mantine/core";
import { spanOf, timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { nodeMarks, StatusMark } from "../../shared/status-mark.tsx";
import { useCommand } from "../../shared/use-command.ts";
import { useHubNow, useLive, useStaleSince } from "../../shared/use-live.ts";
import type { LiveChange, Node } from "../../shared/wire.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import type { PageProps } from "../pages.ts";
import { type NodesView, nodesView } from "../staff/wire.ts";
import { Newcomers } from "./Newcomers.tsx";

const touchesNodes = ({ kind }: LiveChange): boolean => kind === "node";

export function NodesPage({ session }: PageProps) {
  const { t } = useWords();
  const { snapshot } = useLive();
  const stale = useStaleSince() !== undefined;
  const { data, problem } = useRead("/api/nodes", nodesView, touchesNodes);
  const mayAdopt = session.role === "owner" || session.role === "manager";
  return (
    <div className="page" data-stale={stale || undefined}>
      <PageHead title={t("now.nodes")} />
      <ProblemAlert problem={problem} />
      {data === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {data !== undefined && mayAdopt && <Newcomers view={data} />}
      {data !== undefined && data.nodes.length === 0 && <p className="empty">{t("nodes.none")}</p>}
      {data !== undefined && data.nodes.length > 0 && (
        <ul className="tiles" aria-label={t("now.nodes")}>
          {data.nodes.map((node) => (
            <NodeTile key={node.id} node={node} live={snapshot?.nodes.find(({ id }) => id === node.id)} stale={stale} />
          ))}
        </ul>
      )}
    </div>
  );
}

type TileProps = { readonly node: NodesView["nodes"][number]; readonly live: Node | undefined; readonly stale: boolean };

function NodeTile({ node, live, stale }: TileProps) {
  const words = useWords();
  const { t, plural } = words;
  const { snapshot } = useLive();
  const nowMs = useHubNow();
  const command = useCommand();
  const mark = nodeMarks[live === undefined || stale ? "offline" : live.status];
  const facts = [
    node.firmware,
    node.uptimeMs === null ? null : t("nodes.up", { span: spanOf(node.uptimeMs, words) }),
    node.signalDbm === null ? null : `${node.signalDbm} dBm`,
    live !== undefined && live.outboxDepth !== null && live.outboxDepth > 0 ? plural("plural.waiting", live.outboxDepth) : null,
    live !== undefined && live.lastSeenMs !== null && live.status !== "online"
      ? t("node.seen", { time: timeOf(live.lastSeenMs, snapshot?.site.zone ?? "UTC", words, { nowMs }) })
      : null,
  ].filter((fact) => fact !== null);
  return (
    <li className="tile" data-tone={mark.tone} data-testid={`box-${node.id}`}>
      <div className="tile-head">
        <h2>{node.label}</h2>
        <StatusMark mark={mark} />
        <Button
          size="xs"
          variant="default"
          disabled={stale || live?.status !== "online" || node.hangs.length === 0}
          loading={command.state.kind === "sent"}
          onClick={() => command.send(`/api/nodes/${node.id}/identify`)}
        >
          {t("nodes.identify")} <span className="visually-hidden">{node.label}</span>
        </Button>
      </div>
      {live?.trouble !== undefined && live.trouble !== null && <p className="warn">{live.trouble}</p>}
      {facts.length > 0 && <p className="quiet">{facts.join(" · ")}</p>}
      <p>
        {node.hangs.length === 0
          ? t("nodes.nothing")
          : node.hangs.map(({ id, label, kind }, i) => (
              <span key={id}>
                {i > 0 && ", "}
                <PageLink to={`/${kind === "door" ? "doors" : "machines"}/${id}`}>{label}</PageLink>
              </span>
            ))}
      </p>
      {node.wiring !== "not_needed" && (
        <p className={node.wiring === "tested" ? "quiet" : "warn"}>
          {t("care.wiring")}: {t(`wiring.${node.wiring}`)}
        </p>
      )}
      <CommandNote state={command.state} sent={t("give.sent")} done={t("nodes.beeps")} unconfirmed={t("door.unconfirmed")} />
    </li>
  );
}
