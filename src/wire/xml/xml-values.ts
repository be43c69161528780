/** Lexical forms of XML Schema Part 2 that the protocols use. Readers answer undefined for what is not of the type. */

const NEEDS_COLLAPSING = /^[ \t\n\r]|[ \t\n\r]$|[\t\n\r]|  /;
const SPACES = /[ \t\n\r]+/g;

/** `xs:token`: white space at the ends removed, inside reduced to one space each. */
export function collapseSpace(text: string): string {
  if (!NEEDS_COLLAPSING.test(text)) return text;
  const collapsed = text.replace(SPACES, ' ');
  return collapsed.slice(collapsed.startsWith(' ') ? 1 : 0, collapsed.endsWith(' ') ? -1 : undefined);
}

/** `xs:list`: the words of a text. */
export function readList(text: string): string[] {
  const collapsed = collapseSpace(text);
  return collapsed === '' ? [] : collapsed.split(' ');
}

/** `xs:boolean`, and `yes` and `no` as RFC 4119 wrote them before there was a schema. */
export function readBoolean(text: string | undefined): boolean | undefined {
  switch ((text ?? '').trim().toLowerCase()) {
    case 'true':
    case '1':
    case 'yes':
      return true;
    case 'false':
    case '0':
    case 'no':
      return false;
    default:
      return undefined;
  }
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?$/;

/** `xs:dateTime` of years 0000 to 9999; without a time zone it is taken as UTC. Precise to the millisecond. */
export function readDateTime(text: string | undefined): Date | undefined {
  const match = text === undefined ? null : DATE_TIME.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${`${fraction}000`.slice(0, 3)}${zone}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Texts of the seconds written lately, by their last bits: answers of the same second share theirs. */
const SECONDS_KEPT = 64;
const keptSeconds = new Float64Array(SECONDS_KEPT).fill(Number.NaN);
const keptTexts: string[] = Array.from({ length: SECONDS_KEPT }, () => '');

/** `YYYY-MM-DDThh:mm:ss`. */
function secondsText(date: Date): string {
  const second = Math.floor(date.getTime() / 1_000);
  const slot = second & (SECONDS_KEPT - 1);
  if (keptSeconds[slot] !== second) {
    keptTexts[slot] = date.toISOString().slice(0, -5);
    keptSeconds[slot] = second;
  }
  return keptTexts[slot] ?? '';
}

/** `YYYY-MM-DDThh:mm:ssZ`, the only form that LoST peers in the field read; a fraction is cut off. */
export function writeDateTimeSeconds(date: Date): string {
  return `${secondsText(date)}Z`;
}

/** `YYYY-MM-DDThh:mm:ss.sssZ` (RFC 5985 §6.5.2: UTC, upper case T and Z). */
export function writeDateTimeMillis(date: Date): string {
  const millisecond = date.getTime() % 1_000;
  return `${secondsText(date)}.${String(millisecond < 0 ? millisecond + 1_000 : millisecond).padStart(3, '0')}Z`;
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** `xs:double` without its words for infinity and not-a-number. */
export function readNumber(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  if (!DECIMAL.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/** A number in plain decimal digits: readers in the field do not know exponents. At most 15 decimals. */
export function writeNumber(value: number): string {
  const short = String(value);
  if (!short.includes('e')) return short;
  const plain = value.toFixed(15);
  return plain.includes('e') ? plain : plain.replace(/\.?0+$/, '');
}
