import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Edited } from '../../parts/edited.tsx';
import { faultOf } from '../../parts/fault-of.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import type { Picked } from '../../parts/search-picker.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import {
  CALLBACK_OPERATION,
  type CallbackKind,
  type MemberCallback,
  type MemberCallbackChange,
  readCallback,
  writeCallback,
} from './callback-api.ts';
import { CallbackQuality } from './callback-quality.tsx';
import { MemberPicker } from './member-picker.tsx';
import type { Member } from './member-types.ts';

const said = texts.callbacks;
const SELECTIONS = ['DIRECT_LINE', 'LOCATION_ECBN', 'LOCATION_MEMBER_NUMBER'] as const;
type Selection = (typeof SELECTIONS)[number];

const standInOf = ({ locationMemberInfo: info }: MemberCallback): Picked | null =>
  info?.memberId === undefined
    ? null
    : { id: info.memberId, name: [info.firstName, info.lastName].filter((part) => part !== '.').join(' ') };

function CallbackForm(props: { member: Member; kind: CallbackKind; callback: MemberCallback; onSaved: () => void }) {
  const { member, kind, callback, onSaved } = props;
  const may = useMay();
  const notify = useNotify();
  const client = useQueryClient();
  const [selected, setSelected] = useState<Selection | 'NONE'>(callback.selected ?? 'NONE');
  const [standIn, setStandIn] = useState<Picked | null>(standInOf(callback));
  const [elin, setElin] = useState(callback.elinEnabled ?? false);
  const [elinForApp, setElinForApp] = useState(callback.elinForWebexAppEnabled ?? false);
  const isPerson = kind === 'PEOPLE';
  const mayWrite = may(CALLBACK_OPERATION[kind]);
  const save = useMutation({
    mutationFn: () => {
      const body: MemberCallbackChange = {
        ...(selected !== 'NONE' && { selected }),
        ...(selected === 'LOCATION_MEMBER_NUMBER' && standIn && { locationMemberId: standIn.id }),
        ...(isPerson && { elinEnabled: elin, elinForWebexAppEnabled: elinForApp }),
      };
      return writeCallback(kind, member.id, body);
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['members'] });
      onSaved();
      notify({ type: 'success', content: said.saved(member.displayName) });
    },
  });
  const sources = {
    DIRECT_LINE: callback.directLineInfo,
    LOCATION_ECBN: callback.locationECBNInfo,
    LOCATION_MEMBER_NUMBER: callback.locationMemberInfo,
  };
  return (
    <SpaceBetween size="m">
      <ProblemAlert error={save.error} />
      <RadioGroup
        ariaLabel={said.title}
        value={selected}
        onChange={({ detail }) => setSelected(SELECTIONS.find((one) => one === detail.value) ?? 'DIRECT_LINE')}
        items={SELECTIONS.map((one) => ({
          value: one,
          label: said.choices[one],
          disabled: !mayWrite,
          description: sources[one] ? <CallbackQuality source={sources[one]} /> : said.choiceHelp[one],
        }))}
      />
      {selected === 'LOCATION_MEMBER_NUMBER' && (
        <FormField label={said.standIn} errorText={faultOf(save.error, 'locationMemberId')}>
          <MemberPicker label={said.standIn} value={standIn} onChange={setStandIn} locationId={member.locationId} />
        </FormField>
      )}
      {callback.defaultInfo && (
        <FormField label={said.fallback}>{callback.defaultInfo.effectiveValue ?? said.carriesNone}</FormField>
      )}
      {isPerson && (
        <>
          <Checkbox
            checked={elin}
            disabled={!mayWrite}
            description={said.elinHelp}
            onChange={({ detail }) => setElin(detail.checked)}
          >
            {said.elin}
          </Checkbox>
          <Checkbox
            checked={elinForApp}
            disabled={!mayWrite || !elin}
            onChange={({ detail }) => setElinForApp(detail.checked)}
          >
            {said.elinForApp}
          </Checkbox>
        </>
      )}
      {mayWrite && (
        <Box float="right">
          <Button
            variant="primary"
            disabled={selected === 'LOCATION_MEMBER_NUMBER' && standIn === null}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {texts.members.save}
          </Button>
        </Box>
      )}
    </SpaceBetween>
  );
}

/** On which number the PSAP calls this member back. */
export function MemberCallbackCard({ member, kind }: { member: Member; kind: CallbackKind }) {
  return (
    <Container
      header={
        <Header variant="h2" description={said.help}>
          {said.title}
        </Header>
      }
    >
      <Edited key={member.id} read={() => readCallback(kind, member.id)}>
        {(callback, again) => <CallbackForm member={member} kind={kind} callback={callback} onSaved={again} />}
      </Edited>
    </Container>
  );
}
