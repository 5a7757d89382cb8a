/** The pages of accounts in a real browser: links, passwords, the authenticator app, passkeys, keys; in four languages, on a phone. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { languages } from "../../hub/views.ts";
import { accessibilityFaults, buildPages, openBrowser, openPage, shoot, staticDir } from "../support/browser.ts";
import { openRig, owner, type Rig } from "../support/http.ts";
import { totpOf } from "../support/totp.ts";

vi.setConfig({ testTimeout: 90_000 });
let browser: Browser;
let rig: Rig;
let url = "";
beforeAll(async () => {
  buildPages();
  [browser, rig] = await Promise.all([openBrowser(), openRig({ staticDir, withOwner: true })]);
  url = await rig.http.listen();
});
afterAll(async () => {
  await browser.close();
  await rig.close();
});

async function signIn(page: Page, mail: string, password: string): Promise<void> {
  await page.goto(`${url}/login`);
  await page.locator("input[name=mail]").fill(mail);
  await page.locator("input[name=password]").fill(password);
  await page.keyboard.press("Enter");
}

test("a link makes an account by keyboard alone, which then makes a passkey and an authenticator app its own", async () => {
  const { page, errors } = await openPage(browser, { width: 390, height: 844 });
  const made = rig.auth.invitations.make({ role: "manager", member: null, name: "Anna", by: "test" });
  await page.goto(`${url}/invitation#${made?.token}`);
  await page.locator("input[name=mail]").waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await shoot(page, "account-invitation-phone");
  await page.locator("input[name=name]").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.type("anna@example.org");
  await page.keyboard.press("Tab");
  await page.keyboard.type("a long enough password");
  await page.keyboard.press("Enter");
  await page.getByTestId("machine-laser-1").waitFor();

  const tools = await page.context().newCDPSession(page);
  await tools.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
  } as const;
  await tools.send("WebAuthn.addVirtualAuthenticator", { options: { ...options, automaticPresenceSimulation: true } });
  await page.goto(`${url}/account`);
  const keys = page.getByRole("region", { name: "Passkeys" });
  await keys.getByLabel("Name of the device").fill("My phone");
  await keys.getByLabel("Present password").fill("a long enough password");
  await keys.getByRole("button", { name: "Add a passkey" }).click();
  await keys.getByText("My phone").waitFor();

  const app = page.getByRole("region", { name: "Authenticator app" });
  await app.getByLabel("Present password").fill("a long enough password");
  await app.getByRole("button", { name: "Set up an app" }).click();
  await app.getByRole("img", { name: "QR code for the app" }).waitFor();
  const secret = (await app.locator("pre").first().textContent()) ?? "";
  await shoot(page, "account-totp-phone");
  await app.getByLabel("The app's first code").fill(totpOf(`otpauth://totp/x?secret=${secret}`, Date.now() - 30_000));
  await app.getByRole("button", { name: "Turn it on" }).click();
  await app.getByRole("button", { name: "Turn the app off" }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);

  const programs = page.getByRole("region", { name: "Keys for programs" });
  await programs.getByLabel("What it is for").fill("Wall");
  await programs.getByRole("button", { name: "Make a key" }).click();
  const key = (await programs.locator("pre").textContent()) ?? "";
  expect((await fetch(`${url}/api/live`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);

  await page.context().clearCookies();
  await signIn(page, "anna@example.org", "a long enough password");
  await page.locator("input[name=code]").fill(totpOf(`otpauth://totp/x?secret=${secret}`, Date.now()));
  await shoot(page, "account-code-phone");
  await page.keyboard.press("Enter");
  await page.getByTestId("machine-laser-1").waitFor();
  await page.context().clearCookies();
  await page.goto(`${url}/login`);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByTestId("machine-laser-1").waitFor();
  expect(errors.filter((error) => !error.includes("401"))).toEqual([]);
  await page.context().close();
});

test("an owner invites, sees who has an account, and every page of accounts reads well in four languages", async () => {
  const { page } = await openPage(browser);
  await signIn(page, owner.mail, owner.password);
  await page.getByTestId("machine-laser-1").waitFor();
  await page.goto(`${url}/accounts`);
  const invite = page.getByRole("region", { name: "Invite somebody" });
  await invite.getByLabel("Name").fill("<img src=x onerror=document.title='hacked'>");
  await invite.getByLabel("Role").selectOption("staff");
  await invite.getByRole("button", { name: "Make a link" }).click();
  await page.getByText(`${url}/invitation#`).waitFor();
  await page.getByText("<img src=x").first().waitFor();
  expect(await page.title()).not.toBe("hacked");
  for (const language of languages) {
    await page.evaluate((chosen) => localStorage.setItem("koprade.language", chosen), language);
    for (const path of ["/accounts", "/account"]) {
      await page.goto(url + path);
      await page.locator("main h1").waitFor();
      await page
        .locator(path === "/accounts" ? "table tbody tr" : "section")
        .first()
        .waitFor();
      expect(await accessibilityFaults(page), `${path} ${language}`).toEqual([]);
      await shoot(page, `${path.slice(1)}-${language}`);
    }
  }
  await page.context().close();
});
