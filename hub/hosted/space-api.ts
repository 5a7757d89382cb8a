/**
 * SpaceAPI documents of other spaces: what they say and which versions they keep to. Real ones have trailing commas, text for
 * numbers, clocks of 1973 and states of years ago, so everything but the text is optional. Source: spaceapi.io; documents in
 * OpenSpaceLint's cache.
 */
import { type Fields, fieldsAt, isFields, numberOf, own, parseJson } from "./json.ts";
import { violation } from "./schema.ts";
import { spaceApiSchemas } from "./space-api-schema.ts";

export type SpaceDocument = {
  readonly space: string | null;
  /** null: unknown, or something else than true and false */
  readonly open: boolean | null;
  /** Unix seconds as declared; 0 and other wrong clocks are not mended */
  readonly lastChangeS: number | null;
  readonly api: string | number | null;
  readonly compatibility: readonly unknown[] | null;
  readonly events: number | null;
  /** per version: true, or the first violation */
  readonly valid: Readonly<Record<string, true | string>>;
};

/** Undefined for text that is no JSON object. */
export function parseSpaceApi(payload: string): SpaceDocument | undefined {
  const json = parseJson(payload);
  if (json === undefined || !isFields(json.value)) return undefined;
  const fields = json.value;
  const state = fieldsAt(fields, "state");
  const either = (key: string) => own(state, key) ?? own(fields, key); // 0.12 has no "state"
  const [space, api, open] = [own(fields, "space"), own(fields, "api"), either("open")];
  const [compatibility, events] = [own(fields, "api_compatibility"), own(fields, "events")];
  return {
    space: typeof space === "string" ? space : null,
    open: typeof open === "boolean" ? open : null,
    lastChangeS: numberOf(either("lastchange")) ?? null,
    api: typeof api === "string" || typeof api === "number" ? api : null,
    compatibility: Array.isArray(compatibility) ? compatibility : null,
    events: Array.isArray(events) ? events.length : null,
    valid: validity(fields),
  };
}

export function validity(document: Fields): Record<string, true | string> {
  return Object.fromEntries(Object.entries(spaceApiSchemas).map(([version, schema]) => [version, violation(schema, document)]));
}

export type OpenReport = { readonly atS: number; readonly open: boolean };

/** Real changes of a state that is said again and again: only they move `lastchange`. The first report is one. */
export function transitions(reports: readonly OpenReport[]): OpenReport[] {
  return reports.filter((report, i) => report.open !== reports[i - 1]?.open);
}
