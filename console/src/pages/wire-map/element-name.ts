import type { paths } from '../../api/schema.generated.ts';
import { texts } from '../../texts/texts.ts';

export type Element = paths['/api/wire-map']['get']['responses']['200']['content']['application/json']['items'][number];

/** What an element is called in sentences. */
export function elementName({
  kind,
  value,
  port,
}: {
  kind: keyof typeof texts.wireMap.kinds;
  value: string;
  port: string;
}): string {
  return `${texts.wireMap.kinds[kind]} ${value}${port === '' ? '' : ` ${port}`}`;
}
