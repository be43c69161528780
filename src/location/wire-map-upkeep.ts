import { errorText } from '../support/error-text.ts';
import type { WireMapDeps } from './change-wire-map.ts';
import type { ImportJobs } from './import-jobs.ts';
import { tidyWireMaps } from './revise-in-steps.ts';

const HOUR_MS = 3_600_000;

/** Now and every hour what imports left behind is cleared away; the returned function ends it. */
export function startWireMapUpkeep(deps: WireMapDeps, imports: Pick<ImportJobs, 'forgetOldImports'>): () => void {
  let cancel: () => void = () => undefined;
  let ended = false;

  async function clear(): Promise<void> {
    try {
      await imports.forgetOldImports();
      await tidyWireMaps(deps);
    } catch (error) {
      deps.logger.warn({ err: errorText(error) }, 'what imports of wire maps left behind is cleared away later');
    }
  }

  function round(): void {
    void clear().then(() => {
      if (!ended) cancel = deps.clock.after(HOUR_MS, round);
    });
  }

  round();
  return () => {
    ended = true;
    cancel();
  };
}
