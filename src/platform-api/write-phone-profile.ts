import { escapeText } from '../wire/xml/xml.ts';

export type PhoneProfile = {
  /** The phone's line that the settings are for, counted from 1. */
  line: number;
  companyId: string;
  /** Where the phone asks first, and where when that does not answer. */
  primaryUrl: string;
  secondaryUrl: string | undefined;
  /** What makes a call an emergency call: digits. */
  emergencyNumbers: readonly string[];
};

/**
 * The part of a multiplatform phone's profile (`cfg.xml`) that makes it ask for its location by HELD: the fields "Emergency
 * Number" of the section Dial Plan and "Company UUID", "Primary Request URL", "Secondary Request URL" of the section E911
 * Geolocation Configuration, as their maker's administration guides name them, each for one line.
 */
export function writePhoneProfile(profile: PhoneProfile): string {
  const parameters: [name: string, value: string | undefined][] = [
    ['Emergency_Number', profile.emergencyNumbers.join(',')],
    ['Company_UUID', profile.companyId],
    ['Primary_Request_URL', profile.primaryUrl],
    ['Secondary_Request_URL', profile.secondaryUrl],
  ];
  const lines = parameters
    .filter((parameter): parameter is [string, string] => parameter[1] !== undefined)
    .map(([name, value]) => `  <${name}_${profile.line}_ ua="na">${escapeText(value)}</${name}_${profile.line}_>`);
  return `<flat-profile>\n${lines.join('\n')}\n</flat-profile>\n`;
}
