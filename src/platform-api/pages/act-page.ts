import type { Incident, LinkView } from '../../alerts/incidents/incidents.ts';
import type { AlertLanguage } from '../../domain/alert-trigger.ts';
import { escapeHtml, STYLE } from './html.ts';

type Action = 'acknowledge' | 'resolve';
type Outcome = Extract<LinkView, { kind: 'found' }>['outcome'];

type Texts = {
  title: Readonly<Record<Action, string>>;
  button: Readonly<Record<Action, string>>;
  /** What pressing the button means. */
  meaning: Readonly<Record<Action, string>>;
  outcome: Readonly<Record<Exclude<Outcome, 'ask'>, Readonly<Record<Action, string>>>>;
  you: string;
  unknownIncident: string;
  drill: string;
  place: string;
  caller: string;
  callback: string;
  opened: string;
  by: (state: 'acknowledged' | 'resolved', who: string, when: string) => string;
  next: string;
  refusal: Readonly<Record<'unknown' | 'expired' | 'too-many', string>>;
};

const TEXTS: Readonly<Record<AlertLanguage, Texts>> = {
  en: {
    title: { acknowledge: 'Acknowledge', resolve: 'Resolve' },
    button: { acknowledge: 'I am taking care of it', resolve: 'It is settled' },
    meaning: {
      acknowledge: 'Nobody else is told after that. 911 has been called already; this does not call anybody.',
      resolve: 'The incident is closed after that.',
    },
    outcome: {
      done: { acknowledge: 'Thank you. You have taken this on.', resolve: 'Thank you. It is settled.' },
      kept: {
        acknowledge:
          'Your acknowledgement is kept here and counts, but it could not be stored centrally yet. If others are told as well, speak to them.',
        resolve: 'It is kept here and will be stored as soon as that is possible.',
      },
      'kept-in-memory': {
        acknowledge:
          'Your acknowledgement was received, but nothing can be stored now. Please tell your colleagues, and come back to this page in a few minutes.',
        resolve: 'This was received, but nothing can be stored now. Please come back in a few minutes.',
      },
      already: { acknowledge: 'This was taken on already.', resolve: 'This was settled already.' },
    },
    you: 'You are',
    unknownIncident: 'What it is about stands in the message that brought you here; it cannot be looked up now.',
    drill: 'DRILL: nobody is in danger.',
    place: 'Where',
    caller: 'Caller',
    callback: 'Callback number',
    opened: 'When',
    by: (state, who, when) => `${state === 'resolved' ? 'Resolved' : 'Acknowledged'} by ${who}, ${when}.`,
    next: 'When it is over:',
    refusal: {
      unknown: 'This link is not valid. Use the whole link of the message.',
      expired: 'This link has expired. Links work for a day.',
      'too-many': 'Too many requests. Please wait a minute.',
    },
  },
  fr: {
    title: { acknowledge: 'Prendre en charge', resolve: 'Clore' },
    button: { acknowledge: 'Je m’en occupe', resolve: 'C’est réglé' },
    meaning: {
      acknowledge: 'Personne d’autre ne sera avisé ensuite. Le 911 a déjà été appelé; ce bouton n’appelle personne.',
      resolve: 'L’incident sera clos ensuite.',
    },
    outcome: {
      done: { acknowledge: 'Merci. Vous avez pris l’incident en charge.', resolve: 'Merci. L’incident est clos.' },
      kept: {
        acknowledge:
          'Votre prise en charge est conservée ici et compte, mais elle n’a pas encore pu être enregistrée centralement. Si d’autres personnes sont avisées, parlez-leur.',
        resolve: 'C’est conservé ici et sera enregistré dès que possible.',
      },
      'kept-in-memory': {
        acknowledge:
          'Votre prise en charge a été reçue, mais rien ne peut être enregistré pour l’instant. Avisez vos collègues et revenez à cette page dans quelques minutes.',
        resolve: 'C’est reçu, mais rien ne peut être enregistré pour l’instant. Revenez dans quelques minutes.',
      },
      already: { acknowledge: 'L’incident était déjà pris en charge.', resolve: 'L’incident était déjà clos.' },
    },
    you: 'Vous êtes',
    unknownIncident: 'Le message qui vous a mené ici dit de quoi il s’agit; impossible de le consulter pour l’instant.',
    drill: 'EXERCICE : personne n’est en danger.',
    place: 'Lieu',
    caller: 'Appelant',
    callback: 'Numéro de rappel',
    opened: 'Quand',
    by: (state, who, when) => `${state === 'resolved' ? 'Clos' : 'Pris en charge'} par ${who}, ${when}.`,
    next: 'Quand ce sera fini :',
    refusal: {
      unknown: 'Ce lien n’est pas valide. Utilisez le lien complet du message.',
      expired: 'Ce lien a expiré. Les liens sont valides une journée.',
      'too-many': 'Trop de demandes. Veuillez attendre une minute.',
    },
  },
};

const PAGE_STYLE = `${STYLE}
body { max-width: 34rem; } button { font-size: 1.25rem; font-weight: 600; padding: .9rem 1.2rem; width: 100%; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; } dt { opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; }
`;

const LOCALES: Readonly<Record<AlertLanguage, string>> = { en: 'en-US', fr: 'fr-CA' };

/** Of the reader's clock nothing is known here: the zone of the site, or UTC, is said beside it. */
function momentText(iso: string, language: AlertLanguage, timeZone: string | undefined): string {
  const options = { dateStyle: 'medium', timeStyle: 'medium' } as const;
  const zone = timeZone ?? 'UTC';
  try {
    return `${new Intl.DateTimeFormat(LOCALES[language], { ...options, timeZone: zone }).format(new Date(iso))} (${zone})`;
  } catch {
    // A zone that this runtime does not know.
    return iso;
  }
}

function moment(iso: string, language: AlertLanguage, timeZone: string | undefined): string {
  return `<time datetime="${escapeHtml(iso)}">${escapeHtml(momentText(iso, language, timeZone))}</time>`;
}

function about(incident: Incident, headline: string, language: AlertLanguage, timeZone: string | undefined): string {
  const texts = TEXTS[language];
  const lines: readonly (readonly [string, string | null])[] = [
    [texts.place, incident.place],
    [texts.caller, incident.caller],
    [texts.callback, incident.callbackNumber],
  ];
  const facts = lines
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value ?? '')}</dd>`)
    .join('');
  const drill = incident.isDrill ? `<p class="notice"><strong>${escapeHtml(texts.drill)}</strong></p>` : '';
  const when = `<dt>${escapeHtml(texts.opened)}</dt><dd>${moment(incident.openedAt, language, timeZone)}</dd>`;
  return `${drill}<h2>${escapeHtml(headline)}</h2>${incident.callId === null ? `<p>${escapeHtml(incident.title)}</p>` : ''}<dl>${facts}${when}</dl>`;
}

function form(token: string, label: string): string {
  return `<form method="post" action="/act/${encodeURIComponent(token)}"><button>${escapeHtml(label)}</button></form>`;
}

/** The page behind a one-time link of a message: what it is about, and one button. Reading it changes nothing. */
export function renderActPage(options: {
  token: string;
  view: LinkView;
  /** Of the site; undefined: not known. */
  timeZone: string | undefined;
}): string {
  const { token, view, timeZone } = options;
  if (view.kind !== 'found') {
    const languages: readonly AlertLanguage[] = view.kind === 'expired' ? [view.language] : ['en', 'fr'];
    const texts = languages.map(
      (one) => `<p lang="${one}" role="alert">${escapeHtml(TEXTS[one].refusal[view.kind])}</p>`,
    );
    return wholePage('en', 'Waymark', texts.join(''));
  }
  const { action, headline, incident, label, language, outcome, resolveToken } = view;
  const texts = TEXTS[language];
  const what = incident
    ? about(incident, headline ?? incident.title, language, timeZone)
    : `<p>${escapeHtml(texts.unknownIncident)}</p>`;
  const parts = [what];
  if (outcome === 'ask') {
    parts.push(
      `<p>${escapeHtml(texts.meaning[action])}</p>${form(token, texts.button[action])}`,
      `<p class="muted">${escapeHtml(texts.you)} ${escapeHtml(label)}</p>`,
    );
  } else {
    parts.push(`<p class="notice" role="status">${escapeHtml(texts.outcome[outcome][action])}</p>`);
    if (incident?.acknowledgedAt) {
      const when = momentText(incident.acknowledgedAt, language, timeZone);
      parts.push(`<p>${escapeHtml(texts.by('acknowledged', incident.acknowledgedBy ?? '', when))}</p>`);
    }
    if (incident?.resolvedAt) {
      const when = momentText(incident.resolvedAt, language, timeZone);
      parts.push(`<p>${escapeHtml(texts.by('resolved', incident.resolvedBy ?? '', when))}</p>`);
    }
    if (resolveToken !== null) {
      parts.push(`<p>${escapeHtml(texts.next)}</p>${form(resolveToken, texts.button.resolve)}`);
    }
  }
  return wholePage(language, texts.title[action], parts.join('\n'));
}

function wholePage(language: AlertLanguage, title: string, body: string): string {
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow"><title>${escapeHtml(title)}</title><style>${PAGE_STYLE}</style></head>
<body><h1>Waymark</h1>${body}</body></html>`;
}
