import type { Queryable, Transaction } from '../../storage/database.ts';
import type { ActVia, IncidentAct } from './incident.ts';

/** What was done, as the timeline shows it. */
export type IncidentEntry = {
  id: string;
  at: string;
  action: 'acknowledge' | 'resolve' | 'reopen' | 'note' | 'escalate';
  by: string | null;
  via: ActVia | null;
  note: string | null;
  /** Of an escalation. */
  detail: EscalationDetail | null;
};

export type EscalationDetail = { afterSeconds: number; told: number; labels: readonly string[] };

/** Writes entries that are not there yet; gives the ids of those it wrote. */
export async function insertEntries(
  tx: Transaction,
  incidentEntries: readonly (IncidentEntry & { incidentId: string })[],
): Promise<ReadonlySet<string>> {
  if (incidentEntries.length === 0) return new Set();
  const rows = await tx
    .insertInto('incidentEntries')
    .values(
      incidentEntries.map(({ detail, at, ...entry }) => ({
        ...entry,
        at: new Date(at),
        detail: detail && JSON.stringify(detail),
      })),
    )
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .execute();
  return new Set(rows.map(({ id }) => id));
}

export async function selectEntries(db: Queryable, incidentId: string): Promise<IncidentEntry[]> {
  const rows = await db
    .selectFrom('incidentEntries')
    .selectAll()
    .where('incidentId', '=', incidentId)
    .orderBy('at')
    .orderBy('id')
    .execute();
  return rows.map(({ incidentId: _own, at, action, via, detail, ...row }) => ({
    ...row,
    at: at.toISOString(),
    action: action as IncidentEntry['action'],
    via: via as ActVia | null,
    detail: detail === null ? null : (JSON.parse(detail) as EscalationDetail),
  }));
}

/** An act as the timeline keeps it. */
export function entryOf({
  id,
  incidentId,
  action,
  by,
  via,
  at,
  note,
}: IncidentAct): IncidentEntry & { incidentId: string } {
  return { id, incidentId, at, action, by, via, note, detail: null };
}
