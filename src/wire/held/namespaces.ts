/** Namespace names of HELD and its extensions. */
export const HELD = 'urn:ietf:params:xml:ns:geopriv:held';
export const DEVICE_IDENTITY = 'urn:ietf:params:xml:ns:geopriv:held:id';
export const MEASUREMENTS = 'urn:ietf:params:xml:ns:geopriv:lm';
export const LLDP = 'urn:ietf:params:xml:ns:geopriv:lm:lldp';
export const WIFI = 'urn:ietf:params:xml:ns:geopriv:lm:wifi';
export const DHCP = 'urn:ietf:params:xml:ns:geopriv:lm:dhcp';
