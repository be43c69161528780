/** Header fields by lower-case name. */
export type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** A cookie that no script reads (RFC 6265bis). */
export type BrowserCookie = {
  /** The value of `Set-Cookie`. */
  write(value: string, publicUrl: string): string;
  /** Makes the browser forget it. */
  end(publicUrl: string): string;
  /**
   * What a request brings along. Under `https` only the name that is bound to this host counts: the other may have been set by a
   * neighbouring host, to have somebody work in a session that is not theirs.
   */
  read(headers: HttpHeaders, publicUrl: string): string | undefined;
};

const MAX_COOKIE_HEADER = 4_096;

const isSecure = (publicUrl: string): boolean => publicUrl.startsWith('https:');

/** Under `https` its name binds it to this very host (RFC 6265bis §4.1.3.2). */
export function browserCookie(options: {
  name: string;
  /** Which other sites' links and pages it comes along with (§5.2). */
  sameSite: 'Strict' | 'Lax';
  /** Undefined: until the browser is closed. */
  maxAgeSeconds?: number;
  /** How long its value, of letters, digits, `_`, `-` and `.`, may be. */
  maxLength: number;
}): BrowserCookie {
  const { name, sameSite, maxAgeSeconds, maxLength } = options;
  const secureName = `__Host-${name}`;
  const pattern = (wanted: string): RegExp => new RegExp(`(?:^|; *)${wanted}=([\\w.-]{1,${maxLength}})(?:;|$)`);
  const [plain, secure] = [pattern(name), pattern(secureName)];
  const make = (value: string, publicUrl: string, seconds: number | undefined): string =>
    [
      `${isSecure(publicUrl) ? secureName : name}=${value}`,
      `Path=/; HttpOnly; SameSite=${sameSite}`,
      ...(isSecure(publicUrl) ? ['Secure'] : []),
      ...(seconds === undefined ? [] : [`Max-Age=${seconds}`]),
    ].join('; ');
  return {
    write: (value, publicUrl) => make(value, publicUrl, maxAgeSeconds),
    end: (publicUrl) => make('', publicUrl, 0),
    read({ cookie }, publicUrl) {
      if (typeof cookie !== 'string' || cookie.length > MAX_COOKIE_HEADER) return undefined;
      return (isSecure(publicUrl) ? secure : plain).exec(cookie)?.[1];
    },
  };
}
