const LEFT_OUT = '(left out)';
const WEB = /(https?:\/\/)(?:[^\s<>"/?#@]*@)?([^\s<>"/?#@]+)[/?#][^\s<>"]*/gi;
/** Up to the next one, so that a text full of schemes is gone through once. */
const SIP = /((?:sips?|pres):)((?:(?!(?:sips?|pres):)[^\s<>"])+)/gi;

/**
 * A text without what makes references to locations and additional data work: who has such a URI may ask where the caller is
 * (RFC 6442 §4.1, RFC 6753, RFC 7852). Scheme and host stay.
 */
export function redactReferences(text: string): string {
  return text
    .replaceAll(WEB, `$1$2/${LEFT_OUT}`)
    .replaceAll(SIP, (_, scheme: string, rest: string) => `${scheme}${LEFT_OUT}${/@[^@;?]*/.exec(rest)?.[0] ?? ''}`);
}
