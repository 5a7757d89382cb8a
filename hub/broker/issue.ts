/**
 * A program that makes the broker's certificate, and its authority when there is none, and ends. The X.509 library takes 27 MB
 * once loaded; a process of its own gives them back, and a hub that starts with good certificates never loads it.
 */
import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import process from "node:process";
import "./reflect-shim.ts";
import * as x509 from "@peculiar/x509";
import { type IssueAnswer, type Issued, type IssueJob, issueJob } from "./issue-job.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

async function issue(job: IssueJob): Promise<IssueAnswer> {
  x509.cryptoProvider.set(crypto);
  const authority = job.authority ?? (await makeAuthority(job));
  return { authority, server: await makeServer(job, authority) };
}

async function makeAuthority(job: IssueJob): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: [{ CN: [`Koprade site ${job.site}`] }],
    notBefore: new Date(job.notBeforeMs),
    notAfter: new Date(job.authorityNotAfterMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return await pemOf(cert, keys.privateKey);
}

async function makeServer(job: IssueJob, authority: Issued): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const ca = new x509.X509Certificate(authority.certPem);
  const der = x509.PemConverter.decodeFirst(authority.keyPem);
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [{ CN: [`Koprade hub ${job.site}`] }],
    issuer: ca.subject,
    notBefore: new Date(job.notBeforeMs),
    notAfter: new Date(job.notAfterMs),
    signingAlgorithm: algorithm,
    signingKey: await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]),
    publicKey: keys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        job.names.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(ca),
    ],
  });
  return await pemOf(cert, keys.privateKey);
}

async function pemOf(cert: x509.X509Certificate, privateKey: CryptoKey): Promise<Issued> {
  const key = await crypto.subtle.exportKey("pkcs8", privateKey);
  return { certPem: `${cert.toString("pem")}\n`, keyPem: `${x509.PemConverter.encode(key, "PRIVATE KEY")}\n` };
}

/** 127 random bits, positive (RFC 5280 §4.1.2.2). */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

process.once("message", async (message) => {
  const answer = await issue(issueJob.parse(message));
  process.send?.(answer, () => process.disconnect?.());
});
