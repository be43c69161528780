import type { AlertTrigger } from '../../domain/alert-trigger.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Places } from '../../places/places.ts';
import { announceChange } from '../../storage/change-feed.ts';
import type { Queryable, Transaction } from '../../storage/database.ts';
import type { KeptRemoval } from '../../storage/kept-removals.ts';
import { createSnapshot, type Snapshot } from '../../storage/snapshot.ts';
import type { Logger } from '../../support/logger.ts';
import { nameOrder, type SortWord, sortItems } from '../../support/sort-order.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { NotificationIndex } from '../notification-snapshot.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { AlertGroup, AlertRecipient } from './alert-recipient.ts';
import { bringBackRecipient } from './bring-back-recipient.ts';
import type { ManagementDeps } from './change-recipients.ts';
import { type ContractRecipients, createContractRecipients } from './contract-recipients.ts';
import { type AlertGap, findGaps } from './find-gaps.ts';
import { createRecipientFiles, type RecipientImport } from './import-recipients.ts';
import { type DrillTarget, judgeDrill } from './judge-drill.ts';
import { type Judgement, type JudgeSources, judgeOccasion } from './judge-occasion.ts';
import { createGroupManagement, type GroupListRequest } from './manage-groups.ts';
import { createRecipientManagement, type RecipientListRequest } from './manage-recipients.ts';
import { type AlertRuleView, createRuleManagement, type RuleListRequest } from './manage-rules.ts';
import { type AlertPreview, type PreviewRequest, previewTold } from './preview-told.ts';
import type { NewGroup, NewRecipient } from './read-recipient.ts';
import type { NewRule } from './read-rule.ts';
import { type RecipientFilter, selectNamesByEndpoint } from './recipient-records.ts';
import { recipientSnapshotDefinition } from './recipient-snapshot.ts';
import { moveRulesOfBuilding } from './rule-records.ts';

export type { AlertGroup, AlertRecipient } from './alert-recipient.ts';
export type { AlertRule, AlertRulePlace, AlertStep, RulePlaceKind } from './alert-rule.ts';
export type { AlertSchedule } from './alert-schedule.ts';
export type { BuiltInSource } from './built-in-rules.ts';
export type { ContractRecipients } from './contract-recipients.ts';
export type { AlertGap } from './find-gaps.ts';
export type { GroupColumn } from './group-records.ts';
export type { RecipientImport } from './import-recipients.ts';
export type { GroupListRequest } from './manage-groups.ts';
export type { RecipientListRequest } from './manage-recipients.ts';
export type { AlertRuleView, RuleListRequest } from './manage-rules.ts';
export type { AlertPreview, PreviewRequest } from './preview-told.ts';
export type { GivenEndpoint, NewGroup, NewRecipient } from './read-recipient.ts';
export type { NewRule } from './read-rule.ts';
export type { RecipientColumn } from './recipient-records.ts';

type Force = { force?: boolean | undefined };

/** Who is told of what: recipients, their groups, and the rules that name them. */
export type AlertRecipients = {
  readonly snapshots: readonly Snapshot<unknown>[];

  // From memory: synchronous, never throw, never touch the database.
  /** Everybody who is told of an occasion, each endpoint once, earliest first. */
  whoIsTold(occasion: AlertOccasion): readonly ToldRecipient[];
  recipient(organizationId: string, id: string): AlertRecipient | undefined;
  /** Organizations with a rule that tells somebody of this. */
  organizationsTold(trigger: AlertTrigger): readonly string[];
  group(organizationId: string, id: string): AlertGroup | undefined;
  /** Whom a drill tells; undefined when there is no such rule, group or recipient. */
  judgeDrill(drill: AlertOccasion, target: DrillTarget): Judgement | undefined;
  /** Whom the notification settings, the building and the response location name. */
  contractRecipients: ContractRecipients;

  createRecipient(scope: Scope, given: NewRecipient): Promise<AlertRecipient>;
  listRecipients(scope: Scope, request: RecipientListRequest): Promise<AlertRecipient[]>;
  getRecipient(scope: Scope, id: string): Promise<AlertRecipient>;
  updateRecipient(scope: Scope, id: string, changes: Partial<NewRecipient>): Promise<AlertRecipient>;
  removeRecipient(scope: Scope, id: string, options?: Force): Promise<void>;

  importRecipients(scope: Scope, csvText: string, options?: { dryRun?: boolean | undefined }): Promise<RecipientImport>;
  exportRecipients(scope: Scope, filter?: RecipientFilter): Promise<string>;

  createGroup(scope: Scope, given: NewGroup): Promise<AlertGroup>;
  listGroups(scope: Scope, request: GroupListRequest): Promise<AlertGroup[]>;
  getGroup(scope: Scope, id: string): Promise<AlertGroup>;
  updateGroup(scope: Scope, id: string, changes: Partial<NewGroup>): Promise<AlertGroup>;
  removeGroup(scope: Scope, id: string, options?: Force): Promise<void>;

  createRule(scope: Scope, given: NewRule): Promise<AlertRuleView>;
  listRules(scope: Scope, request: RuleListRequest): Promise<AlertRuleView[]>;
  getRule(scope: Scope, id: string): Promise<AlertRuleView>;
  updateRule(scope: Scope, id: string, changes: Partial<NewRule>): Promise<AlertRuleView>;
  removeRule(scope: Scope, id: string): Promise<void>;

  /** Who would be told of what happened somewhere, and who would not. Problems: `invalid` for a place that is not there. */
  previewTold(scope: Scope, request: PreviewRequest): AlertPreview;
  /** Locations of whose emergency calls nobody would hear. */
  listGaps(
    scope: Scope,
    page: { start: number; max: number; sort?: SortWord<'name'>; text?: string | undefined },
  ): AlertGap[];

  /** Who is reached over a connection or in a browser, in words; null: nobody. Inside a transaction, pass it. */
  describeEndpointUse(
    db: Queryable,
    organizationId: string,
    part: { connectionId: string } | { subscriptionId: string },
  ): Promise<string | null>;
  /** Puts a removed recipient, group or rule back by `putBack`, in the transaction. Throws `conflict`. */
  bringBackRecipient(
    tx: Transaction,
    removal: Pick<KeptRemoval, 'organizationId' | 'kind' | 'id'>,
    putBack: () => Promise<void>,
  ): Promise<void>;
  /** Lets the rules of a building that is merged into another be that one's, in the transaction that merges them. */
  followMergedBuilding(tx: Transaction, organizationId: string, from: string, into: string): Promise<void>;
};

export type AlertRecipientsDeps = ManagementDeps & {
  places: Pick<
    Places,
    | 'getLocation'
    | 'getBuildingById'
    | 'getResponseLocation'
    | 'location'
    | 'locationsOf'
    | 'building'
    | 'responseLocation'
    | 'responseLocationsOf'
  >;
  /** The notification settings of the contract, from memory. */
  settings: () => NotificationIndex;
  /** For which triggers those whom these name are told; from memory. */
  settingsOf: JudgeSources['settingsOf'];
  /** Folder of saved snapshots; undefined = none are kept. */
  snapshotFolder: string | undefined;
  logger: Logger;
};

const MAX_NAMED = 5;

export function createAlertRecipients(deps: AlertRecipientsDeps): AlertRecipients {
  const { clock, places, settings } = deps;
  const contractRecipients = createContractRecipients({ settings, places });
  const snapshot = createSnapshot(
    { folder: deps.snapshotFolder, logger: deps.logger },
    recipientSnapshotDefinition(deps.database),
  );
  const bookOf = (organizationId: string) => snapshot.current().get(organizationId);
  const recipient = (organizationId: string, id: string) => bookOf(organizationId)?.recipients.get(id);
  const sourcesOf = (organizationId: string): JudgeSources => ({
    book: bookOf(organizationId),
    contractRecipients,
    settingsOf: deps.settingsOf,
    places,
  });
  const judge = (occasion: AlertOccasion) => judgeOccasion(sourcesOf(occasion.organizationId), occasion);
  return {
    snapshots: [snapshot],
    whoIsTold: (occasion) => judge(occasion).told,
    recipient,
    organizationsTold: (trigger) =>
      [...snapshot.current()].flatMap(([organizationId, { rules }]) =>
        rules.some(({ isEnabled, triggers }) => isEnabled && triggers.includes(trigger)) ? [organizationId] : [],
      ),
    group: (organizationId, id) => bookOf(organizationId)?.groups.get(id),
    judgeDrill: (drill, target) => judgeDrill(sourcesOf(drill.organizationId), drill, target),
    contractRecipients,
    ...createRecipientManagement(deps),
    ...createRecipientFiles(deps),
    ...createGroupManagement(deps),
    ...createRuleManagement({ ...deps, builtIn: { settings, settingsOf: deps.settingsOf, places } }),
    previewTold({ organizationId }, request) {
      requirePlace(places, organizationId, request);
      const recipientName = (owner: string, id: string) => recipient(owner, id)?.name ?? null;
      return previewTold({ judge, recipientName, nowMs: () => clock.nowMs() }, organizationId, request);
    },
    listGaps({ organizationId }, { start, max, sort, text = '' }) {
      const sources = { book: bookOf(organizationId), settings: settings(), contractRecipients, places };
      const part = nameOrder(text);
      const isMeant = ({ name }: AlertGap): boolean => nameOrder(name).includes(part);
      if (sort !== undefined) {
        const all = [...findGaps(sources, organizationId)].filter(isMeant);
        return sortItems(all, sort, { name: ({ name }) => nameOrder(name) }).slice(start, start + max);
      }
      const gaps: AlertGap[] = [];
      let passing = start;
      for (const gap of findGaps(sources, organizationId)) {
        if (gaps.length === max) break;
        if (!isMeant(gap)) continue;
        if (passing > 0) passing -= 1;
        else gaps.push(gap);
      }
      return gaps;
    },
    async describeEndpointUse(db, organizationId, part) {
      const names = await selectNamesByEndpoint(db, organizationId, part, MAX_NAMED + 1);
      if (names.length === 0) return null;
      const listed = names.slice(0, MAX_NAMED).map((name) => `"${name}"`);
      return `${listed.length === 1 ? 'recipient' : 'recipients'} ${listed.join(', ')}${names.length > MAX_NAMED ? ' and more' : ''}`;
    },
    bringBackRecipient,
    async followMergedBuilding(tx, organizationId, from, into) {
      if (await moveRulesOfBuilding(tx, organizationId, from, into)) {
        await announceChange(tx, 'alert-recipients', organizationId);
      }
    },
  };
}

/** What would be asked of a place that is not there would be answered with whom the organization tells of an unknown one. */
function requirePlace(
  places: Pick<Places, 'location' | 'responseLocation'>,
  organizationId: string,
  { locationId, responseLocationId }: PreviewRequest,
): void {
  const fields = [];
  if (locationId !== undefined && !places.location(organizationId, locationId)) {
    fields.push({ path: 'locationId', message: `there is no location ${locationId}` });
  }
  if (responseLocationId !== undefined && !places.responseLocation(organizationId, responseLocationId)) {
    fields.push({ path: 'responseLocationId', message: `there is no response location ${responseLocationId}` });
  }
  const [first] = fields;
  if (first) throw new ProblemError('invalid', `${first.path}: ${first.message}`, { fields });
}
