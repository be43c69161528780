import type { LookupResult } from './load/lookup-load.ts';
import { type Contestant, compare, type Plan } from './measure.ts';
import { startChild } from './processes.ts';
import { type Row, ratioRow } from './row.ts';

/** Points to boundaries over the built-in layer, in one process; the peer tests every boundary whose box holds the point. */
export async function benchLookup(plan: Plan): Promise<Row[]> {
  const child = startChild(new URL('load/lookup-load.ts', import.meta.url), 'server');
  try {
    const side = (which: 'index' | 'scan'): Contestant => ({
      async run(ms) {
        const { count, differences, seconds } = await child.ask<LookupResult>({ side: which, ms });
        return { count, errors: differences, seconds, cpuSeconds: seconds };
      },
    });
    return [ratioRow('lookup', 'boundaries', 'points/s', 'box-scan', await compare(side('index'), side('scan'), plan))];
  } finally {
    await child.stop();
  }
}
