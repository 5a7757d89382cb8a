/**
 * A worker that makes one certificate and ends. The X.509 library takes 27 MB once loaded; a worker gives them back, and a hub
 * that starts with good certificates never loads it.
 */
import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import "./reflect-shim.ts";
import * as x509 from "@peculiar/x509";
import { type Issued, type IssueJob, issueJob } from "./issue-job.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

async function issue(job: IssueJob): Promise<Issued> {
  x509.cryptoProvider.set(crypto);
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const given = {
    serialNumber: serial(),
    notBefore: new Date(job.notBeforeMs),
    notAfter: new Date(job.notAfterMs),
    signingAlgorithm: algorithm,
  };
  const cert =
    job.authority === null
      ? await x509.X509CertificateGenerator.createSelfSigned({
          ...given,
          name: named(job),
          keys,
          extensions: await ofAuthority(keys.publicKey),
        })
      : await signed(job, job.authority, { ...given, publicKey: keys.publicKey });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { certPem: `${cert.toString("pem")}\n`, keyPem: `${x509.PemConverter.encode(key, "PRIVATE KEY")}\n` };
}

async function signed(
  job: IssueJob,
  authority: { certPem: string; keyPem: string },
  given: Pick<x509.X509CertificateCreateParams, "serialNumber" | "notBefore" | "notAfter" | "signingAlgorithm"> & { publicKey: CryptoKey },
): Promise<x509.X509Certificate> {
  const ca = new x509.X509Certificate(authority.certPem);
  const der = x509.PemConverter.decodeFirst(authority.keyPem);
  const signingKey = await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  return x509.X509CertificateGenerator.create({
    ...given,
    subject: named(job),
    issuer: ca.subject,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        job.names.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(given.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(ca),
    ],
  });
}

async function ofAuthority(publicKey: CryptoKey): Promise<x509.Extension[]> {
  return [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
  ];
}

const named = (job: IssueJob): x509.JsonName => [{ CN: [job.commonName] }];

/** 127 random bits, positive (RFC 5280 §4.1.2.2). */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

if (!isMainThread) parentPort?.postMessage(await issue(issueJob.parse(workerData)));
