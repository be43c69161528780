import type { Database } from '../storage/database.ts';
import { BoundedMap } from '../support/bounded-map.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { markTokenUsed, type TokenRow } from './token-records.ts';

/** Writes when a token was last used: at most once a minute for each, beside the request and never before it. */
export type TokenUse = {
  note(token: Pick<TokenRow, 'id' | 'lastUsedAt'>): void;
  /** Resolves when what was noted so far is written or given up. */
  settled(): Promise<void>;
};

const INTERVAL_MS = 60_000;
const REMEMBERED_TOKENS = 10_000;
/** Beyond, the database is slow: a use that is not noted harms nobody. */
const MAX_WRITING = 32;

export function createTokenUse(deps: { database: Database; clock: Clock; logger: Logger }): TokenUse {
  const { clock } = deps;
  const notedMs = new BoundedMap<string, number>(REMEMBERED_TOKENS);
  const writing = new Set<Promise<void>>();

  async function write(tokenId: string, nowMs: number): Promise<void> {
    try {
      await markTokenUsed(deps.database.db, tokenId, new Date(nowMs), new Date(nowMs - INTERVAL_MS));
    } catch (error) {
      deps.logger.warn({ err: errorText(error), tokenId }, 'the use of a token could not be noted');
    }
  }

  return {
    note(token) {
      const nowMs = clock.nowMs();
      const lastMs = Math.max(notedMs.get(token.id) ?? 0, token.lastUsedAt?.getTime() ?? 0);
      if (nowMs - lastMs < INTERVAL_MS || writing.size >= MAX_WRITING) return;
      notedMs.set(token.id, nowMs);
      const written = write(token.id, nowMs).finally(() => writing.delete(written));
      writing.add(written);
    },
    async settled() {
      await Promise.all(writing);
    },
  };
}
