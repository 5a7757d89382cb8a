/** A file as an answer: saved by the browser under a name that no header or disk stumbles over. */
import type { FastifyReply } from "fastify";
import type { ReportFile } from "../views.ts";

export function sendFile(reply: FastifyReply, file: ReportFile): Buffer {
  const fileName = file.fileName.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 80);
  void reply.header("content-disposition", `attachment; filename="${fileName}"`).type(file.mediaType);
  return Buffer.from(file.bytes);
}
