/** How the text of a setting becomes its value: one reader for each kind of value. */
import { isIP } from 'node:net';
import { ROLES, type Role } from '../domain/scope.ts';

/** How one setting is read: gives the value, or throws an Error that says what was expected. */
export type Reader<Value> = (text: string) => Value;

export function text(maxLength = 1_000): Reader<string> {
  return (value) => {
    if (value.length > maxLength) throw new Error(`at most ${maxLength} characters`);
    return value;
  };
}

export function port(): Reader<number> {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number > 65_535) throw new Error('expected a port, 0 to 65535 (0 = any free one)');
    return number;
  };
}

export function flag(): Reader<boolean> {
  return (value) => {
    if (/^(1|true|yes|on)$/i.test(value)) return true;
    if (/^(0|false|no|off)$/i.test(value)) return false;
    throw new Error('expected 1 or 0');
  };
}

export function url(...protocols: string[]): Reader<string> {
  return (value) => {
    let parsed: URL;
    try {
      parsed = new URL(value);
    } catch {
      throw new Error('expected a URL');
    }
    if (!protocols.includes(parsed.protocol)) throw new Error(`expected a URL that begins ${protocols.join(' or ')}`);
    return value.replace(/\/+$/, '');
  };
}

/** Several in the order in which they are asked; kept as one text. */
export function urls(...protocols: string[]): Reader<string> {
  const read = list(url(...protocols));
  return (value) => {
    const found = read(value);
    if (found.length === 0) throw new Error('expected a URL');
    return found.join(',');
  };
}

export function list<Item>(read: Reader<Item>): Reader<readonly Item[]> {
  return (value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(read);
}

export function address(): Reader<string> {
  return (value) => {
    if (isIP(value) === 0 && value !== 'localhost') throw new Error('expected an IP address');
    return value;
  };
}

/** An address, or an address and a port. */
export function nameServer(): Reader<string> {
  return (value) => {
    const [, v6, v4] = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::\d{1,5})?$/.exec(value) ?? [];
    if (isIP(v6 ?? v4 ?? value) === 0) throw new Error(`${value} is no address of a name server`);
    return value;
  };
}

export function network(): Reader<string> {
  return (value) => {
    const [base = '', length = ''] = value.split('/');
    const family = isIP(base);
    const bits = family === 4 ? 32 : 128;
    if (family === 0) throw new Error(`${value} is not an IP address or network`);
    if (length !== '' && (!/^\d+$/.test(length) || Number(length) > bits)) {
      throw new Error(`${value} has a prefix length that is not 0 to ${bits}`);
    }
    return value;
  };
}

export function portRange(): Reader<{ from: number; to: number }> {
  return (value) => {
    const match = /^(\d{1,5})-(\d{1,5})$/.exec(value);
    const from = Number(match?.[1]);
    const to = Number(match?.[2]);
    if (!match || from < 1 || to > 65_535 || from > to) throw new Error('expected a range of ports, e.g. 20000-20999');
    return { from, to };
  };
}

export function oneOf<Choice extends string>(...choices: Choice[]): Reader<Choice> {
  return (value) => {
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) throw new Error(`expected one of ${choices.join(', ')}`);
    return choice;
  };
}

/** `192.0.2.11:5060`, `[2001:db8::1]:5060`; the port is 5060 when it is left out. */
export function sipHostPort(): Reader<string> {
  return (value) => {
    const [, host = '', port] = /^(\[[0-9A-Fa-f:.]+\]|[^\s:[\]/@<>"]+)(?::(\d{1,5}))?$/.exec(value) ?? [];
    if (host === '' || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) {
      throw new Error(`${value} is no address with a port, e.g. 192.0.2.11:5060`);
    }
    return `${host}:${port ?? '5060'}`;
  };
}

export function sipUri(): Reader<string> {
  return (value) => {
    if (!/^sips?:[^\s<>"]+$/i.test(value)) throw new Error('expected a SIP URI, e.g. sip:relay@192.0.2.10');
    return value;
  };
}

/** Somebody to talk to (RFC 7852 §4.1.5). */
export function contactUri(): Reader<string> {
  return (value) => {
    if (value.length > 256 || !/^(?:tel|sips?|mailto|https):[^\s<>"]+$/i.test(value)) {
      throw new Error('expected a URI, e.g. tel:+15125550111');
    }
    return value;
  };
}

export function languageTag(): Reader<string> {
  return (value) => {
    if (!/^[a-z]{2,3}$/.test(value)) throw new Error('expected a language, e.g. en');
    return value;
  };
}

function within(what: string, from: number, to: number): Reader<number> {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < from || number > to) throw new Error(`expected ${what}, ${from} to ${to}`);
    return number;
  };
}

export function wholeNumber(from: number, to: number): Reader<number> {
  return within('a whole number', from, to);
}

export function milliseconds(from: number, to: number): Reader<number> {
  return within('milliseconds', from, to);
}

export function hours(from: number, to: number): Reader<number> {
  return within('hours', from, to);
}

/** Kept as it is written: the `iss` claim must equal it. */
export function issuer(): Reader<string> {
  return (value) => {
    const parsed = URL.parse(value);
    const isLoopback = parsed !== null && /^(?:127\.[\d.]+|localhost|\[::1\])$/.test(parsed.hostname);
    if (!parsed || !(parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isLoopback))) {
      throw new Error('expected a URL that begins https: (http: on loopback only)');
    }
    if (parsed.search !== '' || parsed.hash !== '') throw new Error('expected a URL without query and fragment');
    return value;
  };
}

export function openIdScopes(): Reader<string> {
  return (value) => {
    const names = value.split(/ +/);
    // RFC 6749 §3.3, OpenID Connect Core 1.0 §3.1.2.1.
    if (value.length > 1_000 || !names.every((name) => /^[!#-[\]-~]+$/.test(name)) || !names.includes('openid')) {
      throw new Error('expected scopes separated by spaces, openid among them');
    }
    return names.join(' ');
  };
}

export function roleMapping(): Reader<{ value: string; role: Role }> {
  return (pair) => {
    const [, value, name] = /^(.+)=(\w+)$/.exec(pair) ?? [];
    const role = ROLES.find((known) => known === name);
    if (value === undefined || role === undefined) {
      throw new Error(`${pair}: expected <claim value>=<role>, where role is one of ${ROLES.join(', ')}`);
    }
    return { value, role };
  };
}

export function mailAddress(): Reader<string> {
  return (value) => {
    if (value.length > 320 || !/^[^\s@<>,]+@[^\s@<>,]+$/.test(value)) throw new Error('expected a mail address');
    return value;
  };
}

/** An application unique string of LoST (RFC 5222 §15). */
export function serverName(): Reader<string> {
  return (value) => {
    if (value.length > 253 || !/^(?:[a-zA-Z0-9-]+\.)+[a-zA-Z0-9]+$/.test(value)) {
      throw new Error('expected a dotted name, e.g. ecrf.example.com');
    }
    return value;
  };
}
