import type { Generated } from 'kysely';

export interface IncidentTables {
  /** One row per incident; its state is what the entries made of it. */
  incidents: {
    id: string;
    organizationId: string;
    callId: string | null;
    moment: string;
    trigger: string;
    severity: string;
    isDrill: boolean;
    locationId: string | null;
    responseLocationId: string | null;
    openedAt: Date;
    state: Generated<string>;
    acknowledgedAt: Date | null;
    acknowledgedBy: string | null;
    acknowledgedVia: string | null;
    resolvedAt: Date | null;
    resolvedBy: string | null;
    resolvedVia: string | null;
    reopenedAt: Date | null;
    changedAt: Date;
    title: string;
    caller: string | null;
    callbackNumber: string | null;
    place: string | null;
    /** JSON of the occasion, without its call. */
    occasion: string;
  };
  /** The later steps of telling people of an incident. */
  incidentSteps: {
    incidentId: string;
    source: string;
    afterSeconds: number;
    dueAt: Date;
    firedAt: Date | null;
    isPaused: Generated<boolean>;
    occasion: string;
    /** JSON of the recipients as they were planned. */
    planned: string;
  };
  /** What was done about an incident: by people, and steps that were told. */
  incidentEntries: {
    id: string;
    incidentId: string;
    at: Date;
    action: string;
    by: string | null;
    via: string | null;
    note: string | null;
    /** JSON. */
    detail: string | null;
  };
}
