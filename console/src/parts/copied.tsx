import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import { texts } from '../texts/texts.ts';

/** What is written into other systems: an id, an address, a number. One click copies it. */
export function Copied({ text }: { text: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      copyButtonAriaLabel={`${texts.edit.copy}: ${text}`}
      copySuccessText={texts.edit.copied}
      copyErrorText={texts.edit.notCopied}
    />
  );
}
