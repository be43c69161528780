import type { CivicAddress } from '../../domain/civic-address.ts';

/** USPS Publication 28, appendix C1: the abbreviations in common use. */
const STREET_SUFFIXES: Readonly<Record<string, string>> = {
  ALY: 'Alley',
  AVE: 'Avenue',
  BLVD: 'Boulevard',
  BND: 'Bend',
  BR: 'Branch',
  BRG: 'Bridge',
  BYP: 'Bypass',
  CIR: 'Circle',
  CRES: 'Crescent',
  CRK: 'Creek',
  CT: 'Court',
  CTR: 'Center',
  CV: 'Cove',
  CSWY: 'Causeway',
  DR: 'Drive',
  EXPY: 'Expressway',
  EXT: 'Extension',
  FWY: 'Freeway',
  GDNS: 'Gardens',
  GRN: 'Green',
  GRV: 'Grove',
  HL: 'Hill',
  HTS: 'Heights',
  HWY: 'Highway',
  JCT: 'Junction',
  LN: 'Lane',
  LNDG: 'Landing',
  MNR: 'Manor',
  MTN: 'Mountain',
  PKWY: 'Parkway',
  PL: 'Place',
  PLZ: 'Plaza',
  PT: 'Point',
  RD: 'Road',
  RDG: 'Ridge',
  RTE: 'Route',
  SQ: 'Square',
  ST: 'Street',
  TER: 'Terrace',
  TPKE: 'Turnpike',
  TRL: 'Trail',
  VLG: 'Village',
  VW: 'View',
  XING: 'Crossing',
};

const DIRECTIONS: Readonly<Record<string, string>> = {
  N: 'North',
  S: 'South',
  E: 'East',
  W: 'West',
  NE: 'Northeast',
  NW: 'Northwest',
  SE: 'Southeast',
  SW: 'Southwest',
};

const FRACTIONS: Readonly<Record<string, string>> = {
  '½': 'and a half',
  '1/2': 'and a half',
  '¼': 'and a quarter',
  '1/4': 'and a quarter',
  '¾': 'and three quarters',
  '3/4': 'and three quarters',
  '⅓': 'and a third',
  '1/3': 'and a third',
  '⅔': 'and two thirds',
  '2/3': 'and two thirds',
};

/** States, territories and provinces, by country. */
const REGIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  US: {
    AL: 'Alabama',
    AK: 'Alaska',
    AZ: 'Arizona',
    AR: 'Arkansas',
    CA: 'California',
    CO: 'Colorado',
    CT: 'Connecticut',
    DE: 'Delaware',
    DC: 'District of Columbia',
    FL: 'Florida',
    GA: 'Georgia',
    HI: 'Hawaii',
    ID: 'Idaho',
    IL: 'Illinois',
    IN: 'Indiana',
    IA: 'Iowa',
    KS: 'Kansas',
    KY: 'Kentucky',
    LA: 'Louisiana',
    ME: 'Maine',
    MD: 'Maryland',
    MA: 'Massachusetts',
    MI: 'Michigan',
    MN: 'Minnesota',
    MS: 'Mississippi',
    MO: 'Missouri',
    MT: 'Montana',
    NE: 'Nebraska',
    NV: 'Nevada',
    NH: 'New Hampshire',
    NJ: 'New Jersey',
    NM: 'New Mexico',
    NY: 'New York',
    NC: 'North Carolina',
    ND: 'North Dakota',
    OH: 'Ohio',
    OK: 'Oklahoma',
    OR: 'Oregon',
    PA: 'Pennsylvania',
    RI: 'Rhode Island',
    SC: 'South Carolina',
    SD: 'South Dakota',
    TN: 'Tennessee',
    TX: 'Texas',
    UT: 'Utah',
    VT: 'Vermont',
    VA: 'Virginia',
    WA: 'Washington',
    WV: 'West Virginia',
    WI: 'Wisconsin',
    WY: 'Wyoming',
    AS: 'American Samoa',
    GU: 'Guam',
    MP: 'Northern Mariana Islands',
    PR: 'Puerto Rico',
    VI: 'U.S. Virgin Islands',
  },
  CA: {
    AB: 'Alberta',
    BC: 'British Columbia',
    MB: 'Manitoba',
    NB: 'New Brunswick',
    NL: 'Newfoundland and Labrador',
    NS: 'Nova Scotia',
    NT: 'Northwest Territories',
    NU: 'Nunavut',
    ON: 'Ontario',
    PE: 'Prince Edward Island',
    QC: 'Quebec',
    SK: 'Saskatchewan',
    YT: 'Yukon',
  },
};

const MAX_FIELD_LENGTH = 80;
const MAX_SPELLED_LENGTH = 32;

/** Letters and digits one by one: `12B` -> `1 2 B`. A synthesizer otherwise says "twelve" or swallows the letter. */
export function spellOut(text: string): string {
  const spoken = text
    .slice(0, MAX_SPELLED_LENGTH)
    .toUpperCase()
    .replace(/[-–—]/g, ' dash ')
    .replace(/\//g, ' slash ')
    .replace(/#/g, '')
    .split(/\s+/)
    .map((word) => (/^(?:dash|slash)$/i.test(word) ? word.toLowerCase() : Array.from(word).join(' ')))
    .join(' ');
  return plain(spoken, 2 * spoken.length);
}

/** A number as callers know it: `+12145550123` -> `2 1 4, 5 5 5, 0 1 2 3`; others digit by digit after `plus`. */
export function speakNumber(number: string): string {
  const northAmerican = /^\+?1?([2-9]\d\d)(\d{3})(\d{4})$/.exec(number);
  if (northAmerican) return northAmerican.slice(1).map(spellOut).join(', ');
  const digits = number.replace(/[^\d]/g, '').slice(0, 32);
  return `${number.startsWith('+') ? 'plus ' : ''}${spellOut(digits)}`;
}

/** The address in the order in which a caller would say it, outermost last: street, floor, room, city, state, ZIP. */
export function speakAddress(address: CivicAddress): string {
  const country = address.country?.toUpperCase() ?? 'US';
  const region = address.A1 && (REGIONS[country]?.[address.A1.toUpperCase()] ?? plain(address.A1));
  const canada = country === 'CA' && 'Canada';
  const parts = [
    address.NAM && plain(address.NAM),
    speakStreet(address),
    address.LMK && `near ${plain(address.LMK)}`,
    address.BLD && labelled('building', address.BLD),
    address.FLR && labelled('floor', address.FLR),
    address.UNIT && labelled('unit', address.UNIT),
    address.ROOM && labelled('room', address.ROOM),
    address.SEAT && labelled('seat', address.SEAT),
    address.LOC && plain(address.LOC),
    address.A3 && plain(address.A3),
    region,
    address.PC && `${canada ? 'postal code' : 'ZIP code'} ${spellOut(address.PC)}`,
    canada,
  ];
  return parts.filter((part) => part).join(', ');
}

function speakStreet(address: CivicAddress): string {
  const { HNP, HNO, HNS, PRM, PRD, STP, RD, STS, POD, POM, RDSEC, RDBR, RDSUBBR, MP } = address;
  const words = [
    HNP && spellOut(HNP),
    HNO && speakHouseNumber(HNO),
    HNS && speakHouseNumber(HNS),
    PRM && plain(PRM),
    PRD && speakDirection(PRD),
    STP && plain(STP),
    RD && speakRoad(RD, STS === undefined),
    STS && speakSuffix(STS),
    POD && speakDirection(POD),
    POM && plain(POM),
    RDSEC && `section ${plain(RDSEC)}`,
    RDBR && `branch ${plain(RDBR)}`,
    RDSUBBR && plain(RDSUBBR),
    MP && `mile post ${plain(MP)}`,
  ];
  return words.filter((word) => word).join(' ');
}

function speakHouseNumber(text: string): string {
  const fraction = /^(.*?)[ -]*(½|¼|¾|⅓|⅔|\b[123]\/[234])$/.exec(text.trim());
  const spoken = fraction?.[2] && FRACTIONS[fraction[2]];
  if (!spoken) return spellOut(text);
  return `${spellOut(fraction[1] ?? '')} ${spoken}`.trim();
}

function speakDirection(text: string): string {
  return DIRECTIONS[abbreviation(text)] ?? plain(text);
}

function speakSuffix(text: string): string {
  return STREET_SUFFIXES[abbreviation(text)] ?? plain(text);
}

/** `RD` may hold the whole street as it was typed; `St` is Saint in front and Street at the end. */
function speakRoad(text: string, mayEndInSuffix: boolean): string {
  const words = plain(text).split(' ');
  return words
    .map((word, index) => {
      const last = index === words.length - 1;
      const key = abbreviation(word);
      if (key === 'ST' && !(last && index > 0)) return 'Saint';
      if (index === 0 || !mayEndInSuffix) return word;
      const beforeDirection = index === words.length - 2 && DIRECTIONS[abbreviation(words.at(-1) ?? '')] !== undefined;
      if (last && DIRECTIONS[key]) return DIRECTIONS[key];
      return (last || beforeDirection) && STREET_SUFFIXES[key] ? STREET_SUFFIXES[key] : word;
    })
    .join(' ');
}

function abbreviation(text: string): string {
  return text.replace(/[.\s]/g, '').toUpperCase();
}

/** `Floor 3` and `3` both become `floor 3`; what is no plain small number is spelled. */
function labelled(label: string, text: string): string {
  // `Conference Room` says already what it is.
  if (new RegExp(`\\w\\W+${label}$`, 'i').test(text.trim())) return plain(text);
  const value = text.replace(new RegExp(`^\\s*${label}\\b\\s*`, 'i'), '').trim() || text;
  if (/^[1-9]\d?$/.test(value) || /^\d{1,2}(?:st|nd|rd|th)$/i.test(value)) return `${label} ${value}`;
  if (/^[a-z]{0,2}[\d\W_]*\d[\w\W]{0,3}$/i.test(value) || /^[a-z]{1,2}$/i.test(value)) {
    return `${label} ${plain(spellOut(value))}`;
  }
  return `${label} ${plain(value)}`;
}

/** Free text as one spoken phrase: bounded, no control characters, signs as words, nothing that would end a sentence. */
export function plain(text: string, maxLength = MAX_FIELD_LENGTH): string {
  return text
    .slice(0, maxLength)
    .normalize('NFC')
    .replace(/&/g, ' and ')
    .replace(/#/g, ' number ')
    .replace(/@/g, ' at ')
    .replace(/[^\p{L}\p{M}\p{N}' ,/-]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
