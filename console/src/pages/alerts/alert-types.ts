import type { paths } from '../../api/schema.generated.ts';

type Answer<Path extends keyof paths, Status extends number = 200, Method extends string = 'get'> =
  paths[Path] extends Record<Method, { responses: Record<Status, { content: { 'application/json': infer Body } }> }>
    ? Body
    : never;

export type Incident = Answer<'/api/incidents'>['items'][number];
export type IncidentTimeline = Answer<'/api/incidents/{id}/timeline'>;
export type Situation = Answer<'/api/incidents/{id}/situation'>;
export type Receipt = Answer<'/api/alerts'>['items'][number];
export type Recipient = Answer<'/api/alert-recipients'>['items'][number];
export type RecipientImport = Answer<'/api/alert-recipients/import', 200, 'post'>;
export type Group = Answer<'/api/alert-groups'>['items'][number];
export type Schedule = NonNullable<Recipient['schedule']>;
export type Endpoint = Recipient['endpoints'][number];
export type Rule = Answer<'/api/alert-rules'>['items'][number];
export type Preview = Answer<'/api/alert-rules/preview'>;
export type Gap = Answer<'/api/alert-rules/gaps'>['items'][number];
export type Connection = Answer<'/api/alert-connections'>['items'][number];
export type TestOutcome = Answer<'/api/alert-connections/{id}/test', 200, 'post'>;
export type Drill = Answer<'/api/drills'>['items'][number];
export type DrillView = Answer<'/api/drills/{id}'>;
export type DrillPlan = Answer<'/api/drills', 200, 'post'>;
export type TemplateItem = Answer<'/api/alert-templates'>['items'][number];
export type TemplateView = Answer<'/api/alert-templates/{trigger}/{channel}/{language}'>;
export type TemplateVersion = Answer<'/api/alert-templates/{trigger}/{channel}/{language}/versions'>['items'][number];
export type TemplatePreview = Answer<'/api/alert-templates/preview', 200, 'post'>;
export type AlertSettings = Answer<'/api/alert-settings'>;

export type Severity = Incident['severity'];
export type Trigger = Rule['triggers'][number];
export type Channel = Receipt['channel'];
