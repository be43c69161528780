import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { texts } from '../texts/texts.ts';
import { ProblemAlert } from './problem-alert.tsx';

const FIELDS = 'input:not([type="checkbox"], [type="radio"], [type="file"]), textarea';

/** A form above the page: Enter sends it, what went wrong stands in it. */
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
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // Where there is something to write, one writes at once: after the modal has taken the focus for the button that closes it.
    const frame = requestAnimationFrame(() => form.current?.querySelector<HTMLElement>(FIELDS)?.focus());
    return () => {
      cancelAnimationFrame(frame);
      // What opened it may be gone by now: whoever goes by keyboard goes on in the page, not at the top of the document.
      requestAnimationFrame(() => {
        if (document.activeElement === document.body)
          document.getElementById('content')?.focus({ preventScroll: true });
      });
    };
  }, []);
  function submit(event: FormEvent): void {
    event.preventDefault();
    // Portals bubble through the tree of components: a form around this one is not sent.
    event.stopPropagation();
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
      <form id={id} ref={form} onSubmit={submit}>
        <SpaceBetween size="m">
          {props.children}
          <ProblemAlert error={props.error} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
