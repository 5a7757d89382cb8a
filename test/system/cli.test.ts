/** A space set up from the command line, on a real ledger: each command does what it says, and says what it did. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readNodeConfig, readNodeKeys } from "../../devices/kit/node-config.ts";
import { controlPath, serveControl } from "../../hub/cli/control.ts";
import type { EventBody } from "../../hub/contract/index.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import type { MonthReport } from "../../hub/reports/types.ts";
import { clock, type Desk, nowMs, openDesk, quiet } from "../hub/cli/desk.ts";

let desk: Desk;
const said = async (...words: string[]) => {
  const { code, out, err } = await desk.run(...words);
  expect([code, err], words.join(" ")).toEqual([0, ""]);
  return out;
};
beforeAll(async () => {
  desk = openDesk();
  await desk.makeSite();
  await said("plan", "add", "full", "--label", "Full member");
  await said("course", "add", "laser-basics", "--months", "24");
  await said("member", "add", "Kim Trainer", "--roles", "trainer");
  await said("member", "add", "Ada Ozola", "--card", "0a-1b-2c-3d-4e", "--plan", "full", "--locale", "lv");
  await said("node", "add", "laser-node", "--kind", "machine", "--hub", "hub.local", "--meter", "/dev/ttyUSB1");
  await said("node", "add", "door-node", "--kind", "door", "--out", "the-door");
  await said(
    "machine",
    "add",
    "laser-1",
    "--node",
    "laser-node",
    "--ch",
    "machine",
    "--risk",
    "B",
    "--cut-hazard",
    "no",
    "--course",
    "laser-basics",
  );
  await said("wiring", "take-over", "laser-1", "--reason", "trusted");
  await said("door", "add", "front-door", "--node", "door-node", "--ch", "door", "--fail-mode", "safe");
});
afterAll(() => desk.remove());

describe("people", () => {
  it("are listed, with plan, cards and roles", async () => {
    const out = await said("member", "list");
    expect(out).toMatch(/NUMBER {2}NAME/);
    expect(out).toMatch(/2 +Ada Ozola +active +full +open end +1/);
  });
  it("get trainings, which are signed off by somebody else", async () => {
    expect(await said("training", "grant", "--member", "Ada Ozola", "--course", "laser-basics", "--by", "Kim Trainer")).toBe(
      "Ada Ozola (2): passed in laser-basics, until 2028-12-09.\n",
    );
    const own = await desk.run("training", "grant", "--member", "1", "--course", "laser-basics", "--by", "1");
    expect(own).toMatchObject({ code: 2, err: expect.stringContaining("nobody signs off their own training") });
  });
  it("are asked back for when nobody is meant", async () => {
    const { code, err } = await desk.run("card", "list", "Ado");
    expect(code).toBe(1);
    expect(err).toBe('koprade card list: <member>: nobody is called "Ado"; see `koprade member list`, or give the member\'s number.\n');
  });
  it("lose a card, and its number is nowhere: not in what is said, not in the data folder", async () => {
    expect(await said("card", "block", "em4100:0A1B2C3D4E", "--as", "lost", "--reason", "bus")).toContain(
      "The card of Ada Ozola (2) is blocked as lost.\n",
    );
    await said("card", "assign", "em4100:0A1B2C3D4F", "--member", "2", "--label", "blue tag");
    for (const name of readdirSync(desk.dataDir, { recursive: true, encoding: "utf8" })) {
      const path = join(desk.dataDir, name);
      if (statSync(path).isFile()) expect(readFileSync(path, "latin1").toUpperCase(), name).not.toMatch(/0A1B2C3D4[EF]/);
    }
  });
});

describe("a decision", () => {
  it("is explained with every rule", async () => {
    const out = await said("why", "--member", "Ada Ozola", "--at", "laser-1", "--when", "2026-12-24T22:00");
    expect(out).toMatch(/^✓ Ada Ozola \(2\) at laser-1, 2026-12-24T22:00 Europe\/Riga: grant GRANT/);
    expect(out.split("\n").length).toBeGreaterThan(20);
    const no = await desk.json("why", "--member", "1", "--at", "laser-1");
    expect(no).toMatchObject({ outcome: "deny", whenMs: nowMs, also: expect.arrayContaining(["TRAINING_MISSING"]) });
  });
  it("follows the opening hours", async () => {
    await said("hours", "set", "Tue-Sat 12:00-20:00", "--closed", "2026-12-24", "--reason", "Christmas");
    expect(await said("hours", "show")).toMatch(/Sat {2}12:00–20:00\n {2}2026-12-24 {2}closed: Christmas/);
    const eve = await desk.json("why", "--member", "2", "--at", "laser-1", "--when", "2026-12-24T15:00");
    expect(eve).toMatchObject({ outcome: "deny", reason: "HOLIDAY_CLOSED" });
    await said("hours", "clear");
  });
  it("needs a door or machine that exists, and a time", async () => {
    expect(await desk.run("why", "--member", "1", "--at", "laser-9")).toMatchObject({
      code: 1,
      err: expect.stringContaining('no door or machine "laser-9"'),
    });
    expect(await desk.run("why", "--member", "1", "--at", "laser-1", "--when", "tonight")).toMatchObject({
      code: 2,
      err: expect.stringContaining("give a time such as"),
    });
  });
});

describe("machines and doors", () => {
  it("take the template's proposal, what is set by hand first, and the risk from a person", async () => {
    const words =
      "machine add laser-2 --node laser-node --ch second --risk B --cut-hazard no --course none --template laser --set onW=200,weldW=25";
    expect(await desk.json(...words.split(" "))).toMatchObject({
      riskClass: "B",
      cutHazard: false,
      course: null,
      attendance: "attended",
      idleMs: 1_200_000,
      settings: { profile: "laser", onW: 200, offW: 95, weldW: 25 },
    });
  });
  it("are locked with a reason and unlocked again", async () => {
    await said("machine", "lock", "laser-1", "--kind", "fault", "--reason", "lens cracked", "--now");
    expect(await said("machine", "list")).toContain("fault: lens cracked");
    expect(await said("machine", "unlock", "laser-1")).toBe("Cleared 1 of laser-1's lockouts. It is free again.\n");
    expect(await desk.run("machine", "unlock", "front-door")).toMatchObject({ code: 1, err: expect.stringContaining("is a door") });
  });
  it("are opened through the running hub only", async () => {
    expect(await desk.run("door", "unlock", "front-door")).toMatchObject({
      code: 1,
      err: expect.stringContaining("only a running hub can do this"),
    });
    const live = {
      id: "door-node",
      label: "",
      status: "online",
      lastSeenMs: nowMs - 5000,
      outboxDepth: 0,
      snapshotAgeMs: 1,
      firmware: "0.1.0",
      clock: "synced",
      clockErrorMs: 12.4,
      uptimeMs: 7_260_000,
      boards: ["main ready, brown-out, start 17"],
      uncertainPct: 25,
      signal: -61,
      config: { applied: 12, sent: 13, sentMs: nowMs - 180_000, trouble: null },
      trouble: null,
    };
    const hub = await serveControl(controlPath(desk.dataDir), {
      status: async () => ({ version: "0.1.0", sinceMs: nowMs, troubles: [] }),
      nodes: async () => [live],
      rekey: async () => ({ sent: false }),
      newcomers: async () => ({ untilMs: null, hubWords: "", waiting: [] }),
      look: async () => null,
      tryPermit: async () => ({ status: "missing" }),
      endPermit: async () => ({ status: "missing" }),
      identify: async ({ node }) => (node === "door-node" ? { status: "applied" } : { status: "unconfirmed" }),
      capture: async () => ({ capture: 1, readers: [] }),
      orderDoor: async ({ order }) => (order === "reset" ? { status: "unconfirmed" } : { status: "applied" }),
      unlockDoor: async ({ door, actor }) =>
        door === "front-door" && actor === "cli:kim" ? { status: "applied" } : { status: "rejected", sentence: "Held." },
    });
    try {
      expect(await said("door", "unlock", "front-door")).toBe("front-door is released.\n");
      expect(await said("door", "acknowledge", "front-door")).toBe("front-door is silent.\n");
      expect(await said("door", "lock", "front-door")).toBe("front-door is locked.\n");
      expect(await desk.run("door", "reset", "front-door")).toMatchObject({ code: 1, err: expect.stringContaining("did not confirm") });
      expect(await desk.run("door", "unlock", "back-door")).toMatchObject({
        code: 1,
        err: expect.stringContaining("was not opened: Held."),
      });
      expect(await said("node", "list")).toMatch(
        /door-node +door +active +online +5 s ago +0 +2 h +v12, v13 sent 3 min ago +0 s +synced ±12 ms +0\.1\.0 +main ready, brown-out, start 17; power is an estimate, ±25 % +-61 dBm/,
      );
      const shown = await said("node", "show", "door-node");
      expect(shown).toContain("v12 applied; v13 was sent 3 min ago and is not yet applied");
      expect(shown).toMatch(/channel door +door front-door/);
      expect(await said("node", "identify", "door-node")).toBe("door-node beeps.\n");
      expect((await desk.run("node", "identify", "saw-node")).err).toContain("saw-node did not answer. It may be off");
    } finally {
      await hub.close();
    }
  });
});

describe("a node's folder", () => {
  it("is what the node's own program reads: identity, keys, certificate, mode 600", async () => {
    const folder = join(desk.folder, "node-laser-node");
    const read = readNodeConfig(parse(readFileSync(join(folder, "node.yaml"), "utf8")), "node.yaml");
    expect(read).toMatchObject({
      ok: true,
      value: {
        site: "my-space",
        node: "laser-node",
        kind: "machine",
        hub: { url: "mqtts://hub.local:8883", caFile: "ca.crt" },
        machine: { meter: { port: "/dev/ttyUSB1" } },
      },
    });
    expect(readNodeKeys(JSON.parse(readFileSync(join(folder, "node-keys.json"), "utf8")), "node-keys.json")).toMatchObject({ ok: true });
    for (const name of ["node.yaml", "node-keys.json", "ca.crt"]) expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
    const door = readNodeConfig(parse(readFileSync(join(desk.folder, "the-door", "node.yaml"), "utf8")), "node.yaml");
    expect(door).toMatchObject({ ok: true, value: { kind: "door", door: { ch: "door" } } });
  });
  it("is never written over, and a node is not added when its folder cannot be", async () => {
    expect(await desk.run("node", "add", "saw-node", "--kind", "machine", "--out", "the-door")).toMatchObject({
      code: 1,
      err: expect.stringContaining("exists already"),
    });
  });
});

describe("what the space is and owns", () => {
  it("is a file that can be compared and given back", async () => {
    await said("site", "export", "--out", "space.yaml");
    expect(await said("site", "diff", "space.yaml")).toContain("It is as the file says.");
    const path = join(desk.folder, "space.yaml");
    writeFileSync(path, readFileSync(path, "utf8").replace("label: Full", "label: Whole"));
    expect(await desk.run("site", "diff", "space.yaml")).toMatchObject({ code: 1, out: expect.stringContaining("~ plans.full: label") });
    expect(await said("site", "apply", "space.yaml")).toContain("~ plans.full: label");
    expect(await said("site", "apply", "space.yaml")).toContain("Nothing to do: it was as the file says.");
    writeFileSync(path, "koprade: 1\nplans:\n  full:\n    label: ''\n");
    expect(await desk.run("site", "apply", "space.yaml")).toMatchObject({
      code: 1,
      err: expect.stringMatching(/space.yaml: plans.full: label: .*Nothing was changed/),
    });
    expect(await desk.run("site", "diff", "nope.yaml")).toMatchObject({ code: 1, err: expect.stringContaining("cannot be read (ENOENT)") });
    writeFileSync(path, "koprade: 1\nplans: { full: { label: Full } }\n");
    await said("site", "apply", "space.yaml");
  });
  it("can be taken along whole, into an empty folder only", async () => {
    expect(await said("export", "--out", "all")).toMatch(/Wrote \d+ members and \d+ rows of \d+ tables/);
    const files = readdirSync(join(desk.folder, "all"));
    expect(files).toEqual(expect.arrayContaining(["README.txt", "members.csv", "space.yaml", "tables"]));
    const cards = readFileSync(join(desk.folder, "all", "tables", "members.ndjson"), "utf8");
    expect(cards).not.toContain('"pin"');
    expect(await desk.run("export", "--out", "all")).toMatchObject({ code: 2, err: expect.stringContaining("is not empty") });
  });
});

describe("an import", () => {
  const file = (text: string) => writeFileSync(join(desk.folder, "members.csv"), text);
  it("is tried without changing anything", async () => {
    file("Vārds;Uzvārds;Kartes nr.;Plāns\r\nJānis;Bērziņš;em4100:1122334455;full\r\nEva;;em4100:1122334455;full\r\n");
    const { code, out } = await desk.run("member", "import", "members.csv", "--dry-run");
    expect(code).toBe(1);
    expect(out).toContain("✓ Line 2: Jānis Bērziņš");
    expect(out).toContain("✕ Line 3: has the same card as line 2");
    expect(out).toContain("1 of 2 rows can be taken. Nothing was changed.");
  });
  it("takes all rows or none, unless told to take the good ones", async () => {
    expect((await desk.run("member", "import", "members.csv")).out).toContain("Nothing was changed: 1 of 2 rows cannot be taken.");
    expect(await desk.run("member", "import", "members.csv", "--partial")).toMatchObject({
      code: 0,
      out: expect.stringContaining("Added 1 members, changed 0; 0 were so already; 1 rows were left out."),
    });
    expect(await desk.json("member", "list")).toHaveLength(3);
  });
  it("wants somebody to vouch for trainings", async () => {
    file("name,trainings\nBo,laser-basics\n");
    expect(await desk.run("member", "import", "members.csv")).toMatchObject({ code: 2, err: expect.stringContaining("--by is missing") });
    await said("member", "import", "members.csv", "--by", "Kim Trainer");
    expect(await said("training", "list", "Bo")).toMatch(/laser-basics +1 +passed/);
  });
  it("knows again whoever came before, and takes the list it wrote itself", async () => {
    file("external id,name,e-mail,membership end date\nM-1,Una,una@b.lv,2027-01-31\n");
    await said("member", "import", "members.csv", "--plan", "Full");
    file("external id,name,e-mail\nM-1,Una Liepa,una@b.lv\n");
    expect(await said("member", "import", "members.csv")).toContain("✓ Line 2: Una Liepa (changed)");
    expect(await desk.json("member", "list", "--search", "Una")).toMatchObject([{ mail: "una@b.lv", externalRef: "M-1", plan: "full" }]);
    await said("member", "export", "--out", "out.csv");
    const text = readFileSync(join(desk.folder, "out.csv"), "utf8");
    expect(text).toContain("M-1,Una Liepa,una@b.lv,en,full,");
    expect(await said("member", "import", "out.csv", "--by", "Kim Trainer")).toContain("Added 0 members, changed 0; 5 were so already");
  });
  it("names a file that is not there", async () => {
    expect(await desk.run("member", "import", "nope.csv")).toMatchObject({
      code: 1,
      err: expect.stringContaining("there is no such file"),
    });
  });
});

describe("a report", () => {
  it("counts what a node told: session, work, users, refusals; and says what it does not know", async () => {
    const startMs = nowMs - 5 * 3_600_000;
    const ledger = await openLedger({ dir: desk.dataDir, site: "my-space", tz: "Europe/Riga" }, { clock, log: quiet });
    const [session, run, decision] = ["01JABCDEFGHJKMNPQRSTVWXYZ1", "01JABCDEFGHJKMNPQRSTVWXYZ2", "01JABCDEFGHJKMNPQRSTVWXYZ3"] as const;
    const denied = { outcome: "deny" as const, also: [], warnings: [], where: "node" as const, snapshot: null, tookMs: 2, decision };
    const told: readonly (readonly [atMin: number, ch: string, body: EventBody])[] = [
      [0, "node", { kind: "node.boot", restart: "start", fw: "0.1.0" }],
      [1, "machine", { kind: "access.decided", request: "start", member: 1, reason: "TRAINING_MISSING", ...denied }],
      [10, "machine", { kind: "mach.session_started", session, decision, member: 2, provisional: false }],
      [20, "machine", { kind: "mach.run_started", run, session, startMono: 20 * 60_000 }],
      [80, "machine", { kind: "mach.run_ended", run, session, endMono: 80 * 60_000, energyWh: 500, peakW: 600, uncertainMs: 0 }],
      [100, "machine", { kind: "mach.session_closed", session, reason: "tap_out", busyMs: 3_600_000, energyWh: 510 }],
    ];
    const events = told.map(([atMin, ch, body], i) => {
      const atMs = startMs + atMin * 60_000;
      return {
        node: "laser-node",
        boot: "00000000000000aa",
        seq: i + 1,
        ch,
        atMono: atMin * 60_000,
        atMs,
        tq: "synced",
        evtMs: atMs,
        recvMs: atMs,
        tqHub: "synced",
        body,
      } as const;
    });
    await ledger.append("laser-node", events);
    await ledger.close();
    const report = (await desk.json("report", "2026-12")) as MonthReport;
    const row = (id: string) => report.tables.find((table) => table.id === id)?.rows[0];
    // in service since its first word, 5 h ago; without a meter its energy is unknown
    expect(row("machines")).toEqual(["laser-1", 1, 1, 1, 1.5, null, 1, 100, 0.08]);
    expect(row("refusals")).toEqual(["laser-1", expect.any(String), "TRAINING_MISSING", 1, 1]);
    expect(report.quality).toContain("laser-1: no energy reading. Give it a meter.");
    expect(row("people")).toEqual(["Person-days", 1]);
  });
  it("is printed, or written in every form and language", async () => {
    expect(await said("report", "2026-12", "--lang", "lv")).toContain("Mēnesis vēl turpinās");
    const { files } = (await desk.json("report", "2026-12", "--format", "csv,json,html,pdf,xlsx", "--out", "reports", "--lang", "sv")) as {
      files: string[];
    };
    expect(files.filter((path) => existsSync(path)).map((path) => path.slice(desk.folder.length))).toEqual(
      expect.arrayContaining([
        "/reports/month-2026-12-sv-machines.csv",
        "/reports/month-2026-12-sv.json",
        "/reports/month-2026-12-sv.html",
        "/reports/month-2026-12-sv.pdf",
        "/reports/month-2026-12-sv.xlsx",
      ]),
    );
  });
});

describe("a backup", () => {
  it("is one encrypted file that an empty folder takes back, and nothing else does", async () => {
    const made = await said("backup", "--key-file", "backup.key", "--to", "space.kpb");
    expect(made).toMatch(/Made the key file .*backup\.key\..*\nWrote .*space\.kpb: \d events, \d members/);
    expect(statSync(join(desk.folder, "backup.key")).mode & 0o777).toBe(0o600);
    const restored = join(desk.folder, "restored");
    writeFileSync(join(desk.folder, "other.key"), "not the passphrase");
    const wrong = await desk.run("restore", "space.kpb", "--key-file", "other.key", "--data", restored);
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining("wrong passphrase, or the file is damaged") });
    expect(await said("restore", "space.kpb", "--key-file", "backup.key", "--data", restored)).toContain("Restored site my-space");
    expect(await said("member", "list", "--data", restored)).toContain("Ada Ozola");
    expect(existsSync(join(restored, "ca", "ca.crt"))).toBe(true);
    expect(await desk.run("restore", "space.kpb", "--key-file", "backup.key")).toMatchObject({
      code: 1,
      err: expect.stringContaining("is not empty"),
    });
    expect(await desk.run("backup")).toMatchObject({ code: 2, err: expect.stringContaining("--key-file is missing") });
    expect(await desk.run("restore")).toMatchObject({ code: 2, err: expect.stringContaining("Name the backup") });
  });
  it("that was put back by hand begins a new epoch when asked to", async () => {
    const restored = join(desk.folder, "restored");
    expect(await said("restore", "--raise-epoch", "--data", restored)).toMatch(/begins epoch \d+: every node/);
    expect(await desk.run("restore", "x.kpb", "--raise-epoch", "--data", restored)).toMatchObject({ code: 2 });
    expect(await desk.run("restore", "--raise-epoch", "--data", join(desk.folder, "nowhere"))).toMatchObject({ code: 1 });
  });
});

describe("the doctor", () => {
  it("finds everything in order here", async () => {
    const { out } = await desk.run("doctor", "--json");
    const findings = JSON.parse(out) as { check: string; ok: boolean | null }[];
    // other programs of this computer may use the ports
    expect(findings.filter((finding) => finding.ok === false && finding.check !== "ports")).toEqual([]);
    expect(findings.map((finding) => finding.check)).toEqual(
      expect.arrayContaining(["data folder", "disk", "ledger", "clock", "certificate", "hub", "backup"]),
    );
  });
});
