/** Mail over the space's own SMTP server (`notices.mail` in koprade.yaml). */
import type { Transporter } from "nodemailer";
import type { Way } from "./way.ts";

export type MailServer = {
  readonly host: string;
  readonly port: number;
  /** `starttls` insists on it; `none` is for a server on this computer */
  readonly security: "starttls" | "tls" | "none";
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly from: string;
};
const limitMs = 10_000;

/** A server that refuses the address for good (RFC 5321 §4.2.1: 5yz) is not asked again. */
export function mailWay(server: MailServer): Way {
  let made: Promise<Transporter> | undefined;
  return async ({ address, text, id }, ending) => {
    try {
      made ??= transportTo(server);
      const transport = await made;
      const sending = transport.sendMail({
        from: server.from,
        to: { name: "", address },
        subject: text.title,
        text: `${text.lines.join("\n")}\n`,
        // RFC 3834 §5: nobody's holiday answers it
        headers: { "Auto-Submitted": "auto-generated", "X-Koprade-Notice": id },
      });
      await within(sending, ending);
      return { problem: null };
    } catch (error) {
      return problemOf(error);
    }
  };
}

async function transportTo({ host, port, security, username, password }: MailServer): Promise<Transporter> {
  // Loaded with the first mail: most spaces on a small computer send none.
  const { createTransport } = await import("nodemailer");
  return createTransport({
    ...{ host, port },
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    ...(username === undefined ? {} : { auth: { user: username, pass: password ?? "" } }),
    ...{ connectionTimeout: limitMs, greetingTimeout: limitMs, socketTimeout: limitMs, dnsTimeout: limitMs },
    // A text from elsewhere never becomes a file of this computer.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
}

async function within(sending: Promise<unknown>, ending: AbortSignal): Promise<void> {
  const stop = AbortSignal.any([ending, AbortSignal.timeout(3 * limitMs)]);
  const { promise, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(new Error("it took too long"));
  stop.addEventListener("abort", end, { once: true });
  try {
    await Promise.race([sending, promise]);
  } finally {
    stop.removeEventListener("abort", end);
  }
}

function problemOf(error: unknown): { readonly problem: string; readonly isGone?: boolean } {
  const { code = "", responseCode = 0 } = (error instanceof Error ? error : {}) as { code?: string; responseCode?: number };
  if (code === "EAUTH") return { problem: "the mail server does not take the space's password" };
  if (code === "EENVELOPE" && responseCode >= 500)
    return { problem: `the mail server refuses this address (${responseCode})`, isGone: true };
  if (responseCode > 0) return { problem: `the mail server answered ${responseCode}` };
  if (code === "ETLS") return { problem: "the mail server offers no encryption" };
  return { problem: `the mail server cannot be reached${code === "" ? "" : ` (${code})`}` };
}
