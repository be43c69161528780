/** `npm run bench [-- <name> …] [--quick]`: every path side by side with a peer, in one run. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { benchAddress } from './address-bench.ts';
import { benchAlerts } from './alerts-bench.ts';
import { benchConsole } from './console-bench.ts';
import { benchControlPlane } from './control-plane-bench.ts';
import { benchHeld } from './held-bench.ts';
import { benchLookup } from './lookup-bench.ts';
import { benchLost } from './lost-bench.ts';
import { FULL, type Plan, QUICK } from './measure.ts';
import { startPlatform } from './platform-under-test.ts';
import type { Row } from './row.ts';
import { benchSip } from './sip-bench.ts';
import { benchHeldAtScale, benchWireMap } from './wire-map-bench.ts';

const RESULTS = fileURLToPath(new URL('results.json', import.meta.url));
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

type Bench = (plan: Plan) => Promise<Row[]>;

function onPlatform(bench: (platform: Awaited<ReturnType<typeof startPlatform>>, plan: Plan) => Promise<Row[]>): Bench {
  return async (plan) => {
    const platform = await startPlatform();
    try {
      return await bench(platform, plan);
    } finally {
      await platform.stop();
    }
  };
}

const BENCHES: Readonly<Record<string, Bench>> = {
  held: onPlatform(benchHeld),
  'held-at-scale': benchHeldAtScale,
  lost: benchLost,
  sip: benchSip,
  lookup: benchLookup,
  address: benchAddress,
  'control-plane': benchControlPlane,
  'wire-map': benchWireMap,
  alerts: benchAlerts,
  console: benchConsole,
};

function printRow(row: Row): void {
  const name = `${row.bench}/${row.metric}`.padEnd(30);
  const ratio = row.ratio === null ? '' : `${row.ratio.toFixed(3)} of ${row.peer ?? ''}`;
  const errors = row.errors === undefined ? '' : `; ${row.errors} ERRORS`;
  say(`${name} ${String(row.value).padStart(9)} ${row.unit.padEnd(9)} ${ratio.padEnd(22)} ${row.note ?? ''}${errors}`);
}

const words = process.argv.slice(2);
const plan = words.includes('--quick') ? QUICK : FULL;
const wanted = words.filter((word) => !word.startsWith('--'));
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  say(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}

const rows: Row[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const measured = await bench(plan);
  for (const row of measured) printRow(row);
  rows.push(...measured);
}
if (plan === FULL) {
  const before = existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as Row[]) : [];
  const isSame = (one: Row, other: Row): boolean =>
    one.bench === other.bench && one.metric === other.metric && one.peer === other.peer;
  const kept = before.filter((old) => !rows.some((row) => isSame(row, old)));
  writeFileSync(RESULTS, `${JSON.stringify([...kept, ...rows], null, 2)}\n`);
} else say('quick: nothing is written');
if (rows.some((row) => row.errors !== undefined)) process.exitCode = 1;
