/** The way back in at the console: a real command line on the folder of a real space. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cookiesOf, openAuth } from "../../hub/http/auth.ts";
import { type Desk, openDesk } from "../hub/cli/desk.ts";
import { totpOf } from "../support/totp.ts";

const password = "a long enough password";
const mail = "ilze@example.org";
let desk: Desk;
beforeAll(async () => {
  desk = openDesk();
  await desk.makeSite();
});
afterAll(() => desk.remove());

it("sets a new password, takes app, keys and sessions away, and writes it into the record without the password", async () => {
  const path = join(desk.dataDir, "accounts.sqlite");
  const auth = await openAuth({ path, secure: false });
  await auth.createUser({ mail, password, name: "Ilze", role: "owner" });
  const cookie = cookiesOf((await auth.signIn({ mail, password }))?.setCookies ?? []);
  const offer = await auth.factors.startTotp(cookie, password);
  const uri = typeof offer === "string" ? "" : offer.uri;
  const confirmed = await auth.factors.confirmTotp(cookie, totpOf(uri, Date.now()));
  const key = auth.keys.make(auth.accounts.byMail(mail)?.id ?? "", { name: "wall", role: "staff", scope: "read", expiresMs: null });
  expect((await auth.signIn({ mail, password }))?.session).toBeUndefined();

  try {
    const wrong = await desk.run("account", "reset", "nobody@example.org");
    expect(wrong.code).not.toBe(0);
    const done = await desk.run("account", "reset", mail, "--json");
    expect(done).toMatchObject({ code: 0 });
    const { password: fresh } = JSON.parse(done.out) as { password: string };
    expect(await auth.session(cookiesOf(confirmed ?? []))).toBeUndefined();
    expect(auth.keys.session(key?.secret ?? "")).toBeUndefined();
    expect(await auth.signIn({ mail, password })).toBeUndefined();
    expect((await auth.signIn({ mail, password: fresh }))?.session?.actor.role).toBe("owner");
    const audit = await desk.run("audit", "list", "--json");
    expect(audit.out).toContain("resetAccount");
    expect(audit.out).not.toContain(fresh);
    expect((await desk.run("account", "list")).out).toMatch(/Ilze +ilze@example.org +owner/);
  } finally {
    auth.close();
  }
});
