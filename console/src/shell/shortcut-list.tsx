import FormField from '@cloudscape-design/components/form-field';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import type { ReactNode } from 'react';
import { useMay } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { PAGES } from './pages.tsx';
import { GO_KEYS, IS_MAC } from './shortcut-keys.ts';

const said = texts.shortcuts;

const Key = ({ children }: { children: ReactNode }): ReactNode => <kbd className="key">{children}</kbd>;

/** Which keys do what, and whether those without Ctrl do it. */
export default function ShortcutList({
  areSingleOn,
  onChange,
  onClose,
}: {
  areSingleOn: boolean;
  onChange: (areOn: boolean) => void;
  onClose: () => void;
}) {
  const may = useMay();
  const goKeys = Object.entries(GO_KEYS).filter(([, { path }]) =>
    PAGES.some((page) => page.path === path && may(page.needs)),
  );
  return (
    <Modal visible header={said.title} closeAriaLabel={said.close} onDismiss={onClose}>
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={2}
          items={[
            {
              label: said.keys.find,
              value: (
                <>
                  <Key>{IS_MAC ? said.command : said.control}</Key> <Key>K</Key>
                </>
              ),
            },
            { label: said.keys.findPage, value: <Key>/</Key> },
            { label: said.keys.list, value: <Key>?</Key> },
            ...goKeys.map(([key, { name }]) => ({
              label: name,
              value: (
                <>
                  <Key>g</Key> {said.after} <Key>{key}</Key>
                </>
              ),
            })),
          ]}
        />
        <FormField description={said.singleHelp}>
          <Toggle checked={areSingleOn} onChange={({ detail }) => onChange(detail.checked)}>
            {said.single}
          </Toggle>
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}
