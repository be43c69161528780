/** Namespace name of LoST. */
export const LOST = 'urn:ietf:params:xml:ns:lost1';
