/** The shared bus suite against a real mosquitto that runs with our generated access list, once for each MQTT version. */
import { describe, expect, it } from "vitest";
import { topicPath } from "#contract";
import { createEmbeddedBroker } from "../../hub/broker/embedded.ts";
import { createExternalBus } from "../../hub/broker/external.ts";
import { busSuite, connect, pause, silentLog, site, stateBytes, until } from "../support/bus-suite.ts";
import { hub, startMosquitto } from "../support/mosquitto.ts";

describe.each([
  { version: 4 as const, name: "3.1.1" },
  { version: 5 as const, name: "5" },
])("mosquitto over MQTT $name", ({ version }) => {
  busSuite(async () => {
    const mosquitto = await startMosquitto();
    const { port } = mosquitto.endpoint;
    const bus = await createExternalBus({
      site,
      url: `mqtts://localhost:${port}`,
      username: hub.username,
      password: hub.secret,
      caFile: mosquitto.caFile,
      protocolVersion: version,
      log: silentLog,
    });
    return {
      bus,
      endpoint: mosquitto.endpoint,
      close: async () => {
        await bus.close();
        await mosquitto.stop();
      },
    };
  });
});

describe("the way to an external broker", () => {
  it("says that the account was refused, and that nobody answers", async () => {
    const mosquitto = await startMosquitto();
    const url = `mqtts://localhost:${mosquitto.endpoint.port}`;
    const given = { site, url, username: hub.username, caFile: mosquitto.caFile, log: silentLog };
    await expect(createExternalBus({ ...given, password: "wrong" })).rejects.toMatchObject({ code: "BROKER_CREDENTIALS" });
    await mosquitto.stop();
    const gone = { site, url: url.replace("mqtts", "mqtt"), username: hub.username, password: hub.secret, log: silentLog };
    await expect(createExternalBus(gone)).rejects.toMatchObject({ code: "BROKER_UNREACHABLE" });
  });

  it("falls back to MQTT 3.1.1 for a broker that knows nothing newer", async () => {
    const old = await createEmbeddedBroker({ site, tls: null, plainPort: 0, log: silentLog, verify: async () => true });
    const url = `mqtt://127.0.0.1:${old.ports.plain}`;
    // Our own broker speaks 3.1.1 only, and gives the hub's account none of the site's topics: both answers are told apart.
    await expect(createExternalBus({ site, url, username: "display-hub", password: "x", log: silentLog })).rejects.toMatchObject({
      code: "BUS_REFUSED",
    });
    await expect(
      createExternalBus({ site, url, username: "display-hub", password: "x", log: silentLog, protocolVersion: 5 }),
    ).rejects.toMatchObject({
      code: "BROKER_OLD",
    });
    await old.close();
  });

  it("clears what a node retained where its row says no, and keeps the rest", async () => {
    const mosquitto = await startMosquitto();
    const url = `mqtts://localhost:${mosquitto.endpoint.port}`;
    const given = { site, url, username: hub.username, password: hub.secret, caFile: mosquitto.caFile, log: silentLog };
    const node = await connect(mosquitto.endpoint, "door-1");
    await node.publishAsync(topicPath(site, "events", "door-1"), "kept?", { qos: 1, retain: true });
    await node.publishAsync(topicPath(site, "nodeState", "door-1"), stateBytes("door-1", "online"), { qos: 1, retain: true });
    const heard: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const bus = await createExternalBus(given);
      bus.onMessage((message) => heard.push(`${round} ${message.path.split("/").at(-1)} ${message.retained}`));
      await until("the state came", () => heard.includes(`${round} state true`));
      await pause(100);
      await bus.close();
    }
    expect(heard).toEqual(["0 state true", "1 state true"]);
    await node.endAsync();
    await mosquitto.stop();
  });
});
