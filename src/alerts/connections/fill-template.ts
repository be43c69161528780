import type { SmsContentType } from './alert-connection.ts';

/** What a template of an SMS gateway may name in braces. */
export const PLACEHOLDERS = ['number', 'digits', 'text', 'from', 'key', 'secret'] as const;
type Placeholder = (typeof PLACEHOLDERS)[number];

/**
 * `number` as `+15125550100`, `digits` the same without its plus; `key` is the same on every attempt of one message; `secret` is the
 * gateway's credential.
 */
export type PlaceholderValues = Readonly<Record<Placeholder, string>>;

const PLACEHOLDER = /\{(number|digits|text|from|key|secret)\}/g;

export function placeholdersIn(template: string): ReadonlySet<string> {
  return new Set([...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name));
}

/** Puts every value, escaped, in the place of its name; what stands in a value is not looked at again. */
function fill(template: string, values: PlaceholderValues, escape: (text: string) => string): string {
  return template.replaceAll(PLACEHOLDER, (_all, name: Placeholder) => escape(values[name].toWellFormed()));
}

/** RFC 3986 §2.1: whatever a value holds, it stays one part of a path or one value of a query. */
export function fillUrl(template: string, values: PlaceholderValues): string {
  return fill(template, values, encodeForUrl);
}

/** A value of a header field: what none may hold is left out (RFC 9110 §5.5). */
export function fillHeader(template: string, values: PlaceholderValues): string {
  return fill(template, values, (text) => text.replaceAll(/[^\x20-\x7e]/g, ''));
}

/** A body; a value stands within a text of JSON or XML, or is a value of a form. */
export function fillBody(template: string, contentType: SmsContentType, values: PlaceholderValues): string {
  return fill(template, values, ESCAPES[contentType]);
}

const ESCAPES: Readonly<Record<SmsContentType, (text: string) => string>> = {
  'application/json': (text) => JSON.stringify(text).slice(1, -1),
  'application/x-www-form-urlencoded': encodeForUrl,
  'application/xml': escapeXml,
  'text/xml': escapeXml,
  'text/plain': (text) => text,
};

/** With what `encodeURIComponent` leaves and a template may have put quotes of its own around. */
function encodeForUrl(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A reader of an attribute would make spaces of these.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** XML 1.0 §2.2: some characters cannot be said at all. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/(?![\t\n\r\u007f-\u009f])[\p{Cc}\ufffe\uffff]/gu, '')
    .replaceAll(/[&<>"'\t\n\r]/g, (mark) => XML_ENTITIES[mark] ?? '');
}
