import { Type } from 'typebox';
import type { Compliance } from '../../compliance/compliance.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';

const PROGRESS = {
  completed: Type.Union([Type.String(), Type.Null()], { description: 'The stage completed last' }),
  next: Type.Union([Type.String(), Type.Null()], { description: 'The stage to complete next' }),
  optedOut: Type.Boolean(),
};

const ANSWER = Type.Object({
  organization: Type.Object({ id: Type.String(), name: Type.String(), accountExists: Type.Boolean(), ...PROGRESS }),
  locations: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      state: Type.String({ description: 'As the contract shows it, e.g. EXEMPTED' }),
      timeZone: Type.Union([Type.String(), Type.Null()], { description: 'IANA name' }),
      ...PROGRESS,
      testCallsEnabled: Type.Boolean(),
      routingEnabled: Type.Boolean(),
    }),
  ),
});

const MAX_LOCATIONS = 10_000;

/** Stages with both the completed and the next one, which the contract's `state` does not tell apart (decision 1). */
export function complianceRoutes(deps: {
  compliance: Compliance;
  organizationName(organizationId: string): Promise<string>;
  /** From memory. */
  timeZoneOf(organizationId: string, locationId: string): string | undefined;
}): RestRoute[] {
  return [
    defineRoute({
      operationId: 'compliance.read',
      method: 'GET',
      path: '/api/compliance',
      summary: 'Stages of the organization and of every location, completed and next',
      description: 'Location administrators see the locations that are theirs.',
      tags: ['Compliance'],
      responses: { 200: ANSWER },
      async handle({ scope }) {
        const page = await deps.compliance.listLocationStatus(scope, {
          start: 0,
          max: MAX_LOCATIONS,
          order: 'locationName',
          descending: false,
        });
        const locations = (page.locationsStatus?.locations ?? []).map(({ id, name, state, progress }) => {
          const standing = deps.compliance.standing(scope.organizationId, id);
          return {
            id,
            name,
            state,
            timeZone: deps.timeZoneOf(scope.organizationId, id) ?? null,
            ...progress,
            testCallsEnabled: standing.testCallsEnabled,
            routingEnabled: standing.routingEnabled,
          };
        });
        const organization = {
          id: scope.organizationId,
          name: await deps.organizationName(scope.organizationId),
          accountExists: page.companyId !== undefined,
          ...page.organization,
        };
        return { status: 200, body: { organization, locations } };
      },
    }),
  ];
}
