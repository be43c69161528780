import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CivicAddress } from '../domain/civic-address.ts';
import type { Shape } from '../domain/shape.ts';
import { explainRoute, findDestination } from './explain-route.ts';
import type { RouteQuality } from './route.ts';
import type { PsapRow } from './routing-rows.ts';
import { type DrawnBoundary, testSnapshot } from './test-snapshot.ts';

const snapshot = testSnapshot();

function point(latitude: number, longitude: number): Shape {
  return { type: 'point', position: { latitude, longitude } };
}

describe('known places, by coordinates', () => {
  const places: readonly [string, number, number, string | null, RouteQuality | null][] = [
    ['Houston', 29.7604, -95.3698, 'us-county-48201', 'inside'],
    ['San Juan', 18.4655, -66.1057, 'us-county-72127', 'inside'],
    ['Vieques', 18.1263, -65.4401, 'us-county-72147', 'inside'],
    ['Hagåtña', 13.4757, 144.7489, 'us-county-66010', 'inside'],
    ['Pago Pago', -14.2756, -170.702, 'us-county-60010', 'inside'],
    ['Charlotte Amalie', 18.3419, -64.9307, 'us-county-78030', 'inside'],
    ['Christiansted', 17.7466, -64.7033, 'us-county-78010', 'inside'],
    ['Cruz Bay', 18.3313, -64.7937, 'us-county-78020', 'inside'],
    ['Saipan', 15.1778, 145.7508, 'us-county-69110', 'inside'],
    ['Tinian', 14.9673, 145.6195, 'us-county-69120', 'inside'],
    ['Rota', 14.1509, 145.2129, 'us-county-69100', 'inside'],
    ['Anchorage', 61.2181, -149.9003, 'us-county-02020', 'inside'],
    ['Honolulu', 21.3069, -157.8583, 'us-county-15003', 'inside'],
    ['Attu, beyond longitude 180', 52.9025, 172.9094, 'us-county-02016', 'inside'],
    ['Adak', 51.88, -176.65, 'us-county-02016', 'inside'],
    ['Key West', 24.5551, -81.78, 'us-county-12087', 'inside'],
    ['Nantucket', 41.2835, -70.0995, 'us-county-25019', 'inside'],
    ['Washington', 38.9007, -77.0365, 'us-county-11001', 'inside'],
    ['Point Roberts, reached through Canada only', 48.985, -123.075, 'us-county-53073', 'inside'],
    ['Detroit, by the river', 42.3268, -83.044, 'us-county-26163', 'on-edge'],
    ['Windsor, across the river', 42.3149, -83.0364, 'ca-province-on', 'inside'],
    ['Niagara Falls, New York', 43.0962, -79.0377, 'us-county-36063', 'inside'],
    ['Niagara Falls, Ontario', 43.0896, -79.0849, 'ca-province-on', 'inside'],
    ['Toronto', 43.6532, -79.3832, 'ca-province-on', 'inside'],
    ['Ottawa', 45.4215, -75.6972, 'ca-province-on', 'inside'],
    ['Gatineau, across the river', 45.4765, -75.7013, 'ca-province-qc', 'inside'],
    ['Montréal', 45.5017, -73.5673, 'ca-province-qc', 'inside'],
    ['Vancouver', 49.2827, -123.1207, 'ca-province-bc', 'inside'],
    ['Iqaluit', 63.7467, -68.517, 'ca-province-nu', 'inside'],
    ['Yellowknife', 62.454, -114.3718, 'ca-province-nt', 'inside'],
    ['Whitehorse', 60.7212, -135.0568, 'ca-province-yt', 'inside'],
    ["St. John's", 47.5615, -52.7126, 'ca-province-nl', 'inside'],
    ['Îles de la Madeleine', 47.38, -61.86, 'ca-province-qc', 'inside'],
    // The built-in shores are coarse: these lie in no polygon.
    ['Charlottetown', 46.2382, -63.1311, 'ca-province-pe', 'nearest'],
    ['Halifax', 44.6488, -63.5752, 'ca-province-ns', 'nearest'],
    ["Ta'u", -14.2358, -169.5117, 'us-county-60020', 'nearest'],
    ['Little Diomede', 65.7581, -168.9531, 'us-county-02180', 'nearest'],
    // Known misses. Swains Island (its county-equivalent is not in the data), the independent city of Falls Church.
    ['Swains Island', -11.0556, -171.0778, null, null],
    ['Falls Church', 38.8823, -77.1711, 'us-county-51059', 'inside'],
    // Abroad, though near: never answered by a neighbour across the border.
    ['Ciudad Juárez', 31.6904, -106.4245, null, null],
    ['Tijuana', 32.5149, -117.0382, null, null],
    ['Tortola', 18.4262, -64.6242, null, null],
    ['Saint-Pierre', 46.7786, -56.1773, null, null],
    ['the open Atlantic', 35, -50, null, null],
    ['London', 51.5, -0.12, null, null],
  ];
  for (const [name, latitude, longitude, sourceId, quality] of places) {
    test(name, () => {
      const route = explainRoute(snapshot, { shape: point(latitude, longitude) });
      assert.equal(route?.mapping.sourceId ?? null, sourceId);
      assert.equal(route?.quality ?? null, quality);
      if (route) {
        assert.equal(route.mapping.source, 'waymark.default');
        assert.equal(route.mapping.uri, `sip:${sourceId ?? ''}@127.0.0.1:5071`);
        assert.match(route.mapping.displayName, /level default, simulated PSAP\)$/);
      }
    });
  }

  test('a point near a border names its neighbour', () => {
    const route = explainRoute(snapshot, { shape: point(42.3268, -83.044) });
    assert.deepEqual(
      route?.runnersUp.map(({ sourceId }) => sourceId),
      ['ca-province-on'],
    );
    assert.ok((route?.distanceToEdgeMeters ?? 0) > 0);
  });
});

describe('known places, by address', () => {
  const places: readonly [CivicAddress, string | null, RouteQuality | null][] = [
    [
      { country: 'US', A1: 'TX', A3: 'Houston', HNO: '100', RD: 'Main', STS: 'St', PC: '77002' },
      '48201',
      'civic-postal',
    ],
    [{ A3: 'Houston', PC: '77002-1234' }, '48201', 'civic-postal'],
    [{ country: 'US', A1: 'Texas', A2: 'HARRIS COUNTY' }, '48201', 'civic-county'],
    [{ country: 'us', A1: 'US-TX', A2: 'Harris' }, '48201', 'civic-county'],
    [{ country: 'US', A1: 'PR', A3: 'San Juan' }, '72127', 'civic-city'],
    [{ country: 'PR', A3: 'SAN JUAN' }, '72127', 'civic-city'],
    [{ country: 'US', A1: 'PR', A2: 'San Juan Municipio' }, '72127', 'civic-county'],
    [{ country: 'US', A1: 'GU', A3: 'Hagåtña' }, '66010', 'civic-county'],
    [{ country: 'US', A1: 'GU', A3: 'Hagatna' }, '66010', 'civic-county'],
    [{ country: 'US', A1: 'AS', A3: 'Pago Pago' }, '60010', 'civic-city'],
    [{ country: 'US', A1: 'VI', A3: 'Charlotte Amalie' }, '78030', 'civic-city'],
    [{ country: 'US', A1: 'VI', PC: '00802' }, '78030', 'civic-postal'],
    [{ country: 'US', A1: 'MP', A3: 'Saipan' }, '69110', 'civic-city'],
    [{ country: 'US', A1: 'MO', A2: 'St. Louis County' }, '29189', 'civic-county'],
    [{ country: 'US', A1: 'MO', A2: 'St. Louis', PC: '63101' }, '29510', 'civic-county'],
    [{ country: 'US', A1: 'VA', A2: 'Fairfax' }, '51059', 'civic-county'],
    [{ country: 'US', A1: 'VA', A2: 'Fairfax City' }, '51600', 'civic-county'],
    [{ country: 'US', A1: 'VA', A3: 'Falls Church' }, '51610', 'civic-city'],
    [{ country: 'US', A1: 'LA', A2: 'Orleans Parish' }, '22071', 'civic-county'],
    [{ country: 'US', A1: 'NY', A3: 'Brooklyn' }, '36047', 'civic-city'],
    [{ country: 'US', A1: 'DC' }, '11001', 'civic-county'],
    [{ country: 'US', A1: 'TX' }, '48201', 'civic-state'],
    [{ country: 'US', A1: 'ZZ' }, null, null],
    [{ country: 'GB', A1: 'London' }, null, null],
    [{}, null, null],
  ];
  for (const [address, county, quality] of places) {
    test(JSON.stringify(address), () => {
      const route = explainRoute(snapshot, { civic: address });
      assert.equal(route?.mapping.sourceId ?? null, county === null ? null : `us-county-${county}`);
      assert.equal(route?.quality ?? null, quality);
      assert.equal(route?.distanceToEdgeMeters ?? null, null);
    });
  }

  for (const [address, province] of [
    [{ country: 'CA', A1: 'ON', A3: 'Toronto' }, 'on'],
    [{ country: 'CA', A1: 'Québec' }, 'qc'],
    [{ country: 'CA', A1: 'Nouvelle-Écosse' }, 'ns'],
    [{ country: 'CA', A1: 'NU', A3: 'Iqaluit', PC: 'X0A 0H0' }, 'nu'],
    [{ PC: 'X1A 2N2' }, 'nt'],
    [{ country: 'CA', PC: 'K1A 0B1' }, 'on'],
  ] as const) {
    test(JSON.stringify(address), () => {
      assert.equal(explainRoute(snapshot, { civic: address })?.mapping.sourceId, `ca-province-${province}`);
    });
  }

  test('a guess says that it is one and what else it could be', () => {
    const route = explainRoute(snapshot, { civic: { country: 'US', A1: 'TX' } });
    assert.equal(route?.quality, 'civic-state');
    assert.equal(route?.runnersUp.length, 4);
    assert.match(route?.warnings.join() ?? '', /guess/);
  });

  test('what contradicts is told and stays a runner-up', () => {
    const route = explainRoute(snapshot, { civic: { country: 'US', A1: 'TX', PC: '10001' } });
    assert.match(route?.warnings.join() ?? '', /10001 lies in NY/);
    assert.ok(route?.runnersUp.some(({ sourceId }) => sourceId === 'us-county-36061'));
  });
});

describe('coordinates and address together', () => {
  test('coordinates decide; an address that leads elsewhere is told', () => {
    const route = explainRoute(snapshot, {
      shape: point(29.76, -95.37),
      civic: { country: 'US', A1: 'TX', A3: 'Dallas' },
    });
    assert.equal(route?.mapping.sourceId, 'us-county-48201');
    assert.equal(route?.runnersUp[0]?.sourceId, 'us-county-48113');
    assert.match(route?.warnings.join() ?? '', /the address leads to Dallas County/);
  });

  test('outside every boundary an address that names a place decides', () => {
    const route = explainRoute(snapshot, { shape: point(44.6488, -63.5752), civic: { country: 'CA', A1: 'NS' } });
    assert.equal(route?.quality, 'civic-province');
  });

  test('coordinates that cannot be leave the address', () => {
    const civic = { country: 'US', A1: 'TX', A3: 'Houston' };
    assert.equal(explainRoute(snapshot, { shape: point(129, -95), civic })?.quality, 'civic-city');
    assert.equal(explainRoute(snapshot, { shape: point(Number.NaN, 0) }), null);
    assert.equal(explainRoute(snapshot, {}), null);
  });
});

describe('shapes', () => {
  test('a shape over several counties: the greatest overlap', () => {
    // The four corners of Colorado, Utah, Arizona and New Mexico.
    const center = { latitude: 36.999, longitude: -109.0452 };
    const shape = { type: 'circle', center: { ...center, longitude: -109.03 }, radiusMeters: 5000 } as const;
    const route = explainRoute(snapshot, { shape });
    assert.equal(route?.quality, 'greatest-overlap');
    assert.match(route?.mapping.displayName ?? '', /Colorado|New Mexico/);
    assert.equal(route?.runnersUp.length, 3);
  });

  test('a small circle inside one county is inside', () => {
    const shape = { type: 'circle', center: { latitude: 29.76, longitude: -95.37 }, radiusMeters: 50 } as const;
    assert.equal(explainRoute(snapshot, { shape })?.quality, 'inside');
  });

  test('a shape that cannot be measured is answered by its centre, flagged', () => {
    const corner = (latitude: number, longitude: number) => ({ latitude, longitude });
    const line = [corner(29.7, -95.4), corner(29.8, -95.4), corner(29.75, -95.4)];
    const wide = [corner(20, -110), corner(39, -110), corner(39, -80), corner(20, -80)];
    for (const exterior of [line, wide]) {
      assert.equal(explainRoute(snapshot, { shape: { type: 'polygon', exterior } })?.quality, 'center');
    }
    const still = { type: 'circle', center: corner(29.76, -95.37), radiusMeters: 0 } as const;
    assert.equal(explainRoute(snapshot, { shape: still })?.quality, 'inside');
  });

  test('sizes that are no sizes are refused, absurd ones are answered', () => {
    const center = { latitude: 29.76, longitude: -95.37 };
    assert.equal(explainRoute(snapshot, { shape: { type: 'circle', center, radiusMeters: -1 } }), null);
    assert.equal(explainRoute(snapshot, { shape: { type: 'circle', center, radiusMeters: Number.NaN } }), null);
    assert.ok(explainRoute(snapshot, { shape: { type: 'circle', center, radiusMeters: 1e9 } }));
  });
});

describe('services', () => {
  const houston = { shape: point(29.7604, -95.3698) };
  test('sos, its children and test calls are answered as that same service', () => {
    for (const service of [
      'urn:service:sos',
      'urn:service:sos.police',
      'urn:service:test.sos',
      'urn:service:test.sos.fire',
    ]) {
      assert.equal(findDestination(snapshot, houston, service)?.service, service);
    }
    assert.equal(findDestination(snapshot, houston, 'URN:SERVICE:SOS.Fire')?.service, 'urn:service:sos.fire');
  });
  test('other services are not', () => {
    for (const service of [
      'urn:service:dns',
      'urn:service:sosx',
      'urn:emergency:service:sos',
      '',
      'x'.repeat(100_000),
    ]) {
      assert.equal(findDestination(snapshot, houston, service), null);
    }
  });
});

const UPDATED = '2026-03-04T05:06:07.000Z';

function boundary(sourceId: string, ring: [number, number][], more: Partial<DrawnBoundary> = {}): DrawnBoundary {
  return {
    sourceId,
    layer: 'test',
    source: 'psap.example',
    serviceUrn: 'urn:service:sos',
    uri: `sip:${sourceId}@psap.example`,
    displayName: `Boundary ${sourceId}`,
    serviceNumber: '911',
    coordinates: [[ring]],
    version: '1',
    updatedAt: UPDATED,
    ...more,
  };
}

function square(longitude: number, latitude: number, size: number): [number, number][] {
  return [
    [longitude, latitude],
    [longitude + size, latitude],
    [longitude + size, latitude + size],
    [longitude, latitude + size],
    [longitude, latitude],
  ];
}

function psap(more: Partial<PsapRow>): PsapRow {
  return {
    id: '00000000-0000-4000-8000-000000000001',
    name: 'Houston Emergency Center',
    uri: 'sip:desk@houston.example',
    alternateUris: ['sip:backup@houston.example'],
    ringTimeoutMs: 5_000,
    ringLimitMs: null,
    queueLimitMs: null,
    plainSipUser: true,
    sourceId: null,
    phoneNumber: null,
    textTo911: false,
    updatedAt: UPDATED,
    ...more,
  };
}

describe('imported boundaries and PSAPs', () => {
  const around = square(-95.5, 29.6, 0.4);
  const houston = { shape: point(29.7604, -95.3698) };

  test('an imported boundary answers before the built-in one, also for child and test services', () => {
    const imported = testSnapshot({ boundaries: [boundary('a', around)] });
    for (const service of ['urn:service:sos', 'urn:service:sos.police', 'urn:service:test.sos']) {
      assert.equal(findDestination(imported, houston, service)?.mapping.sourceId, 'a');
    }
    assert.equal(explainRoute(imported, { shape: point(29.0, -95.3698) })?.mapping.source, 'waymark.default');
  });

  test('of overlapping ones the smaller answers a point, the greater overlap a shape', () => {
    const imported = testSnapshot({
      boundaries: [boundary('wide', around), boundary('small', square(-95.372, 29.758, 0.004))],
    });
    assert.equal(explainRoute(imported, houston)?.mapping.sourceId, 'small');
    const shape = { type: 'circle', center: { latitude: 29.7604, longitude: -95.3698 }, radiusMeters: 5000 } as const;
    const route = explainRoute(imported, { shape });
    assert.equal(route?.mapping.sourceId, 'wide');
    assert.deepEqual(
      route?.runnersUp.map(({ sourceId }) => sourceId),
      ['small'],
    );
  });

  test('beside an imported boundary, in a gap or off the shore, the nearest one that serves the county answers, flagged', () => {
    // Galveston County up to 200 m short of a point on land, and an island that the file leaves out.
    const imported = testSnapshot({
      boundaries: [boundary('galveston', square(-95.3, 29.1, 0.4)), boundary('far', square(-97, 31, 0.3))],
    });
    const gap = explainRoute(imported, { shape: point(29.3, -94.898) });
    assert.equal(gap?.mapping.sourceId, 'galveston');
    assert.equal(gap?.quality, 'nearest');
    assert.match(gap?.rule ?? '', /the nearest is \d+ m away/);
    // Farther inland it is somebody else's, whoever that is.
    assert.equal(explainRoute(imported, { shape: point(29.3, -94.8) })?.mapping.source, 'waymark.default');
    // A county that the file does not serve is not taken by it, however near.
    const harris = testSnapshot({ boundaries: [boundary('edge', square(-95.0, 29.2, 0.3))] });
    assert.notEqual(explainRoute(harris, { shape: point(29.62, -95.3) })?.mapping.sourceId, 'edge');
  });

  test('a parent service whose boundary holds the point goes before one of the service that is only near', () => {
    const imported = testSnapshot({
      boundaries: [
        boundary('fire', square(-95.3, 29.1, 0.4), { serviceUrn: 'urn:service:sos.fire' }),
        boundary('all', square(-95.5, 29, 1)),
      ],
    });
    assert.equal(
      findDestination(imported, { shape: point(29.3, -94.898) }, 'urn:service:sos.fire')?.mapping.sourceId,
      'all',
    );
  });

  test('equal ones are told apart by the lower sourceId, whatever their order', () => {
    const rows = [boundary('b', around), boundary('a', around), boundary('c', around)];
    for (const boundaries of [rows, rows.toReversed()]) {
      const imported = testSnapshot({ boundaries });
      assert.equal(explainRoute(imported, houston)?.mapping.sourceId, 'a');
      const shape = { type: 'circle', center: { latitude: 29.76, longitude: -95.37 }, radiusMeters: 100 } as const;
      assert.equal(explainRoute(imported, { shape })?.mapping.sourceId, 'a');
    }
  });

  test('a boundary of one child service answers that service only', () => {
    const fire = testSnapshot({ boundaries: [boundary('f', around, { serviceUrn: 'urn:service:sos.fire' })] });
    assert.equal(findDestination(fire, houston, 'urn:service:sos.fire')?.mapping.sourceId, 'f');
    assert.equal(findDestination(fire, houston, 'urn:service:sos.police')?.mapping.sourceId, 'us-county-48201');
    assert.equal(findDestination(fire, houston, 'urn:service:sos')?.mapping.sourceId, 'us-county-48201');
  });

  test('an address is served by the imported boundary that covers most of its county', () => {
    const imported = testSnapshot({
      boundaries: [boundary('most', square(-97, 29, 1.7)), boundary('rest', square(-95.3, 29, 1.7))],
    });
    const route = explainRoute(imported, { civic: { country: 'US', A1: 'TX', A2: 'Harris' } });
    assert.equal(route?.mapping.source, 'psap.example');
    assert.equal(route?.runnersUp.length, 1);
    assert.match(route?.warnings.join() ?? '', /several imported boundaries serve parts of Harris County/);
  });

  test('a PSAP takes over a built-in mapping with its settings', () => {
    const taken = testSnapshot({ psaps: [psap({ sourceId: 'us-county-48201' })] });
    const destination = findDestination(taken, houston, 'urn:service:sos');
    assert.equal(destination?.uri, 'sip:desk@houston.example');
    assert.deepEqual(destination?.alternateUris, ['sip:backup@houston.example']);
    assert.equal(destination?.ringTimeoutMs, 5_000);
    assert.equal(destination?.plainSipUser, true);
    assert.equal(destination?.mapping.sourceId, 'us-county-48201');
    assert.match(destination?.mapping.displayName ?? '', /^Houston Emergency Center \(county-level default boundary/);
  });

  test('a PSAP lends its settings to imported boundaries that name its URI', () => {
    const imported = testSnapshot({
      boundaries: [boundary('a', around, { uri: 'sip:desk@houston.example' })],
      psaps: [psap({})],
    });
    const destination = findDestination(imported, houston, 'urn:service:sos');
    assert.equal(destination?.plainSipUser, true);
    assert.equal(destination?.mapping.displayName, 'Boundary a');
  });
});

test('where the operator named a relay centre, calls that no PSAP has taken over go there, not to a simulated PSAP (decision 69)', () => {
  const harris: PsapRow = {
    id: '00000000-0000-4000-8000-000000000001',
    name: 'Harris',
    uri: 'sip:harris@psap.example',
    alternateUris: [],
    ringTimeoutMs: 8_000,
    ringLimitMs: null,
    queueLimitMs: null,
    plainSipUser: false,
    sourceId: 'us-county-48201',
    phoneNumber: null,
    textTo911: false,
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
  const namings = [
    { sourceId: 'us-county-36063', psap: { psapId: '7', name: 'Niagara 911' }, unnamed: null, possible: 1 },
  ];
  const served = testSnapshot({ psaps: [harris], namings }, true);
  const places = [point(29.7604, -95.3698), point(38.9007, -77.0365), point(43.0962, -79.0377)];
  const routes = places.map((shape) => findDestination(served, { shape }, 'urn:service:sos'));
  assert.deepEqual(
    routes.map((route) => [route?.uri, route?.leadsToRelay, route?.mapping.displayName]),
    [
      ['sip:harris@psap.example', false, 'Harris (county-level default boundary of Harris County, Texas)'],
      ['sip:relay-us@127.0.0.1:5071', true, 'District of Columbia (county-level default, relay centre)'],
      [
        'sip:relay-us@127.0.0.1:5071',
        true,
        'Niagara 911, PSAP 7 of the registry (county-level default of Niagara County, New York, relay centre)',
      ],
    ],
  );
});
