/** A mail server as RFC 5321 has them, on a port of this computer: takes what is for `example.org`, refuses `nobody@`, keeps what came. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

export type Mail = { readonly from: string; readonly to: readonly string[]; readonly text: string };

export async function aMailServer(): Promise<{ readonly port: number; readonly mails: readonly Mail[]; close(): void }> {
  const mails: Mail[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    converse(socket, (mail) => mails.push(mail));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function converse(socket: Socket, keep: (mail: Mail) => void): void {
  let [rest, from, to, data] = ["", "", [] as string[], null as string[] | null];
  const say = (line: string): boolean => socket.write(`${line}\r\n`);
  const hear = (line: string): void => {
    if (data !== null) {
      if (line !== ".") data.push(line.startsWith("..") ? line.slice(1) : line);
      else {
        keep({ from, to, text: data.join("\n") });
        [to, data] = [[], null];
        say("250 kept");
      }
      return;
    }
    const [, verb = "", path = ""] = /^(\w+)(?: (?:FROM|TO):<(.*?)>)?/i.exec(line) ?? [];
    if (verb === "EHLO" || verb === "HELO") say("250 localhost");
    else if (verb === "MAIL") {
      from = path;
      say("250 ok");
    } else if (verb === "RCPT") {
      const isKnown = path.endsWith("@example.org") && !path.startsWith("nobody@");
      if (isKnown) to.push(path);
      say(isKnown ? "250 ok" : "550 no such mailbox");
    } else if (verb === "DATA") {
      data = [];
      say("354 go on");
    } else if (verb === "QUIT") {
      say("221 bye");
      socket.end();
    } else say(verb === "RSET" ? "250 ok" : "502 not here");
  };
  socket.setEncoding("utf8");
  socket.on("error", () => undefined);
  socket.on("data", (piece) => {
    const lines = (rest + String(piece)).split("\r\n");
    rest = lines.pop() ?? "";
    for (const line of lines) hear(line);
  });
  say("220 localhost");
}
