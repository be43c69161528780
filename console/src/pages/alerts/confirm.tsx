import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { texts } from '../../texts/texts.ts';

/** Asks before something is done; what goes wrong stays in it. */
export function Confirm(props: {
  title: string;
  button: string;
  children: ReactNode;
  isBusy: boolean;
  isDisabled?: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const { title, button, children, isBusy, isDisabled = false, error, onConfirm, onClose } = props;
  return (
    <Modal
      visible
      header={title}
      closeAriaLabel={texts.cancel}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {texts.cancel}
            </Button>
            <Button variant="primary" loading={isBusy} disabled={isDisabled} onClick={onConfirm}>
              {button}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {children}
        <ProblemAlert error={error} />
      </SpaceBetween>
    </Modal>
  );
}
