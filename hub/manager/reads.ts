/** What the pages of managers read and order, on the space that the pages show at that moment. */
import { HubError } from "../errors.ts";
import type { Stack } from "../stack.ts";
import { personOf } from "../staff/names.ts";
import type { Actor } from "../views.ts";
import type { ManagerOrders, ManagerReads } from "../views-manager.ts";
import { moneySheet } from "./money.ts";
import { monthsOf } from "./month-list.ts";
import { correctionsOf, rolesOf } from "./people.ts";
import { projectOf, projectsOf } from "./projects.ts";
import { retentionOf } from "./retention.ts";

export function managerReads(stackNow: () => Stack, nowMs: () => number): ManagerReads {
  return {
    months: () => monthsOf(stackNow().ledger.read, nowMs()),
    month: (month, language) => stackNow().desk.ask({ kind: "month", month, language, nowMs: nowMs() }),
    async number(month, name, language) {
      const { desk, ledger } = stackNow();
      const found = await desk.ask({ kind: "number", month, name, language, nowMs: nowMs() });
      if (found === null) return undefined;
      const rows = found.rows.map(({ member, ...row }) => ({ ...row, who: member === null ? null : personOf(ledger.read, member) }));
      return { ...found, rows };
    },
    projects: () => projectsOf(stackNow().ledger.read),
    project: (project) => projectOf(stackNow(), project, nowMs()),
    async money(month, language) {
      const { desk, ledger } = stackNow();
      const figures = await desk.ask({ kind: "money", month, language, nowMs: nowMs() });
      return moneySheet(ledger.read, month, figures, nowMs());
    },
    corrections: (isOpen) => correctionsOf(stackNow().ledger.read, isOpen),
    roles: () => rolesOf(stackNow().ledger.read),
    retention: () => retentionOf(stackNow().ledger.read, nowMs()),
    file: (asked) => stackNow().desk.ask({ kind: "file", ...asked, nowMs: nowMs() }),
  };
}

/** @param by  an account in the audit */
export function managerOrders(stackNow: () => Stack, nowMs: () => number, by: (actor: Actor) => string): ManagerOrders {
  /** Of a month that is over: the rest of another would be missing for ever. */
  const figuresOf = async (stack: Stack, month: string) => {
    const figures = await stack.desk.ask({ kind: "figures", month, nowMs: nowMs() });
    if (!figures.isOver) throw new HubError("CONFLICT", `${month} is not over yet`);
    return figures;
  };
  const seal = async (given: {
    readonly month: string;
    readonly hash: string;
    readonly reason: string;
    readonly actor: Actor;
    readonly isFirst: boolean;
  }) => {
    const { month, reason, isFirst } = given;
    const stack = stackNow();
    const before = stack.ledger.read.usage.closedMonths(month).length;
    if (isFirst !== (before === 0)) throw new HubError("CONFLICT", isFirst ? `${month} is closed already` : `${month} is not closed yet`);
    const { text, hash, isChanged } = await figuresOf(stack, month);
    if (hash !== given.hash) throw new HubError("CHANGED_MEANWHILE", `the figures of ${month}`);
    if (!isChanged) throw new HubError("CONFLICT", `nothing of ${month} has changed since revision ${before}`);
    const revision = before + 1;
    const { number } = await stack.ledger.change.closeMonth({ month, revision, reason, hash, figures: text }, by(given.actor));
    return { month, number, revision, hash };
  };
  return {
    async draft({ month, actor }) {
      const stack = stackNow();
      const { text, hash } = await figuresOf(stack, month);
      await stack.ledger.change.draftMonth({ month, hash, figures: text }, by(actor));
      return { hash };
    },
    close: (given) => seal({ ...given, reason: "", isFirst: true }),
    revise: (given) => seal({ ...given, isFirst: false }),
  };
}
