import { type Catalogue, catalogueOf, type Label } from '../catalogue/catalogue.ts';
import { MOMENT_OF_TRIGGER } from '../sample-occasion.ts';
import type { TemplateChannel, TemplateKey, TemplateText } from './template.ts';

/** What ours says as a template, for authors to start from: rendered, it says the same. */
export function defaultTemplate({ trigger, channel, language }: TemplateKey): TemplateText {
  const moment = MOMENT_OF_TRIGGER[trigger];
  const isCall = moment === 'call-started' || moment === 'call-ended' || moment === 'test-call';
  const catalogue = catalogueOf(language);
  return (isCall ? CALL : NEWS)[channel](catalogue);
}

type Write = (catalogue: Catalogue) => TemplateText;

const WHO = (words: Catalogue['words']): string =>
  `{{ caller.name | default: caller.number | default: "${words.unknownCaller}" }}`;

/** A line that stands only where something is known. */
function known({ labels }: Catalogue, label: Label, fact: string): string {
  return `{% if ${fact} %}${labels[label]}: {{ ${fact} }}\n{% endif %}`;
}

function callTitle({ words }: Catalogue): string {
  return (
    `{{ opening }} – ${WHO(words)} – ` +
    `{% if place.isKnown %}{{ place.text }}{% elsif place.site %}{{ place.site }}{% else %}${words.unknownLocationShort}{% endif %}`
  );
}

const NEWS_TITLE = '{{ opening }} – {{ headline }}{% if place.site %} – {{ place.site }}{% endif %}';
const NEWS_LINES = '{% for line in news.lines %}{{ line.name }}: {{ line.value }}\n{% endfor %}';

function whereShort({ words }: Catalogue): string {
  return (
    '{% if place.isKnown %}{{ place.short }}{% else %}' +
    `{% if place.site %}{{ place.site }}: {% endif %}${words.unknownLocationShort}{% endif %}`
  );
}

function callBack({ words }: Catalogue): string {
  return `{% if callback.number %}${words.callBack} {{ callback.number }}.{% else %}${words.noCallback}.{% endif %}`;
}

const CALL: Readonly<Record<TemplateChannel, Write>> = {
  email(catalogue) {
    const { labels, words } = catalogue;
    return {
      title: callTitle(catalogue),
      body: [
        '{{ headline }}.',
        '',
        `${labels.location}: {% if place.isKnown %}{{ place.text }}{% else %}${words.unknownLocation}{% endif %}`,
        known(catalogue, 'floor', 'place.floor') +
          known(catalogue, 'room', 'place.room') +
          known(catalogue, 'responseLocation', 'place.responseLocation') +
          `${labels.callback}: {{ callback.text }}`,
        `${labels.caller}: {{ caller.text }}`,
        `${labels.when}: {{ time.text }}`,
        known(catalogue, 'site', 'place.site') +
          known(catalogue, 'coordinates', 'place.coordinates') +
          known(catalogue, 'foundBy', 'place.foundBy') +
          `${labels.sentTo}: {{ destination.text }}`,
        `${labels.conveyed}: {{ destination.conveyed }}`,
        '{% for note in notes %}',
        '* {{ note }}{% endfor %}',
      ].join('\n'),
      html: null,
    };
  },
  sms: (catalogue) => ({
    title: null,
    body:
      `{{ opening }}: ${WHO(catalogue.words)}, ${whereShort(catalogue)}. ${callBack(catalogue)}` +
      `{% if links.acknowledge %} ${catalogue.words.acknowledgeShort}: {{ links.acknowledge }}{% endif %}`,
    html: null,
  }),
  chat: (catalogue) => ({
    title: callTitle(catalogue),
    body: [
      `${catalogue.labels.location}: {% if place.isKnown %}{{ place.text }}{% else %}${catalogue.words.unknownLocation}{% endif %}`,
      known(catalogue, 'floor', 'place.floor') +
        known(catalogue, 'room', 'place.room') +
        `${catalogue.labels.callback}: {{ callback.text }}`,
      `${catalogue.labels.caller}: {{ caller.text }}`,
      `${catalogue.labels.when}: {{ time.text }}`,
      known(catalogue, 'site', 'place.site') +
        known(catalogue, 'responseLocation', 'place.responseLocation') +
        `${catalogue.labels.sentTo}: {{ destination.text }}`,
    ].join('\n'),
    html: null,
  }),
  push: (catalogue) => ({
    title: `{{ opening }} – ${WHO(catalogue.words)}`,
    body: `${whereShort(catalogue)}\n${callBack(catalogue)}`,
    html: null,
  }),
};

const NEWS: Readonly<Record<TemplateChannel, Write>> = {
  email: (catalogue) => ({
    title: NEWS_TITLE,
    body: `{{ headline }}.\n\n${catalogue.labels.when}: {{ time.text }}\n${known(catalogue, 'site', 'place.site')}${NEWS_LINES}`,
    html: null,
  }),
  sms: (catalogue) => ({
    title: null,
    body:
      '{{ opening }}: {{ headline }}.{% if place.site %} {{ place.site }}.{% endif %}' +
      `{% if links.acknowledge %} ${catalogue.words.acknowledgeShort}: {{ links.acknowledge }}{% endif %}`,
    html: null,
  }),
  chat: (catalogue) => ({
    title: NEWS_TITLE,
    body: `${catalogue.labels.when}: {{ time.text }}\n${known(catalogue, 'site', 'place.site')}${NEWS_LINES}`,
    html: null,
  }),
  push: () => ({
    title: '{{ opening }} – {{ headline }}',
    body: `{% if place.site %}{{ place.site }}\n{% endif %}${NEWS_LINES}`,
    html: null,
  }),
};
