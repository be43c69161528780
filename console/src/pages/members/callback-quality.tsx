import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { texts } from '../../texts/texts.ts';

const TYPES = { RECOMMENDED: 'success', NOT_RECOMMENDED: 'warning', INVALID: 'error' } as const;
const said = texts.callbacks;

type Source = {
  phoneNumber?: string | undefined;
  effectiveValue?: string | undefined;
  quality?: keyof typeof TYPES | undefined;
};

/** A number to be called back on, how good it is, and what a call carries where it is no good. */
export function CallbackQuality({ source }: { source: Source | undefined }) {
  if (!source) return texts.none;
  const { effectiveValue, quality = 'INVALID' } = source;
  const number = 'phoneNumber' in source ? source.phoneNumber : undefined;
  return (
    <StatusIndicator type={TYPES[quality]}>
      {number === undefined ? said.noNumber : `${number} · ${said.qualities[quality]}`}
      {effectiveValue !== number &&
        ` · ${effectiveValue === undefined ? said.carriesNone : said.carries(effectiveValue)}`}
    </StatusIndicator>
  );
}
