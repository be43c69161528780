/** Namespace names of PIDF-LO and the shapes in it. */
export const PIDF = 'urn:ietf:params:xml:ns:pidf';
export const DATA_MODEL = 'urn:ietf:params:xml:ns:pidf:data-model';
export const GEOPRIV = 'urn:ietf:params:xml:ns:pidf:geopriv10';
export const BASIC_POLICY = 'urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy';
/** RFC 7105 §4.4. */
export const SOURCE = 'urn:ietf:params:xml:ns:pidf:geopriv10:lmsrc';
export const CIVIC = 'urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr';
export const CIVIC_EXTENSION = 'urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr:ext';
/** RFC 4119, before RFC 5139 replaced it. */
export const CIVIC_OLD = 'urn:ietf:params:xml:ns:pidf:geopriv10:civicLoc';
export const CONFIDENCE = 'urn:ietf:params:xml:ns:geopriv:conf';
export const GML = 'http://www.opengis.net/gml';
export const SHAPES = 'http://www.opengis.net/pidflo/1.0';
