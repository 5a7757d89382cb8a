/**
 * The page table: one row per page, who may open it, where it stands in the navigation, and the file it comes from. Every page is
 * loaded when it is first opened. The build writes the paths beside the pages (`pages.json`), so that the hub answers at exactly these.
 */
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { MessageKey } from "../locales/shape.ts";
import type { Role, SessionState } from "../shared/wire.ts";
import { newMachinePath } from "./paths.ts";

export type SignedIn = Extract<SessionState, { state: "signed_in" }>;
/** What every page gets; `params` are the parts of its address, such as `id` of `/machines/:id`. */
export type PageProps = { readonly session: SignedIn; readonly params: Readonly<Record<string, string | undefined>> };

/** `signed_in`: any account. `member`: one that belongs to a member record. The others by role, each including those above it. */
export type PageAccess = "signed_in" | "member" | "staff" | "manager" | "owner";

export const navGroups = ["today", "mine", "people", "records", "system"] as const;
export type NavGroup = (typeof navGroups)[number];

export type Page = {
  /** as wouter and the hub's server understand it */
  readonly path: string;
  readonly access: PageAccess;
  /** its entry in the navigation; null: reached from other pages. `tab`: also on the bar at the bottom of a phone, four at most */
  readonly nav: { readonly group: NavGroup; readonly label: MessageKey; readonly tab?: true } | null;
  readonly View: LazyExoticComponent<ComponentType<PageProps>>;
};

type Loaded = Promise<{ readonly default: ComponentType<PageProps> }>;
const page = (path: string, access: PageAccess, nav: Page["nav"], load: () => Loaded): Page => ({ path, access, nav, View: lazy(load) });

export const pages: readonly Page[] = [
  page("/now", "staff", { group: "today", label: "nav.now", tab: true }, async () => ({
    default: (await import("./now/NowPage.tsx")).NowPage,
  })),
  page("/machines", "staff", { group: "today", label: "now.machines", tab: true }, async () => ({
    default: (await import("./machines/MachinesPage.tsx")).MachinesPage,
  })),
  page(newMachinePath, "manager", null, async () => ({ default: (await import("./machines/NewMachinePage.tsx")).NewMachinePage })),
  page("/machines/:id", "staff", null, async () => ({ default: (await import("./machines/MachinePage.tsx")).MachinePage })),
  page("/doors", "staff", { group: "today", label: "now.doors" }, async () => ({
    default: (await import("./doors/DoorsPage.tsx")).DoorsPage,
  })),
  page("/doors/:id", "staff", null, async () => ({ default: (await import("./doors/DoorPage.tsx")).DoorPage })),
  page("/people", "staff", { group: "people", label: "nav.people", tab: true }, async () => ({
    default: (await import("./people/PeoplePage.tsx")).PeoplePage,
  })),
  page("/people/:member", "staff", null, async () => ({ default: (await import("./people/PersonPage.tsx")).PersonPage })),
  page("/trainings", "staff", { group: "people", label: "nav.trainings" }, async () => ({
    default: (await import("./trainings/TrainingsPage.tsx")).TrainingsPage,
  })),
  page("/log", "staff", { group: "records", label: "nav.log", tab: true }, async () => ({
    default: (await import("./log/LogPage.tsx")).LogPage,
  })),
  page("/energy", "staff", { group: "records", label: "nav.energy" }, async () => ({
    default: (await import("./energy/EnergyPage.tsx")).EnergyPage,
  })),
  page("/account", "signed_in", { group: "mine", label: "nav.account" }, async () => ({
    default: (await import("./account/AccountPage.tsx")).AccountPage,
  })),
  page("/accounts", "staff", { group: "system", label: "nav.accounts" }, async () => ({
    default: (await import("./account/AccountsPage.tsx")).AccountsPage,
  })),
  page("/reports/:month?", "staff", { group: "records", label: "nav.report" }, async () => ({
    default: (await import("./report/ReportPage.tsx")).ReportPage,
  })),
  page("/months", "manager", { group: "records", label: "nav.months" }, async () => ({
    default: (await import("./manager/MonthsPage.tsx")).MonthsPage,
  })),
  page("/months/:month/:number?", "manager", null, async () => ({
    default: (await import("./manager/MonthPage.tsx")).MonthPage,
  })),
  page("/projects", "manager", { group: "records", label: "nav.projects" }, async () => ({
    default: (await import("./manager/ProjectsPage.tsx")).ProjectsPage,
  })),
  page("/projects/:project", "manager", null, async () => ({
    default: (await import("./manager/ProjectPage.tsx")).ProjectPage,
  })),
  page("/sustainability/:month?", "manager", { group: "records", label: "nav.money" }, async () => ({
    default: (await import("./manager/MoneyPage.tsx")).MoneyPage,
  })),
  page("/corrections", "manager", { group: "people", label: "nav.corrections" }, async () => ({
    default: (await import("./manager/CorrectionsPage.tsx")).CorrectionsPage,
  })),
  page("/roles", "manager", { group: "system", label: "nav.roles" }, async () => ({
    default: (await import("./manager/RolesPage.tsx")).RolesPage,
  })),
  page("/retention", "manager", { group: "system", label: "nav.retention" }, async () => ({
    default: (await import("./manager/RetentionPage.tsx")).RetentionPage,
  })),
  page("/nodes", "staff", { group: "system", label: "now.nodes" }, async () => ({
    default: (await import("./nodes/NodesPage.tsx")).NodesPage,
  })),
  page("/me", "member", { group: "mine", label: "nav.me" }, async () => ({
    default: (await import("./me/MePage.tsx")).MePage,
  })),
  page("/me/trainings", "member", { group: "mine", label: "nav.me_trainings" }, async () => ({
    default: (await import("./me/TrainingsPage.tsx")).TrainingsPage,
  })),
  page("/me/cards", "member", { group: "mine", label: "nav.me_cards" }, async () => ({
    default: (await import("./me/CardsPage.tsx")).CardsPage,
  })),
  page("/me/use", "member", { group: "mine", label: "nav.me_use" }, async () => ({
    default: (await import("./me/UsePage.tsx")).UsePage,
  })),
  page("/me/bookings", "member", { group: "mine", label: "nav.me_bookings" }, async () => ({
    default: (await import("./me/BookingsPage.tsx")).BookingsPage,
  })),
  page("/me/choices", "member", { group: "mine", label: "nav.me_choices" }, async () => ({
    default: (await import("./me/ChoicesPage.tsx")).ChoicesPage,
  })),
];

/** Addresses that the frame itself answers. */
export const framePaths = ["/", "/login", "/first-run", "/invitation"] as const;

const ranks: Readonly<Record<Role, number>> = { member: 0, staff: 1, manager: 2, owner: 3 };

type Who = Pick<SignedIn, "role" | "member">;

export function mayOpen({ role, member }: Who, { access }: Page): boolean {
  if (access === "member") return member !== null;
  return access === "signed_in" || ranks[role] >= ranks[access];
}

/** Where somebody begins. */
export const homeOf = ({ role, member }: Who): string => (role !== "member" ? "/now" : member === null ? "/account" : "/me");
