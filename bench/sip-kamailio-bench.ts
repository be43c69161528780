import { runKamailio } from '../test/support/kamailio.ts';
import { freePort } from '../test/support/sipp.ts';
import { askingRedirect, plainRedirect, plainRelay } from './kamailio-scripts.ts';
import { type Comparison, compare, type Plan } from './measure.ts';
import { type Child, cpuSecondsOfTree, pinnedTo, startChild } from './processes.ts';
import { type Row, ratioRow } from './row.ts';
import { callersPresence, type SipAddress, sipContestant } from './sip-contestant.ts';

const HOST = '127.0.0.1';
/** MB that its processes share, and of each of its own: by default calls would fail for want of memory. */
const MEMORY = ['-m', '2048', '-M', '32'];
const HELD_TYPE = 'application/held+xml;charset=utf-8';
const LOST_TYPE = 'application/lost+xml;charset=utf-8';

/** The platform under test, and the loads that call it: one is proxied, the other is redirected by its trunk. */
export type SipUnderTest = {
  pid: number;
  address: SipAddress;
  proxied: Child;
  redirected: Child;
  psapUri: string;
  plan: Plan;
};

/** Compares the platform with Kamailio doing `script`, both called by the same load. */
async function compareWith(load: Child, under: SipUnderTest, script: (port: number) => string): Promise<Comparison> {
  const port = await freePort(HOST);
  const kamailio = await runKamailio(script(port), port, { startedBy: pinnedTo('server'), options: MEMORY });
  try {
    return await compare(
      sipContestant(load, under.pid, under.address),
      sipContestant(
        load,
        kamailio.pid,
        { host: HOST, port },
        { processorSeconds: () => cpuSecondsOfTree(kamailio.pid) },
      ),
      under.plan,
    );
  } finally {
    await kamailio.stop();
  }
}

/** Whole proxied calls against Kamailio's stateful relay, which looks nothing up. */
export async function besideKamailioRelay(under: SipUnderTest): Promise<Row> {
  const psapPort = Number(under.psapUri.slice(under.psapUri.lastIndexOf(':') + 1));
  const seen = await compareWith(under.proxied, under, (port) => plainRelay(port, psapPort));
  return ratioRow('sip', 'calls', 'calls/s', 'kamailio-relay', seen);
}

/** Redirected calls (INVITE, 302, ACK) against Kamailio's stateful redirect, which looks nothing up. */
export async function besideKamailioRedirect(under: SipUnderTest): Promise<Row> {
  const seen = await compareWith(under.redirected, under, (port) => plainRedirect(port, under.psapUri));
  return ratioRow('sip', 'calls', 'redirects/s', 'kamailio-redirect', seen);
}

/** Redirected calls against Kamailio's `lost` module asking a LIS and an ECRF, whose time is not counted. */
export async function besideKamailioAsking(under: SipUnderTest): Promise<Row> {
  const helper = new URL('peers/node-http.ts', import.meta.url);
  const [lis, ecrf] = [startChild(helper, 'load'), startChild(helper, 'load')];
  try {
    const held = await lis.ask<{ port: number }>({ contentType: HELD_TYPE, body: heldAnswer() });
    const lost = await ecrf.ask<{ port: number }>({ contentType: LOST_TYPE, body: lostAnswer(under.psapUri) });
    const helpers = { lisUrl: `http://${HOST}:${held.port}/`, ecrfUrl: `http://${HOST}:${lost.port}/` };
    const seen = await compareWith(under.redirected, under, (port) => askingRedirect(port, helpers));
    return ratioRow('sip', 'calls', 'redirects/s', 'kamailio-lost', seen);
  } finally {
    await Promise.all([lis.stop(), ecrf.stop()]);
  }
}

/** RFC 5985 §6.3: the location by value. */
function heldAnswer(): string {
  const presence = callersPresence().replace(/^<\?xml[^>]*\?>\s*/, '');
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    `<locationResponse xmlns="urn:ietf:params:xml:ns:geopriv:held">${presence}</locationResponse>`
  );
}

/** RFC 5222 §8.3.2: one mapping, the boundary left out. */
function lostAnswer(psapUri: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?><findServiceResponse xmlns="urn:ietf:params:xml:ns:lost1">' +
    '<mapping expires="2036-01-01T00:00:00Z" lastUpdated="2026-01-01T00:00:00Z" source="example.com" sourceId="benchmark">' +
    `<displayName xml:lang="en">Benchmark</displayName><service>urn:service:sos</service><uri>${psapUri}</uri>` +
    '<serviceNumber>911</serviceNumber></mapping><path><via source="example.com"/></path></findServiceResponse>'
  );
}
