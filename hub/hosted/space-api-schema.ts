/**
 * The rules of SpaceAPI 0.12, 0.13, 14 and 15 (spaceapi.io, official schemas), without their prose. Versions differ in few places;
 * those are arguments here.
 */
import type { Schema } from "./schema.ts";

const text: Schema = { type: "string" };
const number: Schema = { type: "number" };
const boolean: Schema = { type: "boolean" };
const oneOf = (...values: readonly string[]): Schema => ({ type: "string", enum: values });
const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: "object",
  properties,
  required,
});
const list = (items: Schema, minItems = 0): Schema => ({ type: "array", items, minItems });
const texts = (...keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, text]));

type Version = 13 | 14 | 15;

/** A list of sensors: value, unit where it has one, place, name; since 15 the instant of its change. */
function sensors(version: Version, own: Readonly<Record<string, Schema>>, required: readonly string[]): Schema {
  return list(object({ ...own, ...texts("location", "name", "description"), ...(version === 15 ? { lastchange: number } : {}) }, required));
}

function sensorTypes(version: Version): Schema {
  const measured = (unit: Schema, required: readonly string[] = ["value", "unit", "location"]) =>
    sensors(version, { value: number, unit }, required);
  const counted = (own: Readonly<Record<string, Schema>> = {}) => sensors(version, { value: number, ...own }, ["value"]);
  const withUnit = (...units: readonly string[]) => object({ value: number, unit: oneOf(...units) }, ["value", "unit"]);
  const power = version === 15 ? oneOf("W", "VA") : oneOf("mW", "W", "VA");
  const pressure = { 13: oneOf("hPA"), 14: oneOf("hPa", "hPA"), 15: oneOf("hPa") };
  const radiation = sensors(
    version,
    { value: number, unit: oneOf("cpm", "r/h", "µSv/h", "mSv/a", "µSv/a"), dead_time: number, conversion_factor: number },
    ["value", "unit"],
  );
  const speed = withUnit("m/s", "km/h", "kn");
  const wind = object({ speed, gust: speed, direction: withUnit("°"), elevation: withUnit("m") }, [
    "speed",
    "gust",
    "direction",
    "elevation",
  ]);
  const rate: Schema = { type: "number", minimum: 0 };
  const traffic = object({
    bits_per_second: object({ value: rate, maximum: rate }, ["value"]),
    packets_per_second: object({ value: rate }, ["value"]),
  });
  return object({
    temperature: measured(oneOf("°C", "°F", "K", "°De", "°N", "°R", "°Ré", "°Rø")),
    ...(version === 15 ? { carbondioxide: measured(oneOf("ppm", "vol%")), power_generation: measured(power) } : {}),
    door_locked: sensors(version, { value: boolean }, ["value", "location"]),
    barometer: measured(pressure[version]),
    radiation: object({ alpha: radiation, beta: radiation, gamma: radiation, beta_gamma: radiation }),
    humidity: measured(oneOf("%")),
    beverage_supply: measured(oneOf("btl", "crt"), ["value", "unit"]),
    power_consumption: measured(power),
    wind: sensors(version, { properties: wind }, ["properties", "location"]),
    network_connections: counted({ type: oneOf("wifi", "cable", "spacenet"), machines: list(object(texts("name", "mac"), ["mac"])) }),
    account_balance: measured(version === 13 ? oneOf("BTC", "EUR", "USD", "GBP") : text, ["value", "unit"]),
    total_member_count: counted(),
    people_now_present: counted({ names: list(text, 1) }),
    ...(version === 13 ? {} : { network_traffic: { ...sensors(version, { properties: traffic }, ["properties"]), minItems: 1 } }),
  });
}

const icon = object(texts("open", "closed"), ["open", "closed"]);
const timed = (key: string) => list(object({ ...texts("name", "type", "extra"), [key]: number }, ["name", "type", key]));
const feed = object(texts("type", "url"), ["url"]);

function state(version: Version): Schema {
  const open: Schema = version === 15 ? boolean : { type: ["boolean", "null"] };
  return object({ open, lastchange: number, ...texts("trigger_person", "message"), icon }, version === 13 ? ["open"] : []);
}

function contact(version: Version): Schema {
  const person = texts("name", "irc_nick", "phone", "email", "twitter", ...(version === 13 ? [] : ["xmpp", "mastodon", "matrix"]));
  const names = ["phone", "sip", "irc", "twitter", "facebook", "identica", "foursquare", "email", "ml", "issue_mail"];
  const newer = version === 13 ? ["jabber"] : ["mastodon", "xmpp", "gopher", "matrix", "mumble"];
  return object({
    ...texts(...names, ...newer),
    keymasters: list(object(person), 1),
    ...(version === 13 ? { google: object(texts("plus")) } : {}),
  });
}

function location(version: Version): Schema {
  const place = { ...texts("address"), lat: number, lon: number };
  if (version === 13) return object(place, ["lat", "lon"]);
  if (version === 14) return object({ ...place, timezone: text }, ["lat", "lon"]);
  const areas = list(object({ ...texts("name", "description"), square_meters: number }, ["square_meters"]), 1);
  return { ...object({ ...place, ...texts("timezone", "country_code", "hint"), areas }), minProperties: 1 };
}

function common(version: Version): Readonly<Record<string, Schema>> {
  const federated = ["spacenet", "spacesaml", ...(version === 13 ? ["spacephone"] : [])];
  return {
    ...texts("space", "logo", "url"),
    location: location(version),
    spacefed: object(Object.fromEntries(federated.map((key) => [key, boolean])), federated),
    cam: list(text, 1),
    state: state(version),
    events: timed("timestamp"),
    contact: contact(version),
    sensors: sensorTypes(version),
    feeds: object({ blog: feed, wiki: feed, calendar: feed, flickr: feed }),
    projects: list(text),
  };
}

function newer(version: 14 | 15): Schema {
  const billed = ["yearly", ...(version === 15 ? ["quarterly"] : []), "monthly", "weekly", "daily", "hourly", "other"];
  const plan = object({ ...texts("name", "currency", "description"), value: number, billing_interval: oneOf(...billed) }, [
    "name",
    "value",
    "currency",
    "billing_interval",
  ]);
  const linked: Schema = { ...object(texts("endpoint", "website")), anyOf: ["endpoint", "website"] };
  return object(
    {
      api_compatibility: { type: "array", items: text, contains: String(version) },
      ...common(version),
      links: list(object(texts("name", "description", "url"), ["name", "url"])),
      membership_plans: list(plan),
      ...(version === 15 ? { linked_spaces: list(linked) } : {}),
    },
    ["api_compatibility", "space", "logo", "url", ...(version === 14 ? ["location"] : []), "contact"],
  );
}

const schema12 = object(
  {
    api: oneOf("0.12"),
    ...texts("space", "logo", "url", "address", "status"),
    lat: number,
    lon: number,
    cam: list(text, 1),
    stream: object({}),
    open: boolean,
    lastchange: number,
    events: timed("t"),
    contact: object({ ...texts("phone", "sip", "irc", "twitter", "email", "ml", "jabber"), keymaster: list(text) }),
    icon,
    sensors: list(object({ temp: object({}) })),
    feeds: list(object(texts("name", "type", "url"), ["name", "url"])),
  },
  ["api", "space", "logo", "url", "open", "icon"],
);

const show = object({ ...texts("name", "url", "start", "end"), type: oneOf("mp3", "ogg") }, ["name", "url", "type", "start", "end"]);
const schedules = ["m.02", "m.05", "m.10", "m.15", "m.30", "h.01", "h.02", "h.04", "h.08", "h.12", "d.01"];
const schema13 = object(
  {
    api: oneOf("0.13"),
    ...common(13),
    stream: object(texts("m4", "mjpeg", "ustream")),
    issue_report_channels: list(oneOf("email", "issue_mail", "twitter", "ml"), 1),
    cache: object({ schedule: oneOf(...schedules) }, ["schedule"]),
    radio_show: list(show),
  },
  ["api", "space", "logo", "url", "location", "state", "contact", "issue_report_channels"],
);

/** By version: 12 and 13 call themselves "0.12" and "0.13". */
export const spaceApiSchemas: Readonly<Record<"12" | "13" | "14" | "15", Schema>> = {
  "12": schema12,
  "13": schema13,
  "14": newer(14),
  "15": newer(15),
};
