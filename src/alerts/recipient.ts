/** Somebody who is told of a call, and why. */
export type Recipient = {
  address: string;
  reasons: readonly RecipientReason[];
};

/**
 * Why an address is told.
 *
 * - `building-alerts`: the building's alert address (contract section 4).
 * - `response-location`: the alert addresses of the emergency response location.
 * - `location-setting`: the location's own emergency call notification.
 * - `organization-all-locations`: the organization asked for the calls of all locations.
 * - `organization-fallback`: the organization's address, because nobody else would be told.
 * - `any-building-fallback`: a building's alert address, because the site is not known and nobody else would be told.
 */
export type RecipientReason =
  | 'building-alerts'
  | 'response-location'
  | 'location-setting'
  | 'organization-all-locations'
  | 'organization-fallback'
  | 'any-building-fallback';

/** The sentence that stands for a reason in receipts and mails. */
export const REASON_TEXTS: Readonly<Record<RecipientReason, string>> = {
  'building-alerts': 'alert address of the building',
  'response-location': 'alert address of the emergency response location',
  'location-setting': 'emergency call notification of the location',
  'organization-all-locations': 'emergency call notification of the organization for all locations',
  'organization-fallback': 'emergency call notification of the organization, as nobody else would be told',
  'any-building-fallback': 'alert address of one of the buildings, as the site of the call is not known',
};
