import type { AccountsTables } from './tables/accounts-tables.ts';
import type { AddressTables } from './tables/address-tables.ts';
import type { AlertConnectionTables } from './tables/alert-connection-tables.ts';
import type { AlertRecipientsTables } from './tables/alert-recipients-tables.ts';
import type { AlertTemplateTables } from './tables/alert-template-tables.ts';
import type { AlertsTables } from './tables/alerts-tables.ts';
import type { AuditTables } from './tables/audit-tables.ts';
import type { CallsTables } from './tables/calls-tables.ts';
import type { ComplianceTables } from './tables/compliance-tables.ts';
import type { DeviceTables } from './tables/device-tables.ts';
import type { IncidentTables } from './tables/incident-tables.ts';
import type { LocationTables } from './tables/location-tables.ts';
import type { MembersTables } from './tables/members-tables.ts';
import type { OccasionsTables } from './tables/occasions-tables.ts';
import type { PlacesTables } from './tables/places-tables.ts';
import type { PushTables } from './tables/push-tables.ts';
import type { RoutingTables } from './tables/routing-tables.ts';
import type { StorageTables } from './tables/storage-tables.ts';

/** Every table, for both engines. A room's tables stand in `tables/<room>-tables.ts`. */
export interface Schema
  extends StorageTables,
    AuditTables,
    AccountsTables,
    AddressTables,
    AlertsTables,
    AlertConnectionTables,
    AlertRecipientsTables,
    AlertTemplateTables,
    CallsTables,
    ComplianceTables,
    IncidentTables,
    MembersTables,
    OccasionsTables,
    PlacesTables,
    PushTables,
    RoutingTables,
    LocationTables,
    DeviceTables {}
