/** What a doctor makes of facts about this computer: who may open a device, and whether systemd keeps the node running. */
import { readFileSync, statSync } from "node:fs";
import { bad, type Finding, good, note } from "./findings.ts";

export type DeviceAccess = {
  readonly port: string;
  /** as the kernel says it, now */
  readonly mayOpen: boolean;
  readonly groupId: number;
  readonly groupMay: boolean;
  readonly user: string;
  /** groups of this login */
  readonly groupIds: readonly number[];
  /** the text of /etc/group (group(5)) */
  readonly groups: string;
};

/** Null: nothing keeps this user from opening it. */
export function accessFinding(check: string, access: DeviceAccess): Finding | null {
  const { port, mayOpen, groupId, groupMay, user, groupIds, groups } = access;
  if (mayOpen) return null;
  const group = groupsOf(groups).find(({ id }) => id === groupId);
  const sentence = `this user may not open ${port}.`;
  if (group === undefined || groupId === 0 || !groupMay)
    return bad(
      check,
      `only root may open ${port}.`,
      `Give it to a group: echo 'KERNEL=="${port.split("/").at(-1)}", GROUP="dialout", MODE="0660"' | sudo tee /etc/udev/rules.d/60-koprade.rules; then plug it in again.`,
    );
  if (group.members.includes(user) && !groupIds.includes(groupId))
    return bad(check, `${sentence} It is in the group ${group.name}, but not yet in this login.`, "Log out and in again.");
  return bad(check, sentence, `Run: sudo usermod -aG ${group.name} "$USER", then log in again.`);
}

function groupsOf(text: string): { readonly name: string; readonly id: number; readonly members: readonly string[] }[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", , id = "", members = ""] = line.split(":");
    return /^\d+$/.test(id) ? [{ name, id: Number(id), members: members.split(",").filter((each) => each !== "") }] : [];
  });
}

/** The facts about one device, as this computer has them. */
export function accessOf(port: string, mayOpen: boolean, user: string): DeviceAccess {
  const { gid, mode } = statSync(port);
  const groupIds = process.getgroups?.() ?? [];
  return { port, mayOpen, groupId: gid, groupMay: (mode & 0o040) !== 0, user, groupIds, groups: readFileSync("/etc/group", "utf8") };
}

/** `word`: what `systemctl is-enabled` prints (systemctl(1)), whatever its exit code; null: there is no systemd here. */
export function unitFindingOf(word: string | null, unit: string, configPath: string): Finding {
  if (word === null) return note("service", "this computer has no systemd; see that something starts the node again.");
  const name = unit.replace(/\.service$/, "");
  const make = `Install it: koprade service node --config ${configPath} | sudo tee /etc/systemd/system/${unit}; sudo systemctl enable --now ${name}`;
  switch (word) {
    case "enabled":
      return good("service", `${unit} starts with this computer.`);
    case "disabled":
      return note("service", `${unit} is there, and does not start with this computer.`, `Run: sudo systemctl enable --now ${name}`);
    case "masked":
      return bad(
        "service",
        `${unit} is masked: it cannot start at all.`,
        `Run: sudo systemctl unmask ${name}; sudo systemctl enable --now ${name}`,
      );
    case "enabled-runtime":
    case "linked-runtime":
      return note("service", `${unit} starts until this computer does.`, `Run: sudo systemctl enable ${name}`);
    case "bad":
      return bad("service", `${unit} cannot be read by systemd.`, make);
    case "":
    case "not-found":
      return note("service", "nothing starts the node with this computer.", make);
    default:
      return note("service", `${unit} is ${word}.`, make);
  }
}
