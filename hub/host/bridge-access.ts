/** What our account may touch at a broker that the space has already: what adopted devices there say, and what they hear. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { hostedFamily } from "../hosted/hosted.ts";
import { type HostedDeviceFile, hostedFileName, readHosted } from "./hosted-file.ts";
import { hasHosted } from "./hosted-folder.ts";

/** Lines of a mosquitto access list (mosquitto.conf(5), acl_file); no line for a device that comes to our own listener. */
export function bridgeAccess(
  username: string,
  devices: readonly Pick<HostedDeviceFile, "family" | "name" | "channel" | "options" | "secretHash">[],
): string[] {
  const topics = devices.flatMap(({ family, secretHash, ...address }) => {
    const transport = hostedFamily(family)?.transport;
    return secretHash === null && transport?.kind === "mqtt" ? [transport.topics(address)] : [];
  });
  const lines = (word: string, filters: readonly string[]) => [...new Set(filters)].sort().map((filter) => `topic ${word} ${filter}`);
  return [
    `user ${username}`,
    ...lines(
      "read",
      topics.flatMap(({ says }) => says),
    ),
    ...lines(
      "write",
      topics.flatMap(({ hears }) => hears),
    ),
  ];
}

/** Every device that this hub hosts; a file that cannot be read has none. */
export function hostedDevices(folder: string): HostedDeviceFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(({ name }) => {
    if (!hasHosted(folder, name)) return [];
    const read = readHosted(parse(readFileSync(join(folder, name, hostedFileName), "utf8")), name);
    return read.ok ? read.value.devices : [];
  });
}
