/** One line and one way out for each fact about a computer that keeps a node from its devices, or from starting with it. */
import { describe, expect, it } from "vitest";
import { accessFinding, accessOf, type DeviceAccess, unitFindingOf } from "../../../hub/cli/doctor-facts.ts";

const groups = "root:x:0:\ndialout:x:20:kim,pi\ninput:x:104:\nbroken line\n:::\n";
const board: DeviceAccess = {
  ...{ port: "/dev/ttyACM0", mayOpen: false, groupId: 20, groupMay: true, user: "ada", groupIds: [1000], groups },
};

describe("a serial device", () => {
  it.each<readonly [what: string, change: Partial<DeviceAccess>, sentence: RegExp, fix: RegExp]>([
    ["of a group that the user is not in", {}, /may not open \/dev\/ttyACM0/, /usermod -aG dialout "\$USER", then log in/],
    ["that is a keyboard", { port: "/dev/input/event3", groupId: 104 }, /may not open \/dev\/input\/event3/, /usermod -aG input/],
    [
      "of a group that this login does not know of yet",
      { user: "pi" },
      /in the group dialout, but not yet in this login/,
      /^Log out and in/,
    ],
    ["of root", { groupId: 0 }, /only root may open/, /KERNEL=="ttyACM0", GROUP="dialout"/],
    ["of a group without a name", { groupId: 999 }, /only root may open/, /udev/],
    ["that its own group may not open", { groupMay: false, groupIds: [20] }, /only root may open/, /MODE="0660"/],
  ])("%s", (_what, change, sentence, fix) => {
    const found = accessFinding("board", { ...board, ...change });
    expect(found).toMatchObject({ check: "board", ok: false, sentence: expect.stringMatching(sentence), fix: expect.stringMatching(fix) });
  });
  it("that this user may open is no finding", () => {
    expect(accessFinding("board", { ...board, mayOpen: true })).toBeNull();
  });
  it("is asked of this computer", () => {
    expect(accessOf("/dev/null", true, "ada")).toMatchObject({
      port: "/dev/null",
      groupId: 0,
      groupMay: true,
      groups: expect.stringMatching(/^root:/),
    });
  });
});

it.each<readonly [word: string | null, ok: boolean | null, sentence: RegExp, fix: RegExp]>([
  ["enabled", true, /starts with this computer/, /^$/],
  ["disabled", null, /does not start with this computer/, /^Run: sudo systemctl enable --now koprade-node$/],
  ["masked", false, /cannot start at all/, /systemctl unmask koprade-node/],
  ["enabled-runtime", null, /until this computer does/, /systemctl enable koprade-node$/],
  ["not-found", null, /nothing starts the node/, /koprade service node --config \/n\.yaml \| sudo tee .*koprade-node\.service/],
  ["", null, /nothing starts the node/, /koprade service node/],
  ["bad", false, /cannot be read by systemd/, /koprade service node/],
  ["static", null, /koprade-node\.service is static/, /koprade service node/],
  [null, null, /no systemd/, /^$/],
])("systemctl says %s", (word, ok, sentence, fix) => {
  expect(unitFindingOf(word, "koprade-node.service", "/n.yaml")).toEqual({
    ...{ check: "service", ok, sentence: expect.stringMatching(sentence), fix: expect.stringMatching(fix) },
  });
});
