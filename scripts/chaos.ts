/**
 * `npm run chaos`: kills the server while calls are on their way and checks that no forwarded call was lost.
 * `--seed <number>` `--kills <number>` `--calls <number per round>`.
 */
import { parseArgs } from 'node:util';
import { describeKillReport, runKillRounds } from '../test/support/kill-rounds.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '911' },
    kills: { type: 'string', default: '30' },
    calls: { type: 'string', default: '8' },
  },
});
const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const report = await runKillRounds({
  seed: Number(values.seed),
  kills: Number(values.kills),
  callsPerRound: Number(values.calls),
  say,
});
for (const line of describeKillReport(report)) say(line);
process.exitCode = report.faults.length === 0 ? 0 : 1;
