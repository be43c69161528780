import type { IncidentAct, IncidentStanding } from './incident.ts';

/**
 * The standing after an act, or null where the act changes nothing: it is a note, somebody was first, or it comes from before the
 * incident was opened again. Acts may be stored late and in any order; of two who acknowledged, the earlier counts.
 */
export function applyAct(standing: IncidentStanding, act: IncidentAct): IncidentStanding | null {
  const isOld = standing.reopenedAt !== null && Date.parse(act.at) < Date.parse(standing.reopenedAt);
  switch (act.action) {
    case 'note':
      return null;
    case 'acknowledge': {
      if (isOld) return null;
      const isFirst = standing.acknowledgedAt === null || Date.parse(act.at) < Date.parse(standing.acknowledgedAt);
      if (!isFirst) return null;
      // Resolved at once, it was never acknowledged: that stays so, unless this was before.
      if (standing.resolvedAt !== null && Date.parse(act.at) >= Date.parse(standing.resolvedAt)) return null;
      const acknowledged = { acknowledgedAt: act.at, acknowledgedBy: act.by, acknowledgedVia: act.via };
      return { ...standing, ...acknowledged, state: standing.state === 'open' ? 'acknowledged' : standing.state };
    }
    case 'resolve':
      if (isOld || standing.state === 'resolved') return null;
      return { ...standing, state: 'resolved', resolvedAt: act.at, resolvedBy: act.by, resolvedVia: act.via };
    case 'reopen':
      if (isOld || standing.state === 'open') return null;
      return { ...OPEN_STANDING, reopenedAt: act.at };
  }
}

/** That of an incident on which nobody acted. */
export const OPEN_STANDING: IncidentStanding = {
  state: 'open',
  acknowledgedAt: null,
  acknowledgedBy: null,
  acknowledgedVia: null,
  resolvedAt: null,
  resolvedBy: null,
  resolvedVia: null,
  reopenedAt: null,
};
