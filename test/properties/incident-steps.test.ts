/** Whatever happens to an incident and to the process, its steps are told as the pure rule of escalation says. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Scope } from '../../src/domain/scope.ts';
import type { Database } from '../../src/storage/database.ts';
import { addOrganization, openTestDatabase } from '../support/alerts-fixture.ts';
import {
  callOccasion,
  createTestIncidents,
  type IncidentsFixture,
  toldRecipient,
} from '../support/incidents-fixture.ts';

let database: Database;
let scope: Scope;

before(async () => {
  database = await openTestDatabase();
  scope = await addOrganization(database);
});
after(() => database.close());

const SECOND_MS = 1_000;

const HAPPENINGS = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 400 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'acknowledge' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'click' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'away' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'back' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  ),
  { minLength: 1, maxLength: 14 },
);

const TIMES = fc.uniqueArray(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 });

// Around changes of daylight saving time: clocks on the wall jump, moments do not.
const STARTS_MS = [Date.UTC(2026, 2, 8, 6, 58), Date.UTC(2026, 10, 1, 5, 58), Date.UTC(2026, 5, 15, 12)] as const;
const STARTS = fc.constantFrom(...STARTS_MS);

test('rules, acknowledgements, restarts, a database that goes and comes: each step once, in time, never while somebody has it', async () => {
  await fc.assert(
    fc.asyncProperty(STARTS, TIMES, HAPPENINGS, async (startMs, times, happenings) => {
      await database.db.deleteFrom('incidents').execute();
      const told = times.map((seconds) => toldRecipient(`after-${seconds}`, seconds));
      const rooms: IncidentsFixture[] = [];
      let room: IncidentsFixture | undefined;
      let isAway = false;
      let isOpen = true;
      /** Steps that somebody must have been told of by now. */
      const expected = new Set<number>();

      const start = async (nowMs: number): Promise<IncidentsFixture> => {
        const next = createTestIncidents(database, told, {}, nowMs);
        for (const snapshot of next.incidents.snapshots) await snapshot.loadFromDatabase();
        next.calls.set(id, occasion.call);
        await next.incidents.start();
        await next.incidents.drained();
        rooms.push(next);
        return next;
      };
      const occasion = callOccasion(scope.organizationId, startMs);
      const { id } = occasion.call;
      room = await start(startMs);
      await room.open(occasion);
      const list = () => rooms.flatMap((one) => one.told);

      const check = (what: string): void => {
        const nowMs = room?.clock.nowMs() ?? 0;
        if (isOpen) for (const seconds of times) if (startMs + seconds * SECOND_MS <= nowMs) expected.add(seconds);
        const found = list().map(({ label }) => Number(/\d+/.exec(label)?.[0]));
        const when = `${what} at ${(nowMs - startMs) / SECOND_MS} s`;
        assert.deepEqual(new Set(found), expected, when);
        assert.equal(found.length, expected.size, `once: ${when}`);
        for (const { atMs, label } of list()) {
          assert.ok(atMs >= startMs + Number(/\d+/.exec(label)?.[0]) * SECOND_MS, `${label} not before its time`);
        }
      };

      for (const happening of happenings) {
        switch (happening.kind) {
          case 'pass':
            await room.advance(happening.seconds * SECOND_MS);
            break;
          case 'acknowledge':
          case 'reopen':
            // Administrators need the database.
            if (isAway) break;
            await room.incidents.actOn(scope, id, happening.kind);
            isOpen = happening.kind === 'reopen';
            await room.advance(10);
            break;
          case 'click': {
            const link = room.incidents.actionLink(id, toldRecipient('desk')) ?? '';
            await room.incidents.actByLink(link.split('/').at(-1) ?? '', '192.0.2.1');
            isOpen = false;
            await room.advance(10);
            break;
          }
          case 'away':
            isAway = true;
            room.setAway(true);
            break;
          case 'back':
            isAway = false;
            room.setAway(false);
            // Noticed within 2 s; then what was kept is stored, and after 10 s nodes tell the steps of others again. Second by
            // second: in one go, the monotonic clock, by which they rest, would stay behind.
            for (let seconds = 0; seconds < 13; seconds++) await room.advance(SECOND_MS);
            break;
          case 'restart':
            // What it has told and noted from memory alone is gone with a process that is killed while the database is away.
            if (isAway) break;
            await room.advance(3 * SECOND_MS);
            await room.incidents.stop();
            room = await start(room.clock.nowMs());
            break;
        }
        check(happening.kind);
      }
      room.setAway(false);
      await room.incidents.stop();
    }),
    {
      numRuns: 60,
      examples: [
        // Opened again, or started again, just before the database went away.
        [
          STARTS_MS[0],
          [1, 5],
          [{ kind: 'click' }, { kind: 'reopen' }, { kind: 'away' }, { kind: 'pass', seconds: 1 }, { kind: 'click' }],
        ],
        [STARTS_MS[0], [4], [{ kind: 'restart' }, { kind: 'away' }, { kind: 'pass', seconds: 1 }, { kind: 'back' }]],
        // Opened again just after it came back.
        [
          STARTS_MS[0],
          [1],
          [
            { kind: 'click' },
            { kind: 'away' },
            { kind: 'pass', seconds: 1 },
            { kind: 'back' },
            { kind: 'reopen' },
            { kind: 'pass', seconds: 1 },
          ],
        ],
      ],
    },
  );
});
