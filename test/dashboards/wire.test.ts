import { expect, expectTypeOf, test } from "vitest";
import type * as z from "zod";
import type * as manager from "../../dashboards/app/manager/wire.ts";
import type * as staff from "../../dashboards/app/staff/wire.ts";
import { en } from "../../dashboards/locales/en.ts";
import { lv } from "../../dashboards/locales/lv.ts";
import { nb } from "../../dashboards/locales/nb.ts";
import { sv } from "../../dashboards/locales/sv.ts";
import * as wire from "../../dashboards/shared/wire.ts";
import type * as hub from "../../hub/views.ts";
import type { ManagerReads } from "../../hub/views-manager.ts";
import type { StaffReads } from "../../hub/views-staff.ts";
import { aBuilding, fakeHub } from "../support/views.ts";

/** What the hub may send, without its promises not to change it. */
type Loose<T> = T extends readonly (infer E)[] ? Loose<E>[] : T extends object ? { -readonly [K in keyof T]: Loose<T[K]> } : T;

test("everything the hub sends fits what the page reads", async () => {
  expectTypeOf<Loose<hub.LiveSnapshot>>().toExtend<z.input<typeof wire.liveSnapshot>>();
  expectTypeOf<Loose<hub.LiveChange>>().toExtend<z.input<typeof wire.liveChange>>();
  expectTypeOf<Loose<hub.PowerTrace>>().toExtend<z.input<typeof wire.powerTrace>>();
  expectTypeOf<Loose<hub.Muster>>().toExtend<z.input<typeof wire.muster>>();
  expectTypeOf<Loose<hub.MonthReport>>().toExtend<z.input<typeof wire.monthReport>>();
  const building = aBuilding();
  expect(wire.liveSnapshot.parse(building)).toEqual(building);
  const report = await fakeHub().views.monthReport("2026-11", "en");
  expect(wire.monthReport.parse(report)).toEqual(report);
});

test("everything staff read beside the live picture fits what their pages read", () => {
  type Answer<K extends keyof StaffReads> = Loose<NonNullable<ReturnType<StaffReads[K]>>>;
  expectTypeOf<Answer<"lanes">>().toExtend<z.input<typeof staff.nowLanes>>();
  expectTypeOf<Answer<"machines">>().toExtend<z.input<typeof staff.machineList>>();
  expectTypeOf<Answer<"machine">>().toExtend<z.input<typeof staff.machineDetail>>();
  expectTypeOf<Answer<"door">>().toExtend<z.input<typeof staff.doorDetail>>();
  expectTypeOf<Answer<"people">>().toExtend<z.input<typeof staff.peoplePart>>();
  expectTypeOf<Answer<"person">>().toExtend<z.input<typeof staff.personDetail>>();
  expectTypeOf<Answer<"choices">>().toExtend<z.input<typeof staff.choices>>();
  expectTypeOf<Answer<"capture">>().toExtend<z.input<typeof staff.captureState>>();
  expectTypeOf<Answer<"trainings">>().toExtend<z.input<typeof staff.trainingsView>>();
  expectTypeOf<Answer<"log">>().toExtend<z.input<typeof staff.logPart>>();
  expectTypeOf<Answer<"nodes">>().toExtend<z.input<typeof staff.nodesView>>();
  expectTypeOf<Answer<"energy">>().toExtend<z.input<typeof staff.energyView>>();
});

test("everything managers read fits what their pages read", () => {
  type Answer<K extends keyof ManagerReads> = Loose<NonNullable<Awaited<ReturnType<ManagerReads[K]>>>>;
  expectTypeOf<Answer<"months">>().toExtend<z.input<typeof manager.monthList>>();
  expectTypeOf<Answer<"month">>().toExtend<z.input<typeof manager.monthDesk>>();
  expectTypeOf<Answer<"number">>().toExtend<z.input<typeof manager.numberView>>();
  expectTypeOf<Answer<"projects">>().toExtend<z.input<typeof manager.projectList>>();
  expectTypeOf<Answer<"project">>().toExtend<z.input<typeof manager.projectView>>();
  expectTypeOf<Answer<"money">>().toExtend<z.input<typeof manager.moneySheet>>();
  expectTypeOf<Answer<"corrections">>().toExtend<z.input<typeof manager.corrections>>();
  expectTypeOf<Answer<"roles">>().toExtend<z.input<typeof manager.roleSheet>>();
  expectTypeOf<Answer<"retention">>().toExtend<z.input<typeof manager.retention>>();
});

test("a page that is older than its hub takes an unknown status for unknown", () => {
  const [machine] = aBuilding().machines;
  const change = wire.liveChange.parse({ kind: "machine", machine: { ...machine, status: "levitating" } });
  expect(change).toMatchObject({ machine: { status: "unknown" } });
});

test("every language uses the same placeholders as English", () => {
  const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();
  for (const locale of [lv, sv, nb]) {
    for (const [key, text] of Object.entries(en.messages)) {
      const other = Object.entries(locale.messages).find(([name]) => name === key)?.[1] ?? "";
      expect(holes(other), `${key}: ${other}`).toEqual(holes(text));
      expect(other.trim(), key).not.toBe("");
    }
  }
});

test("Latvian counts as Latvians do", () => {
  const rules = new Intl.PluralRules("lv");
  const forms = lv.plurals["plural.minutes"];
  const said = (count: number) => forms[rules.select(count) as "zero" | "one" | "other"];
  for (const count of [0, 10, 11, 19, 20, 100, 111]) expect(said(count), String(count)).toBe("{count} minūšu");
  for (const count of [1, 21, 101]) expect(said(count), String(count)).toBe("{count} minūte");
  for (const count of [2, 9, 22]) expect(said(count), String(count)).toBe("{count} minūtes");
});
