import type { CivicAddress } from '../../domain/civic-address.ts';
import { ADDRESS_WORDS_EN } from './address-words.en.ts';
import { ADDRESS_WORDS_FR } from './address-words.fr.ts';

/** A language of the announcement. English is written for a voice, digit by digit; French for a reader. */
export type Language = 'en' | 'fr';

const MAX_FIELD_LENGTH = 80;
const MAX_SPELLED_LENGTH = 32;
const FRACTION_AT_END = /^(.*?)[ -]*(½|¼|¾|⅓|⅔|\b[123]\/[234])$/;
const ORDINAL = /^\d{1,3}(?:st|nd|rd|th)$/i;
const FRENCH_ORDINAL = /^(\d{1,3})(?:re|er|e|[èi]?[èe]me)$/i;
const NORTH_AMERICAN = /^\+?1?([2-9]\d\d)(\d{3})(\d{4})$/;
/** A road whose name already holds its French type: `rue Sherbrooke`, `boul. Saint-Laurent`. */
const FRENCH_TYPE_FIRST = new Set([
  'RUE',
  'AV',
  'BOUL',
  'CH',
  'CHEMIN',
  'RANG',
  'MONTEE',
  'MONTÉE',
  'COTE',
  'CÔTE',
  'RTE',
]);

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

/** A number as callers know it: `+12145550123` -> `2 1 4, 5 5 5, 0 1 2 3`, in French `214 555-0123`; others digit by digit after `plus`. */
export function speakNumber(number: string, language: Language = 'en'): string {
  const groups = NORTH_AMERICAN.exec(number)?.slice(1);
  const digits = number.replace(/[^\d]/g, '').slice(0, 32);
  if (language === 'fr') {
    if (groups) return `${groups[0]} ${groups[1]}-${groups[2]}`;
    return `${number.startsWith('+') ? '+' : ''}${digits}`;
  }
  if (groups) return groups.map(spellOut).join(', ');
  return `${number.startsWith('+') ? 'plus ' : ''}${spellOut(digits)}`;
}

/** Degrees as they are said: `-97.7431` -> `minus 9 7 point 7 4 3 1`. */
export function speakDegrees(degrees: number, language: Language = 'en'): string {
  const text = degrees.toFixed(4);
  if (language === 'fr') return text.replace('.', ',');
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  return `${degrees < 0 ? 'minus ' : ''}${spellOut(whole)} point ${spellOut(fraction)}`;
}

/** The address in the order in which a caller would say it, outermost last: street, floor, room, city, state, ZIP. */
export function speakAddress(address: CivicAddress, language: Language = 'en'): string {
  const words = language === 'fr' ? ADDRESS_WORDS_FR : ADDRESS_WORDS_EN;
  const country = address.country?.toUpperCase() ?? 'US';
  const code = address.A1?.toUpperCase() ?? '';
  const region =
    address.A1 && (words.regions[country]?.[code] ?? ADDRESS_WORDS_EN.regions[country]?.[code] ?? plain(address.A1));
  const isCanada = country === 'CA';
  const inside = language === 'fr' ? labelledInFrench : labelled;
  const parts = [
    address.NAM && plain(address.NAM),
    language === 'fr' ? frenchStreet(address) : englishStreet(address),
    address.LMK && `${words.near} ${plain(address.LMK)}`,
    address.BLD && inside(words.building, address.BLD),
    address.FLR && inside(words.floor, address.FLR),
    address.UNIT && inside(words.unit, address.UNIT),
    address.ROOM && inside(words.room, address.ROOM),
    address.SEAT && inside(words.seat, address.SEAT),
    address.LOC && plain(address.LOC),
    address.A3 && plain(address.A3),
    region,
    address.PC &&
      `${isCanada ? words.postalCode : words.zipCode} ${language === 'fr' ? plain(address.PC).toUpperCase() : spellOut(address.PC)}`,
    isCanada && words.canada,
  ];
  return parts.filter((part) => part).join(', ');
}

function englishStreet(address: CivicAddress): string {
  const { HNP, HNO, HNS, PRM, PRD, STP, RD, STS, POD, POM, RDSEC, RDBR, RDSUBBR, MP } = address;
  const words = [
    HNP && spellOut(HNP),
    HNO && speakHouseNumber(HNO),
    HNS && speakHouseNumber(HNS),
    PRM && plain(PRM),
    PRD && direction(PRD),
    STP && streetType(STP),
    RD && speakRoad(RD, STS === undefined),
    STS && streetType(STS),
    POD && direction(POD),
    POM && plain(POM),
    RDSEC && `section ${plain(RDSEC)}`,
    RDBR && `branch ${plain(RDBR)}`,
    RDSUBBR && plain(RDSUBBR),
    MP && `mile post ${plain(MP)}`,
  ];
  return words.filter((word) => word).join(' ');
}

/** `123 et demi, rue Sherbrooke Ouest`; an ordinal keeps its type behind it (`5e Avenue`), an English street its order. */
function frenchStreet(address: CivicAddress): string {
  const { HNP, HNO, HNS, PRM, RDSEC, RDBR, RDSUBBR, MP } = address;
  const words = ADDRESS_WORDS_FR;
  const number = [HNP && plain(HNP), HNO && frenchHouseNumber(HNO), HNS && frenchHouseNumber(HNS)];
  const street = [
    PRM && plain(PRM),
    ...frenchWay(address),
    RDSEC && `${words.section} ${plain(RDSEC)}`,
    RDBR && `${words.branch} ${plain(RDBR)}`,
    RDSUBBR && plain(RDSUBBR),
    MP && `${words.milePost} ${plain(MP)}`,
  ];
  const parts = [number, street].map((list) => list.filter((word) => word).join(' '));
  return parts.filter((part) => part !== '').join(', ');
}

function frenchWay({ PRD, STP, RD, STS, POD, POM }: CivicAddress): (string | undefined)[] {
  const typeText = STP ?? STS;
  const type = typeText === undefined ? undefined : ADDRESS_WORDS_FR.streetTypes[abbreviation(typeText)];
  const name = RD === undefined ? undefined : frenchRoad(RD);
  if (typeText !== undefined && type === undefined) {
    return [PRD, STP, RD, STS, POD, POM].map((word) => word && plain(word));
  }
  const isOrdinal = name !== undefined && FRENCH_ORDINAL.test(name);
  const directions = [PRD, POD].map((word) => word && (ADDRESS_WORDS_FR.directions[abbreviation(word)] ?? plain(word)));
  return [...(isOrdinal ? [name, type && capitalized(type)] : [type, name]), ...directions, POM && plain(POM)];
}

/** `RD` may hold the whole street as it was typed: `boul. St-Laurent O`. */
function frenchRoad(text: string): string {
  const words = plain(text).split(' ');
  return words
    .map((word, index) => {
      const key = abbreviation(word);
      const last = index === words.length - 1 && index > 0;
      if (index === 0 && words.length > 1 && FRENCH_TYPE_FIRST.has(key))
        return ADDRESS_WORDS_FR.streetTypes[key] ?? word;
      if (last && /^[NSEOW]$|^[NS][EOW]$/.test(key)) return ADDRESS_WORDS_FR.directions[key] ?? word;
      return word.replace(/^ste-/i, 'Sainte-').replace(/^st-/i, 'Saint-');
    })
    .join(' ');
}

function frenchHouseNumber(text: string): string {
  const found = readFraction(text);
  const fraction = found?.[2] && ADDRESS_WORDS_FR.fractions[found[2]];
  return fraction ? `${plain(found?.[1] ?? '')} ${fraction}`.trim() : plain(text);
}

function labelledInFrench(label: string, text: string): string {
  const value = plain(text).replace(new RegExp(`^${label}\\s+`, 'i'), '');
  const ordinal = FRENCH_ORDINAL.exec(value) ?? /^(\d{1,3})(?:st|nd|rd|th)$/i.exec(value);
  if (ordinal?.[1] !== undefined) return `${ordinal[1]}${ordinal[1] === '1' ? 'er' : 'e'} ${label}`;
  return value.toLowerCase().startsWith(label) ? value : `${label} ${value}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Cut before it is looked at: the search takes time with the square of the length. */
function readFraction(text: string): RegExpExecArray | null {
  return FRACTION_AT_END.exec(text.slice(0, MAX_FIELD_LENGTH).trim());
}

function speakHouseNumber(text: string): string {
  const found = readFraction(text);
  const spoken = found?.[2] && ADDRESS_WORDS_EN.fractions[found[2]];
  if (!spoken) return spellOut(text);
  return `${spellOut(found?.[1] ?? '')} ${spoken}`.trim();
}

function direction(text: string): string {
  return ADDRESS_WORDS_EN.directions[abbreviation(text)] ?? plain(text);
}

function streetType(text: string): string {
  return ADDRESS_WORDS_EN.streetTypes[abbreviation(text)] ?? plain(text);
}

/** `RD` may hold the whole street as it was typed; `St` is Saint in front and Street at the end. */
function speakRoad(text: string, mayEndInSuffix: boolean): string {
  const { directions, streetTypes } = ADDRESS_WORDS_EN;
  const words = plain(text).split(' ');
  return words
    .map((word, index) => {
      const last = index === words.length - 1;
      const key = abbreviation(word);
      if (key === 'ST' && !(last && index > 0)) return 'Saint';
      if (index === 0 || !mayEndInSuffix) return word;
      const beforeDirection = index === words.length - 2 && directions[abbreviation(words.at(-1) ?? '')] !== undefined;
      if (last && directions[key]) return directions[key];
      return (last || beforeDirection) && streetTypes[key] ? streetTypes[key] : word;
    })
    .join(' ');
}

function abbreviation(text: string): string {
  return text.replace(/[.\s]/g, '').toUpperCase();
}

/** `Floor 3` and `3` both become `floor 3`, `12th` becomes `12th floor`; what is no plain small number is spelled. */
function labelled(label: string, text: string): string {
  // `Conference Room` says already what it is.
  if (new RegExp(`\\w\\W+${label}$`, 'i').test(text.trim())) return plain(text);
  const value = text.replace(new RegExp(`^\\s*${label}\\b\\s*`, 'i'), '').trim() || text;
  if (ORDINAL.test(value)) return `${value} ${label}`;
  if (/^[1-9]\d?$/.test(value)) return `${label} ${value}`;
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
    .replace(/’/g, "'")
    .replace(/&/g, ' and ')
    .replace(/#/g, ' number ')
    .replace(/@/g, ' at ')
    .replace(/[^\p{L}\p{M}\p{N}' ,/-]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
