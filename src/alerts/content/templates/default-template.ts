import { type Catalogue, catalogueOf, type Label } from '../catalogue/catalogue.ts';
import { MOMENT_OF_TRIGGER } from '../sample-occasion.ts';
import type { TemplateChannel, TemplateKey, TemplateText } from './template.ts';

/** What ours says as a template, for authors to start from: rendered, it says the same. */
export function defaultTemplate({ trigger, channel, language }: TemplateKey): TemplateText {
  const moment = MOMENT_OF_TRIGGER[trigger];
  const isCall = moment === 'call-started' || moment === 'call-ended' || moment === 'test-call';
  const catalogue = catalogueOf(language);
  const call = CALL[channel](catalogue);
  const news = NEWS[channel](catalogue);
  // A call that passed a destination over, and a destination that does not answer, are told for the sake of one trigger.
  if (trigger === 'destination-unreachable') return eitherOf(call, news);
  return isCall ? call : news;
}

function eitherOf(call: TemplateText, news: TemplateText): TemplateText {
  const either = (ofCall: string, ofNews: string): string => `{% if call.id %}${ofCall}{% else %}${ofNews}{% endif %}`;
  return {
    title: call.title && news.title && either(call.title, news.title),
    body: either(call.body, news.body),
    html: null,
  };
}

type Write = (catalogue: Catalogue) => TemplateText;

const WHO = (words: Catalogue['words']): string =>
  `{{ caller.name | default: caller.number | default: "${words.unknownCaller}" }}`;

/** A line that stands only where something is known. */
function known({ labels, words }: Catalogue, label: Label, fact: string): string {
  return `{% if ${fact} %}${labels[label]}${words.colon}{{ ${fact} }}\n{% endif %}`;
}

function callTitle({ words }: Catalogue): string {
  return (
    `{{ opening }} – ${WHO(words)} – ` +
    `{% if place.isKnown %}{{ place.text }}{% elsif place.site %}{{ place.site }}{% else %}${words.unknownLocationShort}{% endif %}`
  );
}

const NEWS_TITLE = '{{ opening }} – {{ headline }}{% if place.site %} – {{ place.site }}{% endif %}';
function newsLines({ words }: Catalogue): string {
  return `{% for line in news.lines %}{{ line.name }}${words.colon}{{ line.value }}\n{% endfor %}`;
}

function whereShort({ words }: Catalogue): string {
  return (
    '{% if place.isKnown %}{{ place.short }}{% else %}' +
    `{% if place.site %}{{ place.site }}${words.colon}{% endif %}${words.unknownLocationShort}{% endif %}`
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
        `${labels.location}${words.colon}{% if place.isKnown %}{{ place.text }}{% else %}${words.unknownLocation}{% endif %}`,
        known(catalogue, 'floor', 'place.floor') +
          known(catalogue, 'room', 'place.room') +
          known(catalogue, 'responseLocation', 'place.responseLocation') +
          `${labels.callback}${words.colon}{{ callback.text }}`,
        `${labels.caller}${words.colon}{{ caller.text }}`,
        `${labels.when}${words.colon}{{ time.text }}`,
        known(catalogue, 'site', 'place.site') +
          known(catalogue, 'coordinates', 'place.coordinates') +
          known(catalogue, 'foundBy', 'place.foundBy') +
          `${labels.sentTo}${words.colon}{{ destination.text }}`,
        `${labels.conveyed}${words.colon}{{ destination.conveyed }}`,
        '{% for note in notes %}',
        '* {{ note }}{% endfor %}',
      ].join('\n'),
      html: null,
    };
  },
  sms: (catalogue) => ({
    title: null,
    body:
      `{{ opening }}${catalogue.words.colon}${WHO(catalogue.words)}, ${whereShort(catalogue)}. ${callBack(catalogue)}` +
      `{% if links.acknowledge %} ${catalogue.words.acknowledgeShort}${catalogue.words.colon}{{ links.acknowledge }}{% endif %}`,
    html: null,
  }),
  chat: (catalogue) => ({
    title: callTitle(catalogue),
    body: [
      `${catalogue.labels.location}${catalogue.words.colon}{% if place.isKnown %}{{ place.text }}{% else %}${catalogue.words.unknownLocation}{% endif %}`,
      known(catalogue, 'floor', 'place.floor') +
        known(catalogue, 'room', 'place.room') +
        `${catalogue.labels.callback}${catalogue.words.colon}{{ callback.text }}`,
      `${catalogue.labels.caller}${catalogue.words.colon}{{ caller.text }}`,
      `${catalogue.labels.when}${catalogue.words.colon}{{ time.text }}`,
      known(catalogue, 'site', 'place.site') +
        known(catalogue, 'responseLocation', 'place.responseLocation') +
        `${catalogue.labels.sentTo}${catalogue.words.colon}{{ destination.text }}`,
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
    body: `{{ headline }}.\n\n${catalogue.labels.when}${catalogue.words.colon}{{ time.text }}\n${known(catalogue, 'site', 'place.site')}${newsLines(catalogue)}`,
    html: null,
  }),
  sms: (catalogue) => ({
    title: null,
    body:
      `{{ opening }}${catalogue.words.colon}{{ headline }}.{% if place.site %} {{ place.site }}.{% endif %}` +
      `{% if links.acknowledge %} ${catalogue.words.acknowledgeShort}${catalogue.words.colon}{{ links.acknowledge }}{% endif %}`,
    html: null,
  }),
  chat: (catalogue) => ({
    title: NEWS_TITLE,
    body: `${catalogue.labels.when}${catalogue.words.colon}{{ time.text }}\n${known(catalogue, 'site', 'place.site')}${newsLines(catalogue)}`,
    html: null,
  }),
  push: (catalogue) => ({
    title: '{{ opening }} – {{ headline }}',
    body: `{% if place.site %}{{ place.site }}\n{% endif %}${newsLines(catalogue)}`,
    html: null,
  }),
};
