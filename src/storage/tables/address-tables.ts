import type { ColumnType, JSONColumnType } from 'kysely';

export interface AddressTables {
  /** Versions of address layers, platform-wide; an import makes one. */
  addressLayerVersions: {
    id: string;
    layer: string;
    /** `reading`, `checked`, `applying`, `active` (one for a layer), `former`, `failed`. */
    state: string;
    fileName: string;
    /** A token. */
    startedBy: string;
    percent: number;
    report: ColumnType<unknown, string | null, string | null>;
    problem: ColumnType<unknown, string | null, string | null>;
    createdAt: Date;
    updatedAt: Date;
    activatedAt: Date | null;
  };
  /** A version's block and its digest, compressed piece by piece. */
  addressLayerPieces: {
    versionId: string;
    /** `block`, `digest`. */
    part: string;
    /** From 0. */
    number: number;
    bytes: Uint8Array;
  };
  /** Addresses that an administrator says are right although the data do not have them. */
  addressOverrides: {
    organizationId: string;
    id: string;
    /** The address folded for comparison. */
    addressKey: string;
    address: JSONColumnType<object>;
    reason: string;
    /** A token. */
    madeBy: string;
    madeAt: Date;
  };
  /** Looking at every stored address again, for all organizations. */
  addressReviews: {
    id: string;
    /** `running`, `done`, `failed`. */
    state: string;
    reason: string;
    checked: number;
    total: number;
    flipped: number;
    problem: string | null;
    startedAt: Date;
    updatedAt: Date;
  };
  /** How every stored address stood when it was last looked at. */
  addressStatuses: {
    organizationId: string;
    /** `location`, `building`, `response-location`, `location-emergency-address`, `number-emergency-address`, `device`. */
    kind: string;
    subjectId: string;
    address: JSONColumnType<object>;
    /** A level, `override` or `none`. */
    status: string;
    /** What it was before it last changed. */
    previousStatus: string | null;
    detail: JSONColumnType<object>;
    reviewId: string;
    checkedAt: Date;
    flippedAt: Date | null;
  };
}
