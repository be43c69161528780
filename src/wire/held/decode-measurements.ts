import type { Notes } from '../pidf-lo/pidf-lo.ts';
import { type ElementReader, readBoolean, readNumber, tokenReader, type XmlElement } from '../xml/xml.ts';
import { readHardwareAddress } from './hardware-address.ts';
import type { DhcpMeasurement, LldpIdentifier, LldpMeasurement, WifiMeasurement } from './held-messages.ts';
import { readIpAddress } from './ip-text.ts';
import { readLldpIdentifier } from './lldp-identifier.ts';
import { DHCP, LLDP, WIFI } from './namespaces.ts';

/** Where measurements are gathered; the order in each list is that of the document. */
export type GatheredMeasurements = {
  lldp: LldpMeasurement[];
  wifi: WifiMeasurement[];
  dhcp: DhcpMeasurement[];
};

/** Reads `measurements` (RFC 7105 §4): LLDP, Wi-Fi and DHCP; other kinds leave a note. */
export function measurementsReader(gathered: GatheredMeasurements, notes: Notes): ElementReader {
  return {
    child: (element) => {
      if (element.uri === LLDP && element.local === 'lldp') return lldpReader(gathered.lldp, notes);
      if (element.uri === WIFI && element.local === 'wifi') return wifiReader(gathered.wifi, notes);
      if (element.uri === DHCP && element.local === 'dhcp-rai') return dhcpReader(gathered.dhcp, notes);
      notes.add(`measurements: {${element.uri}}${element.local} passed over`);
      return undefined;
    },
  };
}

/** RFC 7105 §5.1. A chassis without port still tells the switch. */
function lldpReader(found: LldpMeasurement[], notes: Notes): ElementReader {
  let chassis: LldpIdentifier | undefined;
  let port: LldpIdentifier | undefined;
  return {
    child: (element) => {
      const { local } = element;
      if (local !== 'chassis' && local !== 'port') return undefined;
      const subtype = Number(element.attribute('type'));
      return tokenReader((text) => {
        if (text === '' || text.length > 510 || !(subtype >= 0 && subtype <= 255)) {
          notes.add(`lldp: unreadable ${local} of type ${element.attribute('type')}: ${text}`);
        } else if (local === 'chassis') {
          chassis = readLldpIdentifier(local, subtype, text);
        } else {
          port = readLldpIdentifier(local, subtype, text);
        }
      });
    },
    end: () => {
      if (chassis === undefined) notes.add('lldp: no chassis, passed over');
      else found.push(port === undefined ? { chassis } : { chassis, port });
    },
  };
}

/** RFC 7105 §5.3. `wap` and `rssi` are the names of its drafts, which devices still use. */
function wifiReader(found: WifiMeasurement[], notes: Notes): ElementReader {
  return {
    child: (element) =>
      element.local === 'ap' || element.local === 'wap' ? accessPointReader(element, found, notes) : undefined,
  };
}

function accessPointReader(accessPoint: XmlElement, found: WifiMeasurement[], notes: Notes): ElementReader {
  let bssid: string | undefined;
  const rest: Omit<WifiMeasurement, 'bssid' | 'serving'> = {};
  const signal = (element: XmlElement): ElementReader =>
    tokenReader((text) => {
      const value = readNumber(text);
      if (value !== undefined && readBoolean(element.attribute('dBm')) !== false) rest.signalDbm = value;
    });
  return {
    child: (element) => {
      switch (element.local) {
        case 'bssid':
          return tokenReader((text) => {
            bssid = readHardwareAddress(text);
            if (bssid === undefined) notes.add(`wifi: unreadable bssid ${text}`);
          });
        case 'ssid':
          return tokenReader((text) => {
            if (text !== '') rest.ssid = text;
          });
        case 'channel':
          return tokenReader((text) => {
            const channel = readNumber(text);
            if (channel !== undefined && Number.isInteger(channel) && channel >= 0) rest.channel = channel;
          });
        case 'rssi':
          return signal(element);
        case 'apSignal':
          return {
            child: (inner) => (inner.local === 'rcpi' || inner.local === 'rssi' ? signal(inner) : undefined),
          };
        default:
          return undefined;
      }
    },
    end: () => {
      if (bssid === undefined) notes.add('wifi: access point without bssid passed over');
      else found.push({ bssid, serving: readBoolean(accessPoint.attribute('serving')) === true, ...rest });
    },
  };
}

const HEX = /^(?:[0-9a-f]{2})*$/;

/** RFC 7105 §5.2. */
function dhcpReader(found: DhcpMeasurement[], notes: Notes): ElementReader {
  let giaddr: string | undefined;
  const rest: Omit<DhcpMeasurement, 'giaddr'> = {};
  return {
    child: (element) => {
      const { local } = element;
      switch (local) {
        case 'giaddr':
          return tokenReader((text) => {
            giaddr = readIpAddress(text)?.address;
            if (giaddr === undefined) notes.add(`dhcp-rai: unreadable giaddr ${text}`);
          });
        case 'circuit':
        case 'remote':
        case 'subscriber':
          return tokenReader((text) => {
            const value = text.toLowerCase();
            if (!HEX.test(value)) {
              notes.add(`dhcp-rai: ${local} is not hexadecimal: ${text}`);
              return;
            }
            rest[local] = value;
            const enterprise = readNumber(element.attribute('enterprise'));
            if (local === 'remote' && enterprise !== undefined) rest.remoteEnterprise = enterprise;
          });
        default:
          return undefined;
      }
    },
    end: () => {
      if (giaddr === undefined) notes.add('dhcp-rai: no giaddr, passed over');
      else found.push({ giaddr, ...rest });
    },
  };
}
