import { Type } from 'typebox';
import type { AlertSettingsPatch, Alerts } from '../../alerts/alerts.ts';
import { ALERT_LANGUAGES, ALERT_TRIGGERS } from '../../domain/alert-trigger.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { ALERT_SETTINGS } from './alert-delivery-schemas.ts';

const wholeOrNull = (description: string) =>
  Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], { description }));

/** What an organization settles about its alerts, beside who is told. */
export function alertSettingsRoutes({ alerts }: { alerts: Pick<Alerts, 'settings'> }): RestRoute[] {
  const tags = ['Alerts'];
  return [
    defineRoute({
      operationId: 'alertSettings.get',
      method: 'GET',
      path: '/api/alert-settings',
      summary: 'Read what the organization settled about its alerts',
      tags,
      responses: { 200: ALERT_SETTINGS },
      async handle({ scope }) {
        return { status: 200, body: await alerts.settings.readAlertSettings(scope) };
      },
    }),
    defineRoute<AlertSettingsPatch>({
      operationId: 'alertSettings.update',
      method: 'PUT',
      path: '/api/alert-settings',
      summary: 'Change what the organization settled about its alerts; what is absent stays',
      tags,
      body: Type.Object({
        staleAfterSeconds: wholeOrNull('A location determined longer before the call is stale; null: none ever is'),
        contractTriggers: Type.Optional(
          Type.Array(Type.Union(ALERT_TRIGGERS.map((trigger) => Type.Literal(trigger))), {
            maxItems: ALERT_TRIGGERS.length,
            description:
              'Triggers for which those are told whom the notification settings, buildings and response locations name; ' +
              'call-placed is always among them',
          }),
        ),
        language: Type.Optional(
          Type.Union(
            ALERT_LANGUAGES.map((language) => Type.Literal(language)),
            { description: 'Of recipients that have none of their own, where the location has none either' },
          ),
        ),
        tellsAcknowledgements: Type.Optional(
          Type.Boolean({ description: 'Those who were told of an incident are told who acknowledged it' }),
        ),
        retentionDays: wholeOrNull('Days for which receipts and drills are kept, 30 at least; null: for good'),
      }),
      responses: { 200: ALERT_SETTINGS },
      async handle({ scope, body }) {
        return { status: 200, body: await alerts.settings.updateAlertSettings(scope, body) };
      },
    }),
  ];
}
