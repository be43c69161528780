import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { texts } from '../texts/texts.ts';
import { Copied } from './copied.tsx';

/** What the platform shows this once: it stays until somebody says that it is copied. */
export function SecretOnce({ title, secret, onDone }: { title: string; secret: string; onDone: () => void }) {
  return (
    <Modal
      visible
      header={title}
      closeAriaLabel={texts.edit.close}
      onDismiss={({ detail }) => {
        // Neither a click beside it nor Escape loses it.
        if (detail.reason === 'closeButton') onDone();
      }}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onDone}>
            {texts.edit.understood}
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Alert type="warning" header={texts.edit.once}>
          {texts.edit.onceHelp}
        </Alert>
        <Copied text={secret} />
      </SpaceBetween>
    </Modal>
  );
}
