import { ALERT_LANGUAGES, ALERT_TRIGGERS, type AlertLanguage, type AlertTrigger } from '../../domain/alert-trigger.ts';
import { type Catalogue, catalogueOf } from './catalogue/catalogue.ts';

/** What happened, on one line: `Emergency call: Desk 312, +12145550123`. `detail` is in nobody's language; empty: none. */
export function incidentTitle(
  language: AlertLanguage,
  { detail, isDrill, trigger }: { detail: string; isDrill: boolean; trigger: AlertTrigger },
): string {
  const { incidents, words } = catalogueOf(language);
  const drill = isDrill && trigger !== 'drill' ? [words.drill] : [];
  return [...drill, incidents[trigger], ...(detail === '' ? [] : [detail])].join(words.colon);
}

/** `text` without `beginning` and the colon after it; '' where nothing follows; null: it begins otherwise. */
function restAfter(text: string, beginning: string, { words }: Catalogue): string | null {
  if (text === beginning) return '';
  return text.startsWith(beginning + words.colon) ? text.slice(beginning.length + words.colon.length) : null;
}

function translated(title: string, from: Catalogue, to: Catalogue): string | null {
  const ofDrill = restAfter(title, from.words.drill, from);
  if (ofDrill) return to.words.drill + to.words.colon + (translated(ofDrill, from, to) ?? ofDrill);
  for (const trigger of ALERT_TRIGGERS) {
    const detail = restAfter(title, from.incidents[trigger], from);
    if (detail === null) continue;
    const said = detail === from.words.unknownCaller ? to.words.unknownCaller : detail;
    return said === '' ? to.incidents[trigger] : to.incidents[trigger] + to.words.colon + said;
  }
  return null;
}

/** A title that was written in any language of ours, in another; what none of ours begins stays as it is. */
export function titleIn(language: AlertLanguage, title: string): string {
  const to = catalogueOf(language);
  for (const from of ALERT_LANGUAGES) {
    const text = translated(title, catalogueOf(from), to);
    if (text !== null) return text;
  }
  return title;
}
