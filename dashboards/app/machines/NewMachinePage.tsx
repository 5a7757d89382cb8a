/** A machine from a template: its node, its name, and the two questions no template may answer. Then it is tried with a card. */
import { useState } from "react";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { useLive } from "../../shared/use-live.ts";
import type { LiveChange } from "../../shared/wire.ts";
import { Newcomers } from "../nodes/Newcomers.tsx";
import type { PageProps } from "../pages.ts";
import { nodesView } from "../staff/wire.ts";
import { MachineForm } from "./MachineForm.tsx";
import { TryMachine } from "./TryMachine.tsx";
import { machineTemplates } from "./wire.ts";

const touchesNodes = ({ kind }: LiveChange): boolean => kind === "node";

export function NewMachinePage({ session }: PageProps) {
  const { t } = useWords();
  const { snapshot } = useLive();
  const [made, setMade] = useState<{ readonly machine: string; readonly label: string }>();
  const { data: templates, problem } = useRead("/api/machine-templates", machineTemplates);
  const isSimulated = snapshot?.site.simulated === true;
  const nodes = useRead(isSimulated ? null : "/api/nodes", nodesView, touchesNodes);
  const up = { to: "/machines", label: t("now.machines") };
  if (snapshot !== undefined && made !== undefined)
    return (
      <div className="page">
        <PageHead title={t("try.title", { name: made.label })} up={up} />
        <TryMachine {...made} session={session} isSimulated={isSimulated} />
      </div>
    );
  const free = nodes.data?.nodes.filter(({ hangs, kind }) => kind === "mixed" || (kind === "machine" && hangs.length === 0)) ?? [];
  return (
    <div className="page narrow">
      <PageHead title={t("machine_new.title")} up={up} />
      <ProblemAlert problem={problem ?? nodes.problem} />
      {snapshot === undefined || templates === undefined ? (
        <p className="empty">{t("page.loading")}</p>
      ) : (
        <>
          {!isSimulated && nodes.data !== undefined && (
            <>
              <div>
                <p>{t("machine_new.node_first")}</p>
                <pre className="command">{prepare}</pre>
              </div>
              <Newcomers view={nodes.data} />
            </>
          )}
          {!isSimulated && free.length === 0 ? (
            <p className="empty">{t("machine_new.no_node")}</p>
          ) : (
            <MachineForm templates={templates} nodes={isSimulated ? null : free} onMade={setMade} />
          )}
        </>
      )}
    </div>
  );
}

const prepare = `koprade node prepare --kind machine --reader-kind rdm6300 --reader /dev/ttyUSB0 --hub ${location.hostname}
koprade node run --config node.yaml`;
