/**
 * How well this computer hears its access point, from the kernel's table of wireless interfaces (/proc/net/wireless: two lines of
 * heading, then a line per interface: name, status, link, level, noise …; level in dBm when it is negative).
 */
import { readFileSync } from "node:fs";

/** Of the strongest interface that is in use, dBm; null when there is none, so that the node is wired. Never throws. */
export function signalDbm(read: () => string = () => readFileSync("/proc/net/wireless", "utf8")): number | null {
  let text: string;
  try {
    text = read();
  } catch {
    return null; // a kernel without the table has no radio
  }
  const levels = text.split("\n").slice(2).flatMap(levelOf);
  return levels.length === 0 ? null : Math.max(...levels);
}

function levelOf(line: string): number[] {
  const [, level] = /^\s*[^\s:]{1,32}:\s+[0-9a-f]+\s+-?\d+\.?\s+(-?\d+)\.?\s/i.exec(line) ?? [];
  if (level === undefined) return [];
  // Some drivers give the level as the unsigned byte that it is on the wire.
  const dbm = Number(level) > 0 ? Number(level) - 256 : Number(level);
  return dbm > -200 && dbm < 0 ? [dbm] : [];
}
