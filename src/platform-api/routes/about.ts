import { Type } from 'typebox';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { INDEPENDENCE_NOTICE } from '../pages/html.ts';
import { PLATFORM_VERSION } from '../platform-version.ts';
import { text } from '../schemas.ts';
import { USED_DATA } from '../used-data.ts';
import { USED_PACKAGES } from '../used-packages.generated.ts';

const ABOUT = Type.Object({
  name: text(),
  version: text(),
  license: text('SPDX'),
  notice: text('What the platform is not'),
  node: text('The version of Node that runs it'),
  packages: Type.Array(Type.Object({ name: text(), version: text(), license: text('SPDX') }), {
    description: 'Of which the platform and its console are made',
  }),
  data: Type.Array(Type.Object({ name: text(), use: text(), license: text(), attribution: text(), url: text() }), {
    description: 'Where the built-in data come from',
  }),
});

/** What runs here, what it is made of, and under which licences. */
export function aboutRoutes(): RestRoute[] {
  return [
    defineRoute({
      operationId: 'about.get',
      method: 'GET',
      path: '/api/about',
      summary: 'Version, licences of what is used, and where the built-in data come from',
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
            packages: USED_PACKAGES,
            data: USED_DATA,
          },
        }),
    }),
  ];
}
