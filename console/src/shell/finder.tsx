import Autosuggest, { type AutosuggestProps } from '@cloudscape-design/components/autosuggest';
import Box from '@cloudscape-design/components/box';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { keepPreviousData } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useQuery } from '../api/use-query.ts';
import { useLocations } from '../parts/use-locations.ts';
import { useMay } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { FIND_SOURCES, type Found } from './find-sources.ts';
import { PAGES } from './pages.tsx';

const TYPING_MS = 200;
const said = texts.finder;

type Answer = { groups: readonly { name: keyof typeof said.groups; found: readonly Found[] }[]; failed: string[] };

function usePagesCalled(text: string): readonly Found[] {
  const may = useMay();
  const wanted = text.trim().toLowerCase();
  return PAGES.filter(({ path, needs }) => !path.includes(':') && may(needs))
    .map(({ path, title, section }) => ({
      to: path,
      label: title,
      ...(section !== undefined && { description: section }),
    }))
    .filter(({ label }) => label.toLowerCase().includes(wanted));
}

function Field({ onClose }: { onClose: () => void }) {
  const may = useMay();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [text, setText] = useState('');
  const isChosen = useRef(false);
  const isAwaited = useRef(false);
  const locations = useLocations();
  const field = useRef<AutosuggestProps.Ref>(null);
  useEffect(() => {
    // After the modal has taken the focus for the button that closes it.
    const frame = requestAnimationFrame(() => field.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => setText(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const { data, isFetching } = useQuery({
    queryKey: ['finder', text],
    enabled: text !== '',
    gcTime: 0,
    placeholderData: keepPreviousData,
    async queryFn({ signal }): Promise<Answer> {
      const sources = FIND_SOURCES.filter(({ needs }) => may(needs));
      const answers = await Promise.allSettled(sources.map(({ find }) => find(text, signal)));
      const groups: { name: keyof typeof said.groups; found: readonly Found[] }[] = [];
      const failed: string[] = [];
      for (const [place, { name }] of sources.entries()) {
        const answer = answers[place];
        if (answer?.status === 'fulfilled') groups.push({ name, found: answer.value });
        else failed.push(said.groups[name]);
      }
      return { groups, failed };
    },
  });
  const pages = usePagesCalled(typed);
  const found = [{ name: 'pages' as const, found: pages }, ...(text === '' ? [] : (data?.groups ?? []))].filter(
    (group) => group.found.length > 0,
  );
  const options: AutosuggestProps.Options = found.map((group) => ({
    label: said.groups[group.name],
    options: group.found.map(({ to, label, description, locationId }) => {
      const place = description ?? (locationId === undefined ? undefined : locations[locationId]);
      return { value: to, label, ...(place !== undefined && { description: place }) };
    }),
  }));
  const isOld = typed.trim() !== text || isFetching;
  const first = found[0]?.found[0]?.to;

  function open(to: string): void {
    isChosen.current = true;
    onClose();
    void navigate(to);
  }

  useEffect(() => {
    if (!isAwaited.current || isOld) return;
    isAwaited.current = false;
    if (first !== undefined && !isChosen.current) open(first);
  });

  return (
    <SpaceBetween size="s">
      <Box color="text-body-secondary">{said.help}</Box>
      <Autosuggest
        ref={field}
        filteringType="manual"
        hideEnteredTextOption
        ariaLabel={said.title}
        clearAriaLabel={said.clear}
        placeholder={said.placeholder}
        value={typed}
        options={options}
        statusType={typed !== '' && isOld ? 'loading' : 'finished'}
        loadingText={texts.loading}
        empty={said.nothing}
        onChange={({ detail }) => {
          isAwaited.current = false;
          if (!isChosen.current) setTyped(detail.value);
        }}
        onSelect={({ detail }) => {
          // Enter selects what was typed, too.
          if (detail.selectedOption?.value !== undefined) open(detail.selectedOption.value);
        }}
        onKeyDown={({ detail }) => {
          if (detail.key === 'Escape') onClose();
          if (detail.key !== 'Enter' || isChosen.current || typed.trim() === '') return;
          // The first of what is found, where none was chosen: pages are known at once, for others Enter waits until they are.
          if (first !== undefined && (pages.length > 0 || !isOld)) open(first);
          else if (isOld) {
            isAwaited.current = true;
            setText(typed.trim());
          }
        }}
      />
      {data && data.failed.length > 0 && <Box color="text-status-error">{said.failed(data.failed.join(', '))}</Box>}
    </SpaceBetween>
  );
}

/** What somebody looks for by a few letters of it, from anywhere: pages at once, what stands on the platform a moment later. */
export default function Finder({ onClose }: { onClose: () => void }) {
  return (
    <Modal visible size="large" header={said.title} closeAriaLabel={texts.shortcuts.close} onDismiss={onClose}>
      <div className="finder">
        <Field onClose={onClose} />
      </div>
    </Modal>
  );
}
