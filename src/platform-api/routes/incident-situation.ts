import { Type } from 'typebox';
import type { Alerts } from '../../alerts/alerts.ts';
import type { Calls } from '../../calls/calls.ts';
import type { CallRecord } from '../../domain/call-record.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { answerSchema } from '../answer-schema.ts';
import { oneOf, orNull, text, textOrNull } from '../schemas.ts';
import { RECEIPT } from './alert-delivery-schemas.ts';
import { CALL_OUTCOME } from './call-schemas.ts';
import { INCIDENT } from './incidents.ts';

/** What the desk shows of a call: no identifiers, no signalling, no references to locations. */
function toDeskCall({ startedAt, answeredAt, endedAt, outcome, destination, flags, location }: CallRecord) {
  return {
    startedAt,
    answeredAt,
    endedAt,
    outcome,
    flags,
    destination: { name: destination.name, kind: destination.kind },
    location: location && { text: location.text, indoorText: location.indoorText },
  };
}

const DESK_CALL = answerSchema<ReturnType<typeof toDeskCall>>()(
  Type.Object({
    startedAt: text(),
    answeredAt: textOrNull(),
    endedAt: textOrNull(),
    outcome: CALL_OUTCOME,
    flags: Type.Array(Type.String()),
    destination: Type.Object({ name: text(), kind: oneOf('psap', 'relay', 'test-agent', 'caller') }),
    location: orNull(Type.Object({ text: text(), indoorText: text() })),
  }),
);

const SITUATION = Type.Object({
  incident: INCIDENT,
  call: orNull(DESK_CALL, 'null: it is of no call, or the call is not kept any more'),
  receipts: Type.Array(
    Type.Pick(RECEIPT, ['recipient', 'channel', 'state', 'queuedAt', 'lastAttemptAt', 'acceptedAt', 'lastError']),
  ),
});

/** One incident as the alert desk shows it. */
export function incidentSituationRoutes(deps: {
  alerts: Pick<Alerts, 'incidents' | 'listReceiptsOfIncident'>;
  calls: Pick<Calls, 'getCall'>;
}): RestRoute[] {
  const { alerts, calls } = deps;

  /** Null where there is none, or not any more: the incident stays. */
  async function findCall({ locationIds: _reached, ...scope }: Scope, id: string | null): Promise<CallRecord | null> {
    if (id === null) return null;
    try {
      // Whoever may see the incident may see its call, wherever the call itself said that it was.
      return await calls.getCall(scope, id);
    } catch (error) {
      if (error instanceof ProblemError && error.kind === 'not-found') return null;
      throw error;
    }
  }

  return [
    defineRoute({
      operationId: 'incidents.situation',
      method: 'GET',
      path: '/api/incidents/{id}/situation',
      summary: 'One incident as a desk shows it: how the call goes on, who was told and who was reached',
      tags: ['Incidents'],
      responses: { 200: SITUATION },
      async handle({ scope, params }) {
        const incident = await alerts.incidents.getIncident(scope, params.id ?? '');
        const [call, receipts] = await Promise.all([
          findCall(scope, incident.callId),
          alerts.listReceiptsOfIncident(incident.organizationId, incident.id),
        ]);
        const told = receipts.map(({ recipient, channel, state, queuedAt, lastAttemptAt, acceptedAt, lastError }) => {
          return { recipient, channel, state, queuedAt, lastAttemptAt, acceptedAt, lastError };
        });
        return { status: 200, body: { incident, call: call && toDeskCall(call), receipts: told } };
      },
    }),
  ];
}
