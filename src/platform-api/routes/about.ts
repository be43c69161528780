import { type Static, Type } from 'typebox';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import type { SipListenAddress } from '../../transport/sip-flow.ts';
import { INDEPENDENCE_NOTICE } from '../pages/html.ts';
import { PLATFORM_VERSION } from '../platform-version.ts';
import { text } from '../schemas.ts';
import { USED_DATA } from '../used-data.ts';
import { USED_PACKAGES } from '../used-packages.generated.ts';

const DOORS = Type.Object(
  {
    heldUrl: text('HELD with credentials in the request; phones of one account have an address of their own'),
    lostUrl: text('LoST (RFC 5222)'),
    sip: Type.Array(
      Type.Object({
        protocol: Type.Union([Type.Literal('udp'), Type.Literal('tcp'), Type.Literal('tls')]),
        host: text('Where the platform listens on every address: the host of WAYMARK_PUBLIC_URL'),
        port: Type.Integer(),
      }),
      {
        description: 'Where trunks and session border controllers send emergency calls; empty: no calls are taken here',
      },
    ),
  },
  { description: 'Where phones, networks and call servers reach the platform' },
);

const ABOUT = Type.Object({
  name: text(),
  version: text(),
  license: text('SPDX'),
  notice: text('What the platform is not'),
  node: text('The version of Node that runs it'),
  doors: DOORS,
  packages: Type.Array(Type.Object({ name: text(), version: text(), license: text('SPDX') }), {
    description: 'Of which the platform and its console are made',
  }),
  data: Type.Array(Type.Object({ name: text(), use: text(), license: text(), attribution: text(), url: text() }), {
    description: 'Where the built-in data come from',
  }),
});

export type AboutDeps = {
  /** Without a slash at the end. */
  publicUrl(): string;
  sipAddresses(): readonly SipListenAddress[];
};

const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** IPv6 addresses stand in brackets before a port (RFC 3986 §3.2.2). */
const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Nobody can send to a wildcard address: who listens on every one is reached by its public name. */
export function doorsOf(publicUrl: string, sipAddresses: readonly SipListenAddress[]): Static<typeof DOORS> {
  const publicHost = new URL(publicUrl).hostname;
  const sip = sipAddresses.map(({ protocol, host, port }) => ({
    protocol,
    host: EVERY_ADDRESS.has(host) ? publicHost : bracketed(host),
    port,
  }));
  const isFirst = (one: (typeof sip)[number], at: number): boolean =>
    at ===
    sip.findIndex(({ protocol, host, port }) => protocol === one.protocol && host === one.host && port === one.port);
  return { heldUrl: `${publicUrl}/held`, lostUrl: `${publicUrl}/LoST`, sip: sip.filter(isFirst) };
}

/** What runs here, where it is reached, what it is made of, and under which licences. */
export function aboutRoutes(deps: AboutDeps): RestRoute[] {
  return [
    defineRoute({
      operationId: 'about.get',
      method: 'GET',
      path: '/api/about',
      summary:
        'Version, addresses for phones and call servers, licences of what is used, and where the built-in data come from',
      tags: ['Platform'],
      responses: { 200: ABOUT },
      handle: () =>
        Promise.resolve({
          status: 200,
          body: {
            name: 'Waymark',
            version: PLATFORM_VERSION,
            license: 'Apache-2.0',
            notice: INDEPENDENCE_NOTICE,
            node: process.versions.node,
            doors: doorsOf(deps.publicUrl(), deps.sipAddresses()),
            packages: USED_PACKAGES,
            data: USED_DATA,
          },
        }),
    }),
  ];
}
