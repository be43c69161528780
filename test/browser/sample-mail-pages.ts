import type { MailPage } from '../../src/alerts/content/mail-layout.ts';

const ENGLISH: MailPage = {
  language: 'en',
  severity: 'emergency',
  subject: '911 CALL – Desk 312 – 150 N Akard St, Floor 3, Room 312',
  badge: 'Emergency',
  headline: 'A 911 call was made',
  summary: 'Thu, Mar 5, 2026, 12:30:15 PM CST · Dallas Campus',
  notices: [],
  highlights: [
    { name: 'Where', value: '150 N Akard St, Dallas, TX 75201, Building A, Floor 3, Room 312' },
    { name: 'Call back', value: '+1 214 555 0112', href: 'tel:+12145550112' },
    { name: 'Caller', value: 'Desk 312, extension 2112' },
  ],
  actions: [
    { text: 'I am taking care of it', url: 'https://waymark.example/alerts/acknowledge/3f6c' },
    { text: 'Follow the incident', url: 'https://waymark.example/desk#1' },
  ],
  sections: [
    {
      title: 'Call',
      lines: [
        { name: 'When', value: 'Thu, Mar 5, 2026, 12:30:15 PM CST (2026-03-05T18:30:15.000Z)' },
        { name: 'Caller', value: 'Desk 312 (+12145550112)' },
        { name: 'Callback number', value: '+12145550112 (reaches a person or workspace; own direct number)' },
        { name: 'Dialled', value: '911' },
      ],
    },
    {
      title: 'Where',
      lines: [
        { name: 'Location', value: '150 N Akard St, Dallas, TX 75201, US' },
        { name: 'Inside the building', value: 'Building A, Floor 3, Room 312' },
        { name: 'Coordinates', value: '32.780400, -96.799800' },
        { name: 'Found by', value: 'what is known of the device: switch port 10.0.3.2 Gi1/0/12' },
        { name: 'Determined', value: '12:29:51 PM CST, 24 s before the call' },
      ],
    },
    {
      title: 'What happened to the call',
      lines: [
        { name: 'Sent to', value: 'Example County 911 (public safety answering point)' },
        { name: 'Conveyed', value: 'location conveyed by reference, as the call brought it' },
        { name: 'Decision trace', value: 'Show every step', href: 'https://waymark.example/calls/0198' },
      ],
    },
  ],
  notes: null,
  footer: [
    'You are told because your address is an alert address of the building “Building A”.',
    'Sent by Waymark for Example Corp. urn:emergency:uid:callid:3hx7ab29dkq10:waymark.example',
  ],
};

const FRENCH: MailPage = {
  language: 'fr',
  severity: 'critical',
  subject: 'APPEL 911 – Accueil – étage 4 – 500, boul. René-Lévesque Ouest',
  badge: 'Critique',
  headline: 'Un appel au 911 a été acheminé au centre de relais',
  summary: 'jeudi 5 mars 2026, 13 h 30 min 15 s HNE · Siège social de Montréal',
  notices: ['LIEU PAR DÉFAUT : rien n’indique où se trouve l’appelant; le seul site de l’organisation a été retenu.'],
  highlights: [
    { name: 'Lieu', value: '500, boul. René-Lévesque Ouest, Montréal (Québec) H2Z 1W7, étage et pièce inconnus' },
    { name: 'Numéro de rappel', value: '+1 514 555-0178', href: 'tel:+15145550178' },
  ],
  actions: [{ text: 'Je m’en occupe', url: 'https://waymark.example/alerts/acknowledge/77aa' }],
  sections: [
    {
      title: 'Appel',
      lines: [
        { name: 'Heure', value: 'jeudi 5 mars 2026, 13 h 30 min 15 s HNE' },
        { name: 'Appelant', value: 'Accueil – étage 4 (+15145550178)' },
        { name: 'Numéro composé', value: '911' },
      ],
    },
    {
      title: 'Acheminement',
      lines: [
        { name: 'Transmis à', value: 'Centre de relais canadien' },
        { name: 'Lieu transmis', value: 'par référence, ajoutée par la plateforme' },
      ],
    },
  ],
  notes: {
    title: 'À noter',
    lines: [
      'L’appel a été acheminé au centre de relais, qui demande à l’appelant où il se trouve.',
      'Au moins une destination n’a pas répondu et a été ignorée.',
    ],
  },
  footer: ['Vous êtes avisé parce que votre adresse est une adresse d’alerte du site.', 'Envoyé par Waymark.'],
};

const LONG_NAME = 'Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswessenschafe'.repeat(4);

/** What every reader of mails must be able to show. */
export const SAMPLE_PAGES: Readonly<Record<string, MailPage>> = {
  english: ENGLISH,
  french: FRENCH,
  simulated: {
    ...ENGLISH,
    notices: [
      'SIMULATED DESTINATION: this call went to a simulator of this platform. No public authority was contacted. If somebody needs help, call the emergency number yourself.',
      'DRILL: nobody called. This message tries out who would be told.',
    ],
  },
  'no-location': {
    ...ENGLISH,
    summary: 'Thu, Mar 5, 2026, 12:30:15 PM CST',
    highlights: [
      { name: 'Where', value: 'UNKNOWN: nothing usable says where the caller is' },
      { name: 'Call back', value: 'none: no callback number could be determined' },
    ],
    notices: ['NO USABLE LOCATION: the relay centre asks the caller where they are.'],
    sections: ENGLISH.sections.filter(({ title }) => title === 'Call'),
  },
  'long-and-hostile': {
    ...ENGLISH,
    severity: 'warning',
    badge: 'Warning',
    headline: `A 911 call was made by ${LONG_NAME}`,
    highlights: [
      { name: 'Where', value: `</td></table><script>alert(1)</script> ${LONG_NAME}` },
      { name: 'Call back', value: '+1 214 555 0112', href: 'javascript:alert(1)' },
      { name: 'Caller', value: '<img src=x onerror=alert(1)> "A" & \'B\' 🚨🧯' },
    ],
    sections: [{ title: LONG_NAME, lines: [{ name: LONG_NAME, value: LONG_NAME }] }],
  },
  'right-to-left': {
    ...ENGLISH,
    severity: 'info',
    badge: 'Information',
    headline: 'A 933 test call was made',
    highlights: [
      { name: 'Where', value: 'قاعة الاجتماعات 312، الطابق 3, 150 N Akard St' },
      { name: 'Call back', value: '+1 214 555 0112', href: 'tel:+12145550112' },
      { name: 'Caller', value: 'مكتب الاستقبال (2112)' },
    ],
    actions: [],
    sections: [{ title: 'Call', lines: [{ name: 'Caller', value: 'דלפק קבלה (+12145550112)' }] }],
  },
};
