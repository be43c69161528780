import { encodeLostQuery } from '../src/wire/lost/lost.ts';
import { compareDoor } from './door-bench.ts';
import type { Plan } from './measure.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';
import { type Row, ratioRow } from './row.ts';
import { samplePoints } from './sample-points.ts';

const LOST_TYPE = 'application/lost+xml;charset=utf-8';
const POINTS = 512;

/** findService by point over the built-in layer, boundaries by reference, as a proxy asks. */
export async function benchLost(platform: PlatformUnderTest, plan: Plan): Promise<Row[]> {
  const bodies = samplePoints(POINTS).map((position, index) =>
    encodeLostQuery({
      type: 'findService',
      locations: [{ id: `p${index}`, value: { profile: 'geodetic-2d', shape: { type: 'point', position } } }],
      service: 'urn:service:sos',
      recursive: true,
      validateLocation: false,
      serviceBoundary: 'reference',
      path: [],
    }),
  );
  const comparison = await compareDoor(
    { pid: platform.pid, url: new URL('/lost', platform.http), contentType: LOST_TYPE, bodies },
    plan,
  );
  return [ratioRow('lost', 'requests', '1/s', 'node-http', comparison)];
}
