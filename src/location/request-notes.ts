import type { Audit } from '../audit/audit.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { newId } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import { deleteAddressesUnusedSince, touchAddress } from './device-records.ts';
import type { RegisteredAddress } from './known-devices.ts';
import type { DeviceQuestion, LocatedDevice } from './located-device.ts';
import {
  addUnmapped,
  addUriUses,
  forgetOldNotes,
  MAX_UNMAPPED_KEPT,
  type SightingRow,
  trimUnmapped,
  type UnmappedRow,
  type UriUseRow,
  upsertSightings,
} from './request-note-records.ts';
import { type LocatingRule, resolutionOf } from './resolution-table.ts';
import { elementsToMap, sampleDevice } from './unmapped-element.ts';
import { createUnmappedTelling, type TellUnmapped } from './unmapped-news.ts';
import type { ElementKind } from './wire-map-element.ts';

/**
 * What is learned beside requests for locations: elements that nobody mapped, when elements were last of use, which registered
 * addresses are, and how often location URIs are followed. Noted in memory, written some seconds later; a request waits for
 * nothing of it, and what does not fit is left out and counted.
 */
export type RequestNotes = {
  noteRequest(question: DeviceQuestion, located: LocatedDevice): void;
  noteAddressUse(organizationId: string, address: RegisteredAddress, nowMs: number): void;
  noteUriUse(organizationId: string, referenceId: string, expires: Date): void;
  /** Writes what was noted so far; resolves also when that fails. */
  settle(): Promise<void>;
  /** Forgets what is older than its retention, now and every hour; the returned function ends it. */
  startUpkeep(): () => void;
};

export type RequestNotesDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  addressRetentionMs: number;
  /** Absent: nobody is told of unmapped elements. */
  tellUnmapped?: TellUnmapped | undefined;
};

const WRITE_AFTER_MS = 5_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAX_UNMAPPED_NOTED = 5_000;
const UNMAPPED_KEPT_DAYS = 90;
const MAX_SIGHTINGS_PER_HOUR = 100_000;
const MAX_URIS_NOTED = 10_000;
const MAX_ADDRESSES_NOTED = 10_000;
/** How exact the last use of an address is: other nodes learn of it, and everybody's snapshot is read again. */
const ADDRESS_USE_STEP_MS = 7 * DAY_MS;
const BATCH = 500;

const KIND_OF_RULE: Readonly<Partial<Record<LocatingRule, ElementKind>>> = {
  'switch-port': 'switch-port',
  'switch-chassis': 'switch-chassis',
  bssid: 'bssid',
  'bssid-mask': 'bssid',
  mac: 'mac',
  'ip-range': 'ip-range',
};

/** Text that keeps no part of the document alive that it was read from. */
function ownText(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function* batchesOf<Item>(items: readonly Item[]): Generator<Item[]> {
  for (let start = 0; start < items.length; start += BATCH) yield items.slice(start, start + BATCH);
}

export function createRequestNotes(deps: RequestNotesDeps): RequestNotes {
  const { clock, database, logger } = deps;
  const left = deps.metrics.counter(
    'waymark_location_notes_left_out_total',
    'What was not noted beside HELD requests because too much was to be noted',
    ['kind'],
  );
  let unmapped = new Map<string, UnmappedRow>();
  let sightings: SightingRow[] = [];
  let uses = new Map<string, UriUseRow>();
  let touched = new Map<string, { organizationId: string; usedAt: Date }>();
  /** Elements noted in this hour already, by organization and kind. */
  const seen = new Map<string, Map<ElementKind, Set<string>>>();
  let seenHour = 0;
  let seenCount = 0;
  const telling = createUnmappedTelling({ database, clock, logger, tell: deps.tellUnmapped });
  let cancelWrite: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();

  function schedule(): void {
    cancelWrite ??= clock.after(WRITE_AFTER_MS, () => {
      cancelWrite = undefined;
      void settle();
    });
  }

  function noteSighting(organizationId: string, kind: ElementKind, key: string, nowMs: number): void {
    const hour = Math.floor(nowMs / HOUR_MS);
    if (hour !== seenHour) {
      seen.clear();
      seenHour = hour;
      seenCount = 0;
    }
    let kinds = seen.get(organizationId);
    if (kinds === undefined) seen.set(organizationId, (kinds = new Map()));
    let keys = kinds.get(kind);
    if (keys === undefined) kinds.set(kind, (keys = new Set()));
    if (keys.has(key)) return;
    if (seenCount >= MAX_SIGHTINGS_PER_HOUR) {
      left.labels('sighting').inc();
      return;
    }
    seenCount += 1;
    const own = ownText(key);
    keys.add(own);
    const [value = '', port = ''] = own.split('\n');
    sightings.push({ organizationId, kind, value, port, lastSeenAt: new Date(nowMs) });
    schedule();
  }

  function noteUnmapped(question: DeviceQuestion, located: LocatedDevice): void {
    const { organizationId } = question;
    const now = new Date(question.nowMs);
    for (const { kind, value, port } of elementsToMap(question, located.countedAddresses)) {
      const key = `${organizationId}\n${kind}\n${value}\n${port}`;
      const before = unmapped.get(key);
      if (before === undefined && unmapped.size >= MAX_UNMAPPED_NOTED) {
        left.labels('unmapped').inc();
        continue;
      }
      unmapped.set(before === undefined ? ownText(key) : key, {
        id: before?.id ?? newId(),
        organizationId,
        kind,
        value: before?.value ?? ownText(value),
        port: before?.port ?? ownText(port),
        seenCount: String(Number(before?.seenCount ?? 0) + 1),
        firstSeenAt: before?.firstSeenAt ?? now,
        lastSeenAt: now,
        sampleDevice: ownText(sampleDevice(question)),
        rule: located.found ? located.rule : null,
        dismissedAt: null,
        toldAt: null,
      });
      schedule();
    }
  }

  async function writeUnmapped(rows: readonly UnmappedRow[]): Promise<void> {
    for (const batch of batchesOf(rows)) {
      const organizations = new Set(batch.map((row) => row.organizationId));
      await database.db.transaction().execute(async (tx) => {
        await addUnmapped(tx, batch);
        for (const organizationId of organizations) await trimUnmapped(tx, organizationId, MAX_UNMAPPED_KEPT);
      });
      for (const organizationId of organizations) telling.noted(organizationId);
    }
  }

  async function writeTouched(entries: readonly [string, { organizationId: string; usedAt: Date }][]): Promise<void> {
    for (const [id, { organizationId, usedAt }] of entries) {
      await database.db.transaction().execute(async (tx) => {
        if (await touchAddress(tx, organizationId, id, usedAt)) await announceChange(tx, 'devices', organizationId);
      });
    }
  }

  async function writeBatches<Row>(rows: readonly Row[], write: (tx: Transaction, batch: Row[]) => Promise<void>) {
    for (const batch of batchesOf(rows)) await database.db.transaction().execute((tx) => write(tx, batch));
  }

  /** What cannot be written is given up: it is counted again with the next requests. */
  async function attempt(kind: string, count: number, write: () => Promise<void>): Promise<void> {
    if (count === 0) return;
    try {
      await write();
    } catch (error) {
      left.labels(kind).inc(count);
      logger.warn({ err: errorText(error), kind, count }, 'what was noted beside requests could not be written');
    }
  }

  async function write(): Promise<void> {
    const rows = [...unmapped.values()];
    const seenRows = sightings;
    const uriRows = [...uses.values()];
    const touchedRows = [...touched];
    unmapped = new Map();
    sightings = [];
    uses = new Map();
    touched = new Map();
    await attempt('unmapped', rows.length, () => writeUnmapped(rows));
    await attempt('sighting', seenRows.length, () => writeBatches(distinctSightings(seenRows), upsertSightings));
    await attempt('uri-use', uriRows.length, () => writeBatches(uriRows, addUriUses));
    await attempt('address-use', touchedRows.length, () => writeTouched(touchedRows));
  }

  function settle(): Promise<void> {
    cancelWrite?.();
    cancelWrite = undefined;
    writing = writing.then(write).then(() => telling.settled());
    return writing;
  }

  async function forgetOld(): Promise<void> {
    const nowMs = clock.nowMs();
    try {
      await database.db.transaction().execute(async (tx) => {
        await forgetOldNotes(tx, new Date(nowMs), new Date(nowMs - UNMAPPED_KEPT_DAYS * DAY_MS));
        const gone = await deleteAddressesUnusedSince(tx, new Date(nowMs - deps.addressRetentionMs));
        for (const [organizationId, addresses] of gone) {
          await deps.audit.record(
            tx,
            { organizationId, tokenId: 'retention', trackingId: 'retention' },
            { action: 'device.addresses-expired', subject: 'devices', detail: { addresses } },
          );
          await announceChange(tx, 'devices', organizationId);
        }
      });
    } catch (error) {
      logger.warn({ err: errorText(error) }, 'old notes of requests could not be forgotten');
    }
  }

  return {
    noteRequest(question, located) {
      if (located.found) {
        const kind = KIND_OF_RULE[located.rule];
        if (kind !== undefined && located.elementKey !== undefined) {
          noteSighting(question.organizationId, kind, located.elementKey, question.nowMs);
        }
        if (!resolutionOf(located.rule).isWeak) return;
      }
      noteUnmapped(question, located);
    },
    noteAddressUse(organizationId, address, nowMs) {
      if (nowMs - address.lastUsedMs < ADDRESS_USE_STEP_MS) return;
      if (touched.size >= MAX_ADDRESSES_NOTED) {
        left.labels('address-use').inc();
        return;
      }
      address.lastUsedMs = nowMs;
      touched.set(address.id, { organizationId, usedAt: new Date(nowMs) });
      schedule();
    },
    noteUriUse(organizationId, referenceId, expires) {
      const now = new Date(clock.nowMs());
      const before = uses.get(referenceId);
      if (before !== undefined) {
        before.useCount = String(Number(before.useCount) + 1);
        before.lastUsedAt = now;
        return;
      }
      if (uses.size >= MAX_URIS_NOTED) {
        left.labels('uri-use').inc();
        return;
      }
      uses.set(referenceId, {
        organizationId,
        referenceId,
        useCount: '1',
        firstUsedAt: now,
        lastUsedAt: now,
        expiresAt: expires,
      });
      schedule();
    },
    settle,
    startUpkeep() {
      let cancel: () => void = () => undefined;
      let ended = false;
      const round = (): void => {
        void forgetOld().then(() => {
          if (!ended) cancel = clock.after(HOUR_MS, round);
        });
      };
      round();
      return () => {
        ended = true;
        cancel();
        telling.stop();
      };
    },
  };
}

/** One statement cannot write the same row twice: over the turn of an hour an element may be noted twice. */
function distinctSightings(rows: readonly SightingRow[]): SightingRow[] {
  return [
    ...new Map(rows.map((row) => [`${row.organizationId}\n${row.kind}\n${row.value}\n${row.port}`, row])).values(),
  ];
}
