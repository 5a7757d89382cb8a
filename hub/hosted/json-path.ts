/**
 * Any other device that sends JSON or bare values: an owner names the paths, such as `{"power_w":"ENERGY.Power"}`, and a factor where
 * its unit differs. A path that leads nowhere says nothing; it is never a zero.
 */
import { valueAt } from "./home-assistant.ts";
import { isFields, looseNumber, parseJson, said } from "./json.ts";

export type JsonPathMap = {
  /** value name to path; "" is the whole payload */
  readonly paths: Readonly<Record<string, string>>;
  /** multiplies a number, such as 0.001 for mA */
  readonly factors: Readonly<Record<string, number>>;
  /** texts that mean on; everything else that is said means off. Default: on, true, 1. */
  readonly onTexts: readonly string[];
};
export type JsonPathValues = Readonly<Record<string, number | boolean | string | null>>;

const onTextsDefault = ["on", "true", "1"];
const pathsMax = 32;

export const jsonPathCannot = [
  "be switched, or tell on its own that it is gone",
  "be trusted more than the paths its owner wrote",
] as const;

/** Reads the map; the text of a refusal says what is wrong with it. */
export function readJsonPathMap(given: unknown): JsonPathMap | { readonly why: string } {
  const map = isFields(given) ? given : {};
  if (!isFields(map.paths)) return { why: '"paths" is missing: name values and paths, such as {"power_w":"ENERGY.Power"}' };
  const paths = Object.entries(map.paths);
  if (paths.length > pathsMax) return { why: `more than ${pathsMax} paths` };
  if (!paths.every(([, path]) => typeof path === "string")) return { why: "a path is no text" };
  const factors = isFields(map.factors) ? Object.entries(map.factors) : [];
  if (!factors.every(([, factor]) => typeof factor === "number" && Number.isFinite(factor))) return { why: "a factor is no number" };
  const onTexts = Array.isArray(map.on) ? map.on.filter((text) => typeof text === "string") : onTextsDefault;
  return {
    paths: Object.fromEntries(paths) as Record<string, string>,
    factors: Object.fromEntries(factors) as Record<string, number>,
    onTexts: onTexts.map((text) => text.toLowerCase()),
  };
}

/** The named values of one payload; undefined when it is neither JSON nor a bare value that a path "" asks for. */
export function readJsonPath(payload: string, map: JsonPathMap): JsonPathValues | undefined {
  const json = parseJson(payload);
  if (json === undefined && !Object.values(map.paths).includes("")) return undefined;
  const root = json === undefined ? payload : json.value;
  return said(
    Object.fromEntries(
      Object.entries(map.paths).map(([name, path]) => [name, valueIn(name, path === "" ? root : valueAt(root, path), map)]),
    ),
  );
}

/** Names that end in `_on` or `online` are switches; the rest are numbers where they can be. */
function valueIn(name: string, value: unknown, map: JsonPathMap): number | boolean | string | null | undefined {
  if (value === null) return null;
  if (/(^|_)(on|online)$/.test(name)) {
    if (typeof value === "boolean") return value;
    return typeof value === "string" || typeof value === "number" ? map.onTexts.includes(String(value).toLowerCase()) : undefined;
  }
  const number = looseNumber(value);
  const factor = Object.hasOwn(map.factors, name) ? (map.factors[name] ?? 1) : 1;
  if (typeof number === "number") return number * factor;
  return typeof value === "string" ? (number === null ? null : value) : typeof value === "boolean" ? value : undefined;
}
