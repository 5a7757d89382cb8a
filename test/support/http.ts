/** A real web server over an invented building, on a free port of this computer, with accounts in memory. */
import { type Auth, openAuth } from "../../hub/http/auth.ts";
import { createHttp, type Http } from "../../hub/http/server.ts";
import type { Log } from "../../hub/ports.ts";
import type { Commands } from "../../hub/views.ts";
import type { MeView } from "../../hub/views-me.ts";
import type { Screens } from "../../hub/views-wall.ts";
import { noManager } from "./no-manager.ts";
import { noKiosks, noStaff } from "./no-staff.ts";
import { fakeRecords } from "./records.ts";
import { type FakeHub, fakeHub, noMe, noNeighbours, noScreens } from "./views.ts";

export const owner = { mail: "owner@example.org", password: "a long enough password", name: "Ilze Owner" };

export type Rig = {
  readonly http: Http;
  readonly auth: Auth;
  readonly hub: FakeHub;
  readonly records: ReturnType<typeof fakeRecords>;
  readonly lines: string[];
  close(): Promise<void>;
};

export async function openRig(
  given: {
    readonly staticDir?: string;
    readonly nowMs?: () => number;
    readonly withOwner?: boolean;
    readonly port?: number;
    readonly authPath?: string;
    readonly commands?: Partial<Commands>;
    readonly screens?: Screens;
    readonly me?: MeView;
  } = {},
): Promise<Rig> {
  const {
    staticDir = "/nowhere",
    nowMs = Date.now,
    withOwner = false,
    port = 0,
    authPath = ":memory:",
    screens = noScreens,
    me = noMe,
    commands = {},
  } = given;
  const lines: string[] = [];
  const note = (facts: Record<string, unknown>, sentence: string): void => {
    lines.push(`${sentence} ${JSON.stringify(facts)}`);
  };
  const log: Log = { info: note, warn: note, error: note };
  const auth = await openAuth({ path: authPath, secure: false, nowMs });
  if (withOwner && !auth.hasOwner()) await auth.createUser({ ...owner, role: "owner" });
  const hub = fakeHub();
  const records = fakeRecords();
  const http = await createHttp({
    port,
    host: "127.0.0.1",
    views: hub.views,
    commands: { ...hub.commands, ...commands },
    records,
    neighbours: noNeighbours,
    staff: noStaff,
    manager: noManager,
    screens,
    kiosks: noKiosks,
    me,
    auth,
    log,
    staticDir,
    nowMs,
  });
  return {
    http,
    auth,
    hub,
    records,
    lines,
    async close() {
      await http.close();
      auth.close();
    },
  };
}
