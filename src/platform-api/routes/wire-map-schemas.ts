import { Type } from 'typebox';
import type {
  ChangedElements,
  DeviceOverrideView,
  ImportedElement,
  ImportJob,
  ImportJobEntry,
  LintReport,
  MappedElement,
  OwnAddressRange,
  UndoneWireMap,
  UnmappedElement,
  WireMapElement,
  WireMapImport,
  WireMapVersion,
} from '../../location/location.ts';
import { answerSchema } from '../answer-schema.ts';
import { oneOf, orNull, text, textOrNull } from '../schemas.ts';

export const ELEMENT_KIND = oneOf('switch-port', 'switch-chassis', 'bssid', 'mac', 'ip-range');
export const UNMAPPED_KIND = oneOf('switch-port', 'switch-chassis', 'bssid', 'mac', 'ip-range', 'device');
export const WIRE_MAP_FORMAT = oneOf('waymark', 'redsky', 'teams', 'cer', 'access-points');

const KEY = {
  kind: ELEMENT_KIND,
  value: text('MAC address, range or name in canonical form; the chassis of a switch'),
  port: text('Of a switch; empty for every other kind'),
};

export const ELEMENT = answerSchema<WireMapElement>()(
  Type.Object({
    ...KEY,
    id: text(),
    organizationId: text(),
    responseLocationId: text(),
    responseLocationName: textOrNull(),
    locationId: textOrNull(),
    locationName: textOrNull(),
    description: text(),
    createdAt: text(),
    updatedAt: text(),
  }),
);

export const CHANGED_ELEMENTS = answerSchema<ChangedElements>()(
  Type.Object({
    applied: Type.Boolean(),
    counts: Type.Object({ changed: Type.Number(), removed: Type.Number(), unchanged: Type.Number() }),
    before: Type.Array(ELEMENT, { description: 'The first hundred that change, as they were' }),
    leftWithout: Type.Array(Type.String(), {
      description: 'Names of response locations to which no element leads any more, the first hundred',
    }),
    revision: orNull(Type.Number(), 'null: nothing was stored'),
  }),
);

const IMPORTED = answerSchema<ImportedElement>()(
  Type.Object({ ...KEY, responseLocationId: text(), description: text() }),
);

const place = () => Type.Optional(Type.Number());

const LINT_RULE = oneOf(
  'overlapping-ranges',
  'range-too-wide',
  'orphan',
  'port-without-switch',
  'mask-across-floors',
  'private-range-without-gate',
  'duplicate',
  'address-not-validated',
  'prefix-assumed',
);

export const LINT_REPORT = answerSchema<LintReport>()(
  Type.Object({
    counts: Type.Object({
      'overlapping-ranges': Type.Number(),
      'range-too-wide': Type.Number(),
      orphan: Type.Number(),
      'port-without-switch': Type.Number(),
      'mask-across-floors': Type.Number(),
      'private-range-without-gate': Type.Number(),
      duplicate: Type.Number(),
      'address-not-validated': Type.Number(),
      'prefix-assumed': Type.Number(),
    }),
    findings: Type.Array(
      Type.Object({ rule: LINT_RULE, element: text(), message: text(), line: Type.Optional(Type.Number()) }),
      { description: 'The first 200 of each rule' },
    ),
  }),
);

export const WIRE_MAP_IMPORT = answerSchema<WireMapImport>()(
  Type.Object({
    applied: Type.Boolean(),
    revision: orNull(Type.Number(), 'null: not applied, or nothing changed'),
    format: WIRE_MAP_FORMAT,
    columns: Type.Object(
      {
        kind: place(),
        value: place(),
        port: place(),
        location: place(),
        site: place(),
        erl: place(),
        description: place(),
        chassis: place(),
        bssid: place(),
        mac: place(),
        subnet: place(),
        mask: place(),
        first: place(),
        last: place(),
        accessPoint: place(),
      },
      { description: 'What was read from which column, from 1' },
    ),
    counts: Type.Object({
      added: Type.Number(),
      changed: Type.Number(),
      unchanged: Type.Number(),
      removed: Type.Number(),
      errors: Type.Number(),
    }),
    added: Type.Array(IMPORTED, { description: 'The first 1,000, as of all the lists' }),
    changed: Type.Array(Type.Object({ before: IMPORTED, after: IMPORTED })),
    removed: Type.Array(IMPORTED),
    errors: Type.Array(
      Type.Object({ line: Type.Number({ description: 'From 1, the header too' }), column: text(), message: text() }),
    ),
    lint: LINT_REPORT,
  }),
);

const JOB = {
  id: text(),
  organizationId: text(),
  state: oneOf('reading', 'comparing', 'checked', 'applying', 'applied', 'failed'),
  percent: Type.Number(),
  startedBy: text('The token'),
  createdAt: text(),
  updatedAt: text(),
};

export const IMPORT_JOB_ENTRY = answerSchema<ImportJobEntry>()(Type.Object(JOB));

export const IMPORT_JOB = answerSchema<ImportJob>()(
  Type.Object({
    ...JOB,
    report: Type.Union([WIRE_MAP_IMPORT, Type.Null()], { description: 'null until it is known' }),
    problem: orNull(
      Type.Object({
        kind: text(),
        detail: text(),
        fields: Type.Array(Type.Object({ path: text(), message: text() })),
      }),
      'Why it failed',
    ),
  }),
);

const COUNTS = { added: Type.Number(), changed: Type.Number(), removed: Type.Number() };

export const WIRE_MAP_VERSION = answerSchema<WireMapVersion>()(
  Type.Object({
    revision: Type.Number(),
    action: text('What was done, as the trail says it'),
    ...COUNTS,
    madeAt: text(),
  }),
);

export const UNDONE = answerSchema<UndoneWireMap>()(
  Type.Object({
    restored: Type.Number({ description: 'The revision whose elements are in force again' }),
    revision: Type.Number({ description: 'The new revision that says so' }),
    counts: Type.Object(COUNTS),
  }),
);

export const UNMAPPED_ELEMENT = answerSchema<UnmappedElement>()(
  Type.Object({
    id: text(),
    kind: UNMAPPED_KIND,
    value: text(),
    port: text(),
    seenCount: Type.Number(),
    firstSeenAt: text(),
    lastSeenAt: text(),
    sampleDevice: text('A device that named it; empty where requests named none'),
    rule: textOrNull('The weak rule by which that device was located; null: it was not'),
  }),
);

const OVERRIDE = Type.Unknown({ description: 'The override of the device, as /api/devices shows it' });

export const MAPPED = answerSchema<MappedElement & { override: DeviceOverrideView | null }>()(
  Type.Object({ element: Type.Union([ELEMENT, Type.Null()]), override: OVERRIDE }),
);

export const ADDRESS_RANGE = answerSchema<OwnAddressRange>()(
  Type.Object({
    id: text(),
    organizationId: text(),
    range: text('Address, CIDR block or `from-to`'),
    locationId: textOrNull('The site behind these addresses; null: they tell no site'),
    description: text(),
    createdAt: text(),
  }),
);
