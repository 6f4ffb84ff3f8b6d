import { expect, test } from "@playwright/test";
import { Person } from "../lib/browser.ts";
import { meet, say } from "../lib/clinic.ts";
import { expectSeesAndHears, received } from "../lib/media.ts";
import { BlockedNetwork, whyNoNamespaces } from "../lib/network.ts";
import { tell } from "../lib/report.ts";
import { Server } from "../lib/server.ts";

/** Leaves the page's connections only the relay, and only over TCP. */
const relayOnly = `{
  const Original = window.RTCPeerConnection;
  const narrow = (configuration = {}) => ({
    ...configuration,
    iceTransportPolicy: "relay",
    iceServers: (configuration.iceServers ?? []).map((server) => ({
      ...server,
      urls: [server.urls].flat().filter((url) => url.endsWith("transport=tcp")),
    })).filter((server) => server.urls.length > 0),
  });
  window.RTCPeerConnection = class extends Original {
    constructor(configuration) { super(narrow(configuration)); }
    setConfiguration(configuration) { super.setConfiguration(narrow(configuration)); }
  };
}`;

async function holdCall(server: Server, doctor: Person, patient: Person): Promise<void> {
  await meet(server, doctor, patient);
  await Promise.all([expectSeesAndHears(doctor.page), expectSeesAndHears(patient.page)]);
  for (const person of [doctor, patient]) {
    const { ways } = await received(person.page);
    expect(ways, `${person.name} is connected through the relay over TCP`).toEqual(["relay/tcp"]);
  }
  await say(doctor, patient, "Слышу вас хорошо");
}

test("a call through the relay over TCP alone", async () => {
  const server = await Server.start();
  const options = { init: relayOnly };
  const [doctor, patient] = await Promise.all([Person.open("doctor", options), Person.open("patient", options)]);
  try {
    await holdCall(server, doctor, patient);
    expect([...doctor.errors, ...patient.errors]).toEqual([]);
  } catch (error) {
    tell(server, [doctor, patient]);
    throw error;
  } finally {
    await Promise.all([doctor.close(), patient.close()]);
    await server.stop();
  }
});

test("a call through a firewall that stops all UDP", async () => {
  const why = whyNoNamespaces();
  test.skip(why !== undefined, why ?? "");
  const network = new BlockedNetwork();
  try {
    const server = await Server.start({ host: network.serverHost, wrapper: network.serverWrapper });
    const options = { executable: network.chromium, trust: server.origin };
    const [doctor, patient] = await Promise.all([Person.open("doctor", options), Person.open("patient", options)]);
    try {
      await holdCall(server, doctor, patient);
      expect(network.blocked(), "UDP was tried and stopped").toBeGreaterThan(0);
    } catch (error) {
      tell(server, [doctor, patient]);
      throw error;
    } finally {
      await Promise.all([doctor.close(), patient.close()]);
      await server.stop();
    }
  } finally {
    network.close();
  }
});
