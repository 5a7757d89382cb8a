/** An esp-rfid door of version 2: its own list of users, by which it opens alone; it tells what it did, and confirms what it was told without saying of whom. */
import { type Line, openLine } from "./line.ts";

export type EspRfidPlan = {
  readonly url: string;
  readonly topic: string;
  readonly username: string;
  readonly password: string;
  readonly ip: string;
  /** how long it stays open, as set on its own page */
  readonly openMs?: number;
};
export type EspRfidDoor = {
  /** true when the door opened by its own list; `times`: how often it tells of it, as after a network that stuttered */
  card(uid: string, times?: number): boolean;
  isUnlocked(): boolean;
  users(): readonly string[];
  /** the door does not hear what it is told */
  deafen(isDeaf: boolean): void;
  /** as its owner did before it was adopted */
  putUser(uid: string): void;
  loseNetwork(forMs: number): void;
  close(): Promise<void>;
};

export function hangEspRfid(plan: EspRfidPlan): EspRfidDoor {
  const { openMs = 1500 } = plan;
  const users = new Map<string, number>();
  let openUntilMs = 0;
  let isDeaf = false;
  const say = (body: Record<string, unknown>): void =>
    line.say(`${plan.topic}/send`, JSON.stringify({ ...body, time: Math.floor(Date.now() / 1000), hostname: plan.topic }));
  const done = (type: string): void => say({ type, ip: plan.ip });
  const hear = (payload: string): void => {
    const told = JSON.parse(payload) as Record<string, string>;
    if (isDeaf || told.doorip !== plan.ip) return;
    if (told.cmd === "opendoor") {
      openUntilMs = Date.now() + openMs;
      done("opendoor");
    } else if (told.cmd === "adduser") {
      users.set(told.uid ?? "", Number(told.validuntil));
      done("adduser");
    } else if (told.cmd === "deletuid") {
      users.delete(told.uid ?? "");
      done("deletuid");
    } else if (told.cmd === "getuserlist") {
      for (const [uid, validuntil] of users) say({ command: "userfile", uid, user: "User Name", acctype: 1, validsince: 0, validuntil });
    }
  };
  const line: Line = openLine({
    ...{ url: plan.url, clientId: plan.topic, username: plan.username, password: plan.password },
    subscribe: [`${plan.topic}/cmd`],
    onUp: () => say({ type: "heartbeat", uptime: 999, ip: plan.ip }),
    hear: (_topic, payload) => hear(payload),
  });
  return {
    card(uid, times = 1) {
      const until = users.get(uid);
      const isIn = until !== undefined && until * 1000 > Date.now();
      if (isIn) openUntilMs = Date.now() + openMs;
      const isKnown = String(until !== undefined);
      const access = isIn ? "Always" : until === undefined ? "Denied" : "Expired";
      for (let i = 0; i < times; i += 1) say({ type: "access", isKnown, access, username: "x", uid, doorName: "front" });
      return isIn;
    },
    isUnlocked: () => Date.now() < openUntilMs,
    users: () => [...users.keys()],
    deafen(next) {
      isDeaf = next;
    },
    putUser: (uid) => void users.set(uid, 4_000_000_000),
    loseNetwork(forMs) {
      line.pull();
      setTimeout(() => line.plug(), forMs);
    },
    close: () => line.close(),
  };
}
