/** Acceptance 6: `kill -9` under calls loses no forwarded call. A short slice of `npm run chaos`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeKillReport, runKillRounds } from '../support/kill-rounds.ts';

/** As many kills as `npm test` has time for; WAYMARK_TEST_KILLS asks for more. */
const KILLS = Number(process.env.WAYMARK_TEST_KILLS ?? 5);

test('kill -9 under calls: what was forwarded is recorded and alerted', async (t) => {
  const report = await runKillRounds({ seed: 911, kills: KILLS, callsPerRound: 6 });
  for (const line of describeKillReport(report)) t.diagnostic(line);
  assert.deepEqual(report.faults, []);
  assert.ok(report.forwarded >= KILLS, 'calls were forwarded before the kills');
});
