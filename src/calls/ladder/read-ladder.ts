import type { CallRecord } from '../../domain/call-record.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import type { LadderMessage } from './ladder-message.ts';
import { selectLadder } from './ladder-records.ts';

/** The SIP ladder of one call. Its last messages appear some seconds after they were exchanged. */
export type CallLadderView = {
  id: string;
  callId: string;
  startedAt: string;
  /** Empty when none was kept: switched off, too old, or too many calls at once. */
  messages: readonly LadderMessage[];
  /** Messages that were not kept, because the call had too many. */
  leftOut: number;
};

/** The ladder of a call that the scope may see; throws what `getCall` throws. */
export function createReadLadder(deps: {
  database: Pick<Database, 'db'>;
  getCall(scope: Scope, id: string): Promise<CallRecord>;
}) {
  return async function readLadder(scope: Scope, id: string): Promise<CallLadderView> {
    const { callId, startedAt } = await deps.getCall(scope, id);
    return { id, callId, startedAt, ...(await selectLadder(deps.database.db, id)) };
  };
}
