/**
 * `npm run chaos`: kills the server while calls are on their way and checks that no forwarded call was lost.
 * `--seed <number>` `--kills <number>` `--calls <number per round>` `--postgres` (a cluster of its own instead of the embedded
 * database). SIGUSR2 ends it after the round that is under way, with its report.
 */
import { parseArgs } from 'node:util';
import { describeKillReport, runKillRounds } from '../test/support/kill-rounds.ts';
import { startPostgresCluster } from '../test/support/postgres-cluster.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '911' },
    kills: { type: 'string', default: '100' },
    calls: { type: 'string', default: '8' },
    postgres: { type: 'boolean', default: false },
  },
});
const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const cluster = values.postgres ? await startPostgresCluster() : undefined;
let isEnough = false;
process.once('SIGUSR2', () => {
  isEnough = true;
});
try {
  const report = await runKillRounds({
    seed: Number(values.seed),
    kills: Number(values.kills),
    callsPerRound: Number(values.calls),
    databaseUrl: await cluster?.createDatabase(),
    say,
    isEnough: () => isEnough,
  });
  for (const line of describeKillReport(report)) say(line);
  process.exitCode = report.faults.length === 0 ? 0 : 1;
} finally {
  cluster?.remove();
}
