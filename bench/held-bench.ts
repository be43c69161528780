import { encodeLocationRequest } from '../src/wire/held/held.ts';
import { compareDoor } from './door-bench.ts';
import type { Plan } from './measure.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';
import { type Row, ratioRow } from './row.ts';

/** HELD by switch chassis and port, answered with the location by value and by reference. */
export async function benchHeld(platform: PlatformUnderTest, plan: Plan): Promise<Row[]> {
  const { switchChassis = '', switchPort = '' } = platform.examples;
  const request = encodeLocationRequest({
    locationTypes: 'any',
    exact: false,
    responseTime: 'emergencyRouting',
    devices: [],
    measurements: {
      lldp: [
        {
          chassis: { subtype: 4, value: switchChassis, raw: switchChassis.replaceAll(':', '') },
          port: { subtype: 5, value: switchPort, raw: Buffer.from(switchPort).toString('hex') },
        },
      ],
      wifi: [],
      dhcp: [],
    },
  });
  const comparison = await compareDoor(
    {
      pid: platform.pid,
      url: new URL(`/held/c/${platform.companyId}`, platform.http),
      contentType: 'application/held+xml;charset=utf-8',
      bodies: [request],
    },
    plan,
  );
  return [ratioRow('held', 'requests', '1/s', 'node-http', comparison)];
}
