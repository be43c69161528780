import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { texts } from '../../texts/texts.ts';

const TYPES = { RECOMMENDED: 'success', NOT_RECOMMENDED: 'warning', INVALID: 'error' } as const;
const said = texts.callbacks;

type Source = {
  phoneNumber?: string | undefined;
  effectiveValue?: string | undefined;
  quality?: keyof typeof TYPES | undefined;
};

/** A number to be called back on, how good it is, and what a call carries where it is no good, in words. */
export function qualityText(source: Source | undefined): string {
  if (!source) return texts.none;
  const { effectiveValue, phoneNumber: number, quality = 'INVALID' } = source;
  const own = number === undefined ? said.noNumber : `${number} · ${said.qualities[quality]}`;
  if (effectiveValue === number) return own;
  return `${own} · ${effectiveValue === undefined ? said.carriesNone : said.carries(effectiveValue)}`;
}

/** The same with a sign of how good it is. */
export function CallbackQuality({ source }: { source: Source | undefined }) {
  if (!source) return texts.none;
  return <StatusIndicator type={TYPES[source.quality ?? 'INVALID']}>{qualityText(source)}</StatusIndicator>;
}
