import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { silentLogger, withFolder } from '../../../test/support/alerts-fixture.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { type AcceptedMessage, createAcceptedLog } from './accepted-log.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

function accepted(key: string, atMs: number, callId: string | null = 'call'): AcceptedMessage {
  return {
    key,
    kind: 'call-started',
    severity: 'emergency',
    organizationId: null,
    callId,
    incidentId: callId,
    recipientId: null,
    channel: 'email',
    label: `${key}@example.com`,
    reasons: [],
    at: new Date(atMs).toISOString(),
    response: '250 OK',
  };
}

test('what was accepted is found again after a restart', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'journal', 'essential-mail.log');
    const clock = createManualClock();
    const first = createAcceptedLog({ path, clock, logger: silentLogger });
    await first.load();
    await Promise.all(['a', 'b', 'c'].map((key) => first.add(accepted(key, clock.nowMs()))));
    await first.add(accepted('invitation', clock.nowMs(), null));

    const second = createAcceptedLog({ path, clock, logger: silentLogger });
    await second.load();
    assert.equal(second.find('b')?.label, 'b@example.com');
    assert.deepEqual(
      second.ofCall('call').map((mail) => mail.key),
      ['a', 'b', 'c'],
    );
    assert.equal(second.find('d'), undefined);
  }));

test('whoever notes a message waits for its own line, not for an end of those that come after it', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'essential-mail.log');
    const log = createAcceptedLog({ path, clock: createManualClock(), logger: silentLogger });
    await log.load();
    const first = log.add(accepted('first', 0)).then(() => true);
    const others: Promise<void>[] = [];
    while (!(await Promise.race([first, delay(1, false)]))) {
      assert.ok(others.length < 10_000, 'there was always another');
      others.push(log.add(accepted(`mail${others.length}`, 0)));
    }
    assert.match(await readFile(path, 'utf8'), /first@example\.com/);
    await Promise.all(others);
  }));

test('a torn last line is dropped and does not spoil the next', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'essential-mail.log');
    const clock = createManualClock();
    const line = JSON.stringify(accepted('a', clock.nowMs()));
    await writeFile(path, `${line}\nnonsense\n`);
    await appendFile(path, line.slice(0, 30));
    const log = createAcceptedLog({ path, clock, logger: silentLogger });
    await log.load();
    await log.add(accepted('b', clock.nowMs()));

    const again = createAcceptedLog({ path, clock, logger: silentLogger });
    await again.load();
    assert.ok(again.find('a') && again.find('b'));
    assert.equal((await readFile(path, 'utf8')).trimEnd().split('\n').length, 2);
  }));

test('a line that is no note of ours is passed over', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'essential-mail.log');
    const clock = createManualClock();
    const whole = accepted('whole', clock.nowMs());
    const spoilt = [
      { ...whole, key: 'a', at: 'yesterday' },
      { ...whole, key: 'b', response: undefined },
      { ...whole, key: 'c', reasons: 'many' },
      { ...whole, key: 7 },
      null,
      'text',
    ];
    await writeFile(path, [...spoilt, whole].map((line) => `${JSON.stringify(line)}\n`).join(''));
    const log = createAcceptedLog({ path, clock, logger: silentLogger });
    await log.load();
    assert.ok(log.find('whole'));
    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => log.find(key)),
      [undefined, undefined, undefined],
    );
  }));

test('old entries are forgotten at start', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'essential-mail.log');
    const clock = createManualClock();
    const log = createAcceptedLog({ path, clock, logger: silentLogger });
    await log.load();
    await log.add(accepted('old', clock.nowMs()));
    clock.advance(6 * DAY_MS);
    await log.add(accepted('young', clock.nowMs()));
    clock.advance(2 * DAY_MS);
    const again = createAcceptedLog({ path, clock, logger: silentLogger });
    await again.load();
    assert.equal(again.find('old'), undefined);
    assert.ok(again.find('young'));
  }));

test('a disk that refuses does not stop the alert', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'file'), '');
    const log = createAcceptedLog({
      path: join(folder, 'file', 'log'),
      clock: createManualClock(),
      logger: silentLogger,
    });
    await log.load();
    await log.add(accepted('a', 0));
    assert.ok(log.find('a'), 'this process still remembers');
  }));
