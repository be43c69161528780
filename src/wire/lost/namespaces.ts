/** Namespace name of LoST. */
export const LOST = 'urn:ietf:params:xml:ns:lost1';

/** The service list boundary extension (RFC 6197 §4). */
export const SERVICE_LIST_BOUNDARY = 'urn:ietf:params:xml:ns:lost1:slb';

/** Call and incident ids that NENA i3 adds to queries. */
export const CALL_INCIDENT = 'urn:emergency:xml:ns:lostExt:Ids';

/** Complete and similar locations beside a validation (draft-ietf-ecrit-similar-location, used by NENA i3). */
export const RETURNED_LOCATION = 'urn:ietf:params:xml:ns:lost-rli1';
