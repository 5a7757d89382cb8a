/**
 * How the process runs: `koprade.yaml` in the data folder, each field overridable by an environment variable. What the space
 * *is* (people, machines, rules) lives in the ledger, never here. Every field has a default, so that no file is needed.
 */
import * as z from "zod";
import { slug } from "#contract";

const port = z.int().min(0).max(65_535);

export const configSchema = z.strictObject({
  site: slug.default("my-space").describe("short name of the space in topics"),
  name: z.string().min(1).max(60).default("My makerspace").describe("name of the space on screens and reports"),
  tz: z.string().max(60).default("Europe/Riga").describe("IANA time zone of the space"),
  locale: z.enum(["en", "lv", "sv", "nb"]).default("en").describe("language of the space"),
  http: z
    .strictObject({
      port: port.default(8080).describe("port of the pages"),
      host: z.string().max(80).default("0.0.0.0").describe("address of the pages once an owner exists; loopback before"),
    })
    .prefault({}),
  mqtt: z
    .strictObject({
      tlsPort: port.default(8883).describe("port of the embedded broker, TLS"),
      host: z.string().max(80).default("0.0.0.0").describe("address of the broker once an owner exists; loopback before"),
      names: z.array(z.string().max(120)).max(20).default([]).describe("further host names or addresses in the broker's certificate"),
      plainPort: port
        .nullable()
        .default(null)
        .describe("port without encryption; everything on it can be read and forged by anybody on the network"),
      foreignPort: port
        .nullable()
        .default(null)
        .describe(
          "port for foreign devices (Tasmota, Shelly …), without encryption: what is said there can be read and forged by anybody on the network; each has an account of its own and touches nothing else",
        ),
      bridge: z
        .strictObject({
          url: z.string().regex(/^mqtts?:\/\/[^\s/]+$/, "mqtt://host:port or mqtts://host:port"),
          username: z.string().max(120).optional(),
          password: z.string().max(200).optional(),
          caFile: z.string().max(400).optional(),
        })
        .nullable()
        .default(null)
        .describe("a broker of the space at which foreign devices stay (`url`, `username`, `password`, `caFile`)"),
      maxConnections: z.int().min(10).max(10_000).default(500).describe("most connections at once"),
      messagesPerSecond: z
        .int()
        .min(10)
        .max(10_000)
        .default(50)
        .describe("most messages per second of one device; four times as many in a burst"),
      external: z
        .strictObject({
          url: z.string().regex(/^mqtts?:\/\//, "mqtt://host:port or mqtts://host:port"),
          username: z.string().max(120),
          password: z.string().max(200),
          caFile: z.string().max(400).optional(),
        })
        .nullable()
        .default(null)
        .describe("an external MQTT broker instead of the embedded one"),
    })
    .prefault({}),
  oidc: z
    .strictObject({
      name: z.string().min(1).max(40),
      issuer: z.url({ protocol: /^https?$/, error: "the provider's address, such as https://id.example.org" }).max(200),
      clientId: z.string().min(1).max(200),
      clientSecret: z.string().max(400).optional(),
      hubUrl: z.url({ protocol: /^https?$/, error: "the address of these pages, such as https://koprade.example.org" }).max(200),
    })
    .nullable()
    .default(null)
    .describe(
      "where people may sign in instead of with a password here (OpenID Connect: `name`, `issuer`, `clientId`, `clientSecret`, `hubUrl`); it vouches for the mail address of an account, and makes none. Register `hubUrl` + `/api/sign-in/callback/space` there",
    ),
  influx: z
    .strictObject({
      host: z.string().max(120),
      port: port.default(8086),
      protocol: z.enum(["http", "https"]).default("http"),
      database: z.string().max(60).default("koprade"),
      username: z.string().max(120).optional(),
      password: z.string().max(200).optional(),
    })
    .nullable()
    .default(null)
    .describe("an InfluxDB (v1 API) that gets a copy of every usage series"),
  neighbours: z
    .strictObject({
      spaceApi: z
        .strictObject({
          url: z.url().max(200),
          logo: z.url().max(200),
          email: z.email().max(120),
          address: z.string().max(200).optional(),
          lat: z.number().min(-90).max(90).optional(),
          lon: z.number().min(-180).max(180).optional(),
          sensors: z.boolean().default(false),
        })
        .nullable()
        .default(null)
        .describe(
          "the space in SpaceAPI v15 at `/spaceapi.json` (`url`, `logo`, `email`, `address`, `lat`, `lon`); with `sensors: true` also how many are in, which doors are locked and what machines draw",
        ),
      metrics: z
        .boolean()
        .default(false)
        .describe("states, power and decisions for Prometheus at `/metrics`, to whoever reaches the pages"),
      homeAssistant: z
        .strictObject({
          url: z.string().regex(/^mqtts?:\/\/[^\s/]+$/, "mqtt://host:port or mqtts://host:port"),
          username: z.string().max(120).optional(),
          password: z.string().max(200).optional(),
          caFile: z.string().max(400).optional(),
        })
        .nullable()
        .default(null)
        .describe(
          "Home Assistant's MQTT broker (`url`, `username`, `password`, `caFile`): the hub tells it states, power and energy, and hears no command",
        ),
      calendar: z.boolean().default(false).describe("opening hours and classes as iCalendar at `/calendar.ics`"),
    })
    .prefault({}),
  notices: z
    .strictObject({
      mail: z
        .strictObject({
          host: z.string().min(1).max(120),
          port: port.default(587),
          security: z.enum(["starttls", "tls", "none"]).default("starttls"),
          username: z.string().max(120).optional(),
          password: z.string().max(200).optional(),
          from: z
            .string()
            .regex(/^([^<>\r\n]{1,60}<)?[^\s<>@]+@[^\s<>@]+>?$/, "a mail address, or a name and <address>")
            .max(200),
        })
        .nullable()
        .default(null)
        .describe(
          "the mail server for notices (`host`, `port`, `security`: `starttls`, `tls` or, on this computer, `none`, `username`, `password`, `from`)",
        ),
      telegram: z
        .strictObject({
          token: z.string().regex(/^\d{1,20}:[\w-]{20,80}$/, "the token that BotFather gave"),
          url: z
            .url({ protocol: /^https?$/ })
            .max(200)
            .default("https://api.telegram.org"),
        })
        .nullable()
        .default(null)
        .describe("the space's bot in Telegram (`token`)"),
      matrix: z
        .strictObject({ url: z.url({ protocol: /^https?$/ }).max(200), token: z.string().regex(/^[\x21-\x7e]{8,400}$/) })
        .nullable()
        .default(null)
        .describe("the space's account in Matrix (`url` of its server, `token`)"),
      contact: z.email().max(120).nullable().default(null).describe("mail address that a browser's push service may write to"),
    })
    .prefault({}),
  logLevel: z.enum(["debug", "info", "warn", "error"]).default("info").describe("how much is logged"),
});
export type Config = z.infer<typeof configSchema>;

/** Where the copy of the usage series goes, or null. */
export function influxTarget(
  config: Config,
): { readonly url: string; readonly database: string; readonly username?: string; readonly password?: string } | null {
  if (config.influx === null) return null;
  const { protocol, host, port, database, username, password } = config.influx;
  return {
    url: `${protocol}://${host}:${port}`,
    database,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

/** Environment variables and the field each overrides. */
export const environment: Readonly<Record<string, readonly string[]>> = {
  KOPRADE_SITE: ["site"],
  KOPRADE_NAME: ["name"],
  KOPRADE_TZ: ["tz"],
  KOPRADE_LOCALE: ["locale"],
  KOPRADE_HTTP_PORT: ["http", "port"],
  KOPRADE_HTTP_HOST: ["http", "host"],
  KOPRADE_MQTT_PORT: ["mqtt", "tlsPort"],
  KOPRADE_MQTT_HOST: ["mqtt", "host"],
  KOPRADE_MQTT_PLAIN_PORT: ["mqtt", "plainPort"],
  KOPRADE_MQTT_FOREIGN_PORT: ["mqtt", "foreignPort"],
  KOPRADE_LOG_LEVEL: ["logLevel"],
};

export type ConfigResult = { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly problems: readonly string[] };

/**
 * The configuration from a parsed file and the environment. Never throws: each problem is one sentence that says where it
 * stands and what is allowed.
 * @param file         the parsed YAML, or undefined without a file
 * @param environment  variables by name
 * @param where        the file's path, for the sentences
 */
export function readConfig(file: unknown, variables: Readonly<Record<string, string | undefined>>, where: string): ConfigResult {
  const merged: unknown = file === undefined || file === null ? {} : structuredClone(file);
  if (typeof merged !== "object" || Array.isArray(merged) || merged === null) {
    return { ok: false, problems: [`${where}: must hold fields like "site: valmiera", one per line`] };
  }
  const from = new Map<string, string>();
  for (const [name, path] of Object.entries(environment)) {
    const text = variables[name];
    if (text === undefined || text === "") continue;
    place(merged as Record<string, unknown>, path, /^\d+$/.test(text) ? Number(text) : text);
    from.set(path.join("."), name);
  }
  const parsed = configSchema.safeParse(merged);
  if (!parsed.success) return { ok: false, problems: parsed.error.issues.map((issue) => sentence(issue, from, where)) };
  if (!isZone(parsed.data.tz))
    return {
      ok: false,
      problems: [`${from.get("tz") ?? `${where}: tz`}: "${parsed.data.tz}" is no time zone; write one like Europe/Riga`],
    };
  return { ok: true, config: parsed.data };
}

function place(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) target[head] = value;
  else {
    const inner = target[head];
    const child = typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : {};
    target[head] = child;
    place(child, rest, value);
  }
}

function sentence(issue: z.core.$ZodIssue, from: ReadonlyMap<string, string>, where: string): string {
  const path = issue.path.join(".");
  const place = from.get(path) ?? `${where}${path === "" ? "" : `: ${path}`}`;
  if (issue.code === "unrecognized_keys")
    return `${place}: unknown field ${issue.keys.map((key) => `"${key}"`).join(", ")}; see the table of fields in hub/README.md`;
  return `${place}: ${issue.message}`;
}

function isZone(tz: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: tz });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
