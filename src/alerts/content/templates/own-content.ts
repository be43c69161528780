import type { MessageContent } from '../../alert-message.ts';
import type { AlertOccasion } from '../../alert-occasion.ts';
import type { AlertFacts } from '../alert-facts.ts';
import { catalogueOf } from '../catalogue/catalogue.ts';
import { chatLinks, fitChat } from '../compose-chat.ts';
import { fitPush } from '../compose-push.ts';
import { fitSms } from '../compose-sms.ts';
import { layoutMail } from '../mail-layout.ts';
import { mailPage, mailSubject } from '../mail-page.ts';
import { cutText, oneLine } from '../one-line.ts';
import { namedLines } from './compile-template.ts';
import { type MinimumLine, missingMinimum, textOfHtml } from './legal-minimum.ts';
import type { CompiledTemplate, TemplateChannel, TemplateKey } from './template.ts';

const MAX_TITLE_LENGTH = 250;

/** Which of the organization's templates tells this moment to somebody who is told for the sake of `trigger`; null: none ever does. */
export function templateKeyOf(
  moment: AlertOccasion['moment'],
  { trigger, language }: Pick<AlertFacts, 'trigger' | 'language'>,
  channel: TemplateChannel,
): TemplateKey | null {
  // Who is told that somebody acknowledged is not told of the call once more.
  if (moment === 'acknowledged') return null;
  return { trigger: moment === 'drill' ? 'drill' : trigger, channel, language };
}

/** The words of an organization within what every message keeps: notices, links, and what the law wants said. */
export const OWN_CONTENT: Readonly<
  Record<
    TemplateChannel,
    (facts: AlertFacts, render: CompiledTemplate) => DistributiveOmit<MessageContent, 'map' | 'url'>
  >
> = {
  email(facts, render) {
    const { title, body, html } = render(facts);
    const page = mailPage(facts);
    const subject = titleOf(facts, title);
    const said = `${subject}\n${page.headline}\n${body}`;
    const inHtml = html === null ? said : textOfHtml(html);
    // Both forms say the same; what one of them leaves out stands above both.
    const highlights = mostMissing(missingMinimum(facts, said), missingMinimum(facts, `${page.headline}\n${inHtml}`));
    return {
      channel: 'email',
      subject,
      ...layoutMail({ ...page, subject, highlights, sections: [], notes: null, own: { text: body, html } }),
    };
  },
  sms: (facts, render) => ({
    channel: 'sms',
    text: fitSms(
      facts,
      (shrunk) => {
        const { body } = render(shrunk);
        const said = [signs(shrunk, body), body, ...missingMinimum(shrunk, body).map(({ value }) => `${value}.`)];
        return said.filter((part) => part !== '').join(' ');
      },
      (shrunk) => wholeMinimum(shrunk).join(' '),
    ),
  }),
  chat(facts, render) {
    const { title, body } = render(facts);
    const heading = titleOf(facts, title);
    const lines = namedLines(body);
    const said = [heading, ...lines.map(({ name, value }) => `${name}: ${value}`)].join('\n');
    const fit = (minimum: readonly MinimumLine[]) =>
      fitChat({
        channel: 'chat',
        title: heading,
        lines: [...minimum, ...lines],
        notices: facts.notices,
        links: chatLinks(facts),
      });
    const missing = missingMinimum(facts, said);
    const content = fit(missing);
    // Any line that was left out may have been the one that counts.
    return content.lines.length === missing.length + lines.length ? content : fit(missingMinimum(facts, ''));
  },
  push: (facts, render) => ({
    channel: 'push',
    ...fitPush(
      facts,
      (shrunk) => {
        const { title, body } = render(shrunk);
        const heading = titleOf(shrunk, title);
        const missing = missingMinimum(shrunk, `${heading}\n${body}`);
        const first = [signs(shrunk, `${heading} ${body}`), ...missing.map(({ value }) => value)];
        return { title: heading, body: [...first, body].filter((part) => part !== '').join('\n') };
      },
      (shrunk) => wholeMinimum(shrunk).join('\n'),
    ),
  }),
};

type DistributiveOmit<Union, Name extends PropertyKey> = Union extends unknown ? Omit<Union, Name> : never;

/** The author's title, or that of ours; a drill is called one. */
function titleOf(facts: AlertFacts, title: string | null): string {
  const { words } = catalogueOf(facts.language);
  const own = title === null ? '' : oneLine(title);
  if (own === '') return mailSubject(facts);
  return cutText(facts.isDrill && !own.includes(words.drill) ? `${words.drill} – ${own}` : own, MAX_TITLE_LENGTH);
}

/** Drill, simulated: said in the shortest messages too, whatever the author wrote. */
function signs(facts: AlertFacts, said: string): string {
  const { words } = catalogueOf(facts.language);
  return [facts.isDrill ? words.drill : null, facts.isSimulated ? words.simulated : null]
    .filter((sign) => sign !== null && !said.includes(sign))
    .map((sign) => `${sign}.`)
    .join(' ');
}

/** What stands before words that are cut: whatever they say, it may be cut off. */
function wholeMinimum(facts: AlertFacts): string[] {
  const sign = signs(facts, '');
  return [...(sign === '' ? [] : [sign]), ...missingMinimum(facts, '').map(({ value }) => `${value}.`)];
}

function mostMissing<Line extends { name: string }>(some: readonly Line[], others: readonly Line[]): Line[] {
  return [...some, ...others.filter((other) => !some.some(({ name }) => name === other.name))];
}
