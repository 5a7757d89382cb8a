/** Can a node reach its hub? Name, port, certificate, login, one after the other: the first that fails is the finding. */
import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { MqttClient } from "mqtt";
import type { NodeConfigFile } from "../../devices/kit/node-config.ts";
import { systemCode } from "../errors.ts";
import { bad, type Finding, good, note } from "./findings.ts";

const limitMs = 5000;
export type Given = {
  /** the site's certificate; undefined: the computer's own authorities */
  readonly caPem: string | undefined;
  /** null: the keys cannot be read */
  readonly secret: string | null;
  /** the node is at work under this identity: a second login would throw it off */
  readonly isRunning: boolean;
};

export async function examineReach(file: NodeConfigFile, given: Given): Promise<Finding[]> {
  const url = new URL(file.hub.url);
  const isTls = url.protocol === "mqtts:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || (isTls ? 8883 : 1883));
  const place = `${host}:${port}`;
  try {
    await lookup(host);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return [
      bad("hub", `the name ${host} is not known here.`, "Write its address in node.yaml (hub.url), or let the router know the name."),
    ];
  }
  const socket = await dial(host, port, isTls, given.caPem);
  if (!(socket instanceof Error)) return [await login(socket, file.node, place, given)];
  return [notReached(socket, place, host)];
}

function notReached(error: Error, place: string, host: string): Finding {
  const code = systemCode(error) ?? error.message;
  if (code === "ECONNREFUSED")
    return bad(
      "hub",
      `${place} refuses: no hub listens there.`,
      "Start the hub, and let mqtt.host in its koprade.yaml be open to the network (0.0.0.0).",
    );
  if (["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"].includes(code))
    return bad("hub", `${place} does not answer (${code}).`, "Check the network cable or Wi-Fi, the address, and the firewall of the hub.");
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return bad(
      "hub",
      `its certificate is for another name than ${host}.`,
      "Use the name or address that `koprade node add --hub` was given.",
    );
  if (/CERT|SELF_SIGNED|ISSUER|SIGNATURE/.test(code))
    return bad("hub", `its certificate does not fit (${code}).`, "Copy ca.crt of this hub's folder again, and check both clocks.");
  return bad("hub", `${place} cannot be used (${code}).`, "See that this is the hub's MQTT port.");
}

function dial(host: string, port: number, isTls: boolean, caPem: string | undefined): Promise<Socket | Error> {
  return new Promise((resolve) => {
    const names = isIP(host) === 0 ? { servername: host } : {};
    const socket: Socket = isTls
      ? connectTls({ host, port, minVersion: "TLSv1.2", ...(caPem === undefined ? {} : { ca: caPem }), ...names })
      : connectTcp({ host, port });
    const end = (error: Error): void => {
      socket.destroy();
      resolve(error);
    };
    const limit = setTimeout(() => end(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })), limitMs);
    socket.once("error", (error) => {
      clearTimeout(limit);
      end(error);
    });
    socket.once(isTls ? "secureConnect" : "connect", () => {
      clearTimeout(limit);
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}

async function login(socket: Socket, node: string, place: string, { secret, isRunning }: Given): Promise<Finding> {
  if (isRunning || secret === null) {
    socket.destroy();
    return isRunning
      ? good("hub", `${place} answers, and its certificate fits; the node at work is logged in itself.`)
      : note("hub", `${place} answers, and its certificate fits; without keys nobody can log in.`);
  }
  const client = new MqttClient(() => socket, {
    ...{ protocolVersion: 4, clean: true, clientId: node, username: node, password: secret },
    ...{ reconnectPeriod: 0, connectTimeout: limitMs },
  });
  const why = await new Promise<string | null>((resolve) => {
    client.once("connect", () => resolve(null));
    client.on("error", (error) => resolve(error.message));
    client.once("close", () => resolve("the connection was closed"));
  });
  client.end(true);
  if (why === null) return good("hub", `${place} answers, its certificate fits, and it lets ${node} in.`);
  return bad(
    "hub",
    `it does not let ${node} in (${why}).`,
    `On the hub: see \`koprade node list\`; release it if it was cut off, or make new keys: koprade node renew ${node}`,
  );
}
