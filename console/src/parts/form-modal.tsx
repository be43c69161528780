import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type FormEvent, type ReactNode, useId } from 'react';
import { texts } from '../texts/texts.ts';
import { ProblemAlert } from './problem-alert.tsx';

/** A form above the page: Enter sends it, what is wrong stands above the fields. */
export function FormModal(props: {
  title: string;
  action: string;
  children: ReactNode;
  error: Error | null;
  isReady: boolean;
  isPending: boolean;
  onSubmit: () => void;
  onClose: () => void;
}) {
  const id = useId();
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (props.isReady && !props.isPending) props.onSubmit();
  }
  return (
    <Modal
      visible
      header={props.title}
      closeAriaLabel={texts.edit.close}
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.onClose}>
              {texts.cancel}
            </Button>
            <Button variant="primary" form={id} loading={props.isPending} disabled={!props.isReady}>
              {props.action}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form id={id} onSubmit={submit}>
        <SpaceBetween size="m">
          <ProblemAlert error={props.error} />
          {props.children}
        </SpaceBetween>
      </form>
    </Modal>
  );
}
