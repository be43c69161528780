import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';

/** Where a conversation stands; `.` is the end of the mail, `data` its first bytes. */
export type SmtpStage =
  | 'greeting'
  | 'EHLO'
  | 'HELO'
  | 'STARTTLS'
  | 'TLS'
  | 'AUTH'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'data'
  | '.'
  | 'QUIT'
  | 'RSET';

/** What the server does there: `hang`, `drop`, `trickle` (answers without an end), or what else it replies: `550 no`. */
export type SmtpMove = string;

export type ScriptedSmtp = {
  url: string;
  port: number;
  /** Verbs of all conversations in the order in which they came. */
  readonly heard: readonly string[];
  /** Mails that were answered with 250 at their end, or left without an answer. */
  readonly mails: readonly string[];
  /** Conversations that are open. */
  open(): number;
  /** Plays another script from now on. */
  play(script: Partial<Record<SmtpStage, SmtpMove>>): void;
  close(): Promise<void>;
};

const USUAL: Readonly<Record<SmtpStage, string>> = {
  greeting: '220 scripted.example ESMTP',
  EHLO: '',
  HELO: '250 scripted.example',
  STARTTLS: '220 go ahead',
  TLS: '',
  AUTH: '235 2.7.0 welcome',
  MAIL: '250 2.1.0 fine',
  RCPT: '250 2.1.5 fine',
  DATA: '354 go on',
  data: '',
  '.': '250 2.0.0 taken as 4711',
  QUIT: '221 bye',
  RSET: '250 2.0.0 forgotten',
};

/** A mail server that goes astray where a script says so. */
export async function startScriptedSmtp(
  first: Partial<Record<SmtpStage, SmtpMove>> = {},
  options: { extensions?: readonly string[]; secureContext?: SecureContext } = {},
): Promise<ScriptedSmtp> {
  const extensions = options.extensions ?? ['PIPELINING'];
  let script = first;
  const heard: string[] = [];
  const mails: string[] = [];
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();

  /** Says what the script has for a stage; false where the conversation does not go on. */
  function move(socket: Socket, stage: SmtpStage, usual = USUAL[stage]): boolean {
    const now = script[stage] ?? usual;
    if (now === 'hang') return false;
    if (now === 'drop') {
      socket.destroy();
      return false;
    }
    if (now === 'trickle') {
      timers.add(setInterval(() => socket.write('250-wait\r\n'), 10));
      return false;
    }
    if (now !== '') socket.write(`${now}\r\n`);
    return now === usual;
  }

  function converse(raw: Socket, isSecure: boolean): void {
    let socket = raw;
    let text = '';
    let isData = false;
    const greet = (): string =>
      [
        '250-scripted.example',
        ...extensions.filter((name) => !isSecure || name !== 'STARTTLS').map((name) => `250-${name}`),
        '250 8BITMIME',
      ].join('\r\n');

    function upgrade(): void {
      if (script.TLS === 'hang' || options.secureContext === undefined) return;
      raw.removeAllListeners('data');
      socket = new TLSSocket(raw, { isServer: true, secureContext: options.secureContext });
      socket.on('error', () => socket.destroy());
      isSecure = true;
      text = '';
      socket.on('data', read);
    }

    function command(line: string): void {
      const verb = line.slice(0, 4).toUpperCase();
      const stage = (line.toUpperCase() === 'STARTTLS' ? 'STARTTLS' : verb) as SmtpStage;
      heard.push(stage);
      if (stage === 'EHLO') move(socket, 'EHLO', greet());
      else if (stage === 'STARTTLS') {
        if (move(socket, 'STARTTLS')) upgrade();
      } else if (stage === 'DATA') isData = move(socket, 'DATA');
      else if (stage === 'QUIT') {
        if (move(socket, 'QUIT')) socket.end();
      } else move(socket, stage);
    }

    function read(chunk: Buffer): void {
      text += chunk.toString('latin1');
      for (;;) {
        if (isData) {
          if (script.data === 'drop') socket.destroy();
          const end = text.startsWith('.\r\n') ? 0 : text.indexOf('\r\n.\r\n');
          if (end < 0 || script.data !== undefined) return;
          mails.push(text.slice(0, end));
          heard.push('.');
          text = text.slice(end + 5);
          isData = false;
          move(socket, '.');
          continue;
        }
        const end = text.indexOf('\r\n');
        if (end < 0) return;
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        command(line);
      }
    }

    raw.on('data', read);
    move(socket, 'greeting');
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    // Clients that are cut off in the middle are what this is for.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    converse(socket, false);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    heard,
    mails,
    open: () => sockets.size,
    play(next) {
      script = next;
    },
    close: () =>
      new Promise((done) => {
        for (const timer of timers) clearInterval(timer);
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  };
}
