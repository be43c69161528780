import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { texts } from '../../texts/texts.ts';
import { levelText } from './address-level.tsx';
import { type AddressDraft, addressLine, draftOf, type Verdict } from './place-types.ts';
import { useVerdict } from './use-verdict.ts';

const AUTOCOMPLETE: Readonly<Record<keyof AddressDraft, string>> = {
  address1: 'address-line1',
  address2: 'address-line2',
  city: 'address-level2',
  state: 'address-level1',
  postalCode: 'postal-code',
  country: 'country',
};

/** What was found of an address as it stands, and what may be meant instead. */
function VerdictAlert({ verdict, onUse }: { verdict: Verdict; onUse: (address: AddressDraft) => void }) {
  const { corrections, candidates, errors } = verdict;
  const isRight = errors.length === 0 && corrections.every(({ kind }) => kind === 'form');
  const isChanged = corrections.length > 0;
  return (
    <Alert
      type={verdict.isDispatchable && errors.length === 0 ? (isRight ? 'success' : 'info') : 'warning'}
      header={verdict.override === undefined ? levelText(verdict) : texts.address.vouched}
      action={
        isChanged && (
          <Button formAction="none" onClick={() => onUse(draftOf(verdict.address))}>
            {texts.address.useCorrected}
          </Button>
        )
      }
    >
      <SpaceBetween size="xs">
        {isChanged && (
          <div>
            <Box variant="strong">{texts.address.didYouMean(addressLine(verdict.address))}</Box>
            <ul className="plain-list">
              {corrections.map(({ field, from, to, reason }) => (
                <li key={field}>{texts.address.correction(texts.address.fields[field], from, to, reason)}</li>
              ))}
            </ul>
          </div>
        )}
        {errors.length > 0 && (
          <ul className="plain-list">
            {errors.map(({ kind, field, detail }) => (
              <li key={`${kind} ${field}`}>{detail}</li>
            ))}
          </ul>
        )}
        {candidates.map((candidate) => {
          const line = addressLine(candidate.address);
          return (
            <div key={line}>
              <Button variant="inline-link" formAction="none" onClick={() => onUse(draftOf(candidate.address))}>
                {texts.address.use(line)}
              </Button>
              <Box color="text-body-secondary" fontSize="body-s">
                {candidate.reason}
              </Box>
            </div>
          );
        })}
        {!verdict.isCovered && errors.length === 0 && <div>{texts.address.notCovered}</div>}
        <Box color="text-body-secondary" fontSize="body-s">
          {texts.address.checkedAgainst(verdict.source)}
        </Box>
      </SpaceBetween>
    </Alert>
  );
}

/** An address with what the platform says of it while it is written; corrections are offered, never made unasked. */
export function AddressFields({
  value,
  onChange,
  faultOf,
}: {
  value: AddressDraft;
  onChange: (address: AddressDraft) => void;
  /** What the platform refused, by field. */
  faultOf?: (field: keyof AddressDraft) => string | undefined;
}) {
  const { verdict, isChecking, error } = useVerdict(value);
  const field = (name: keyof AddressDraft, constraint?: string) => (
    <FormField
      label={texts.address.fields[name]}
      {...(constraint !== undefined && { constraintText: constraint })}
      errorText={faultOf?.(name) ?? ''}
    >
      <Input
        value={value[name]}
        autoComplete={AUTOCOMPLETE[name]}
        onChange={({ detail }) => onChange({ ...value, [name]: detail.value })}
      />
    </FormField>
  );
  return (
    <SpaceBetween size="m">
      <ColumnLayout columns={2}>
        {field('address1')}
        {field('address2', texts.address.secondLine)}
        {field('city')}
        {field('state')}
        {field('postalCode')}
        {field('country', texts.address.countryHelp)}
      </ColumnLayout>
      <ProblemAlert error={error} />
      <div role="status">
        {verdict !== undefined ? (
          <VerdictAlert verdict={verdict} onUse={onChange} />
        ) : (
          <Box color="text-body-secondary">{isChecking ? texts.address.checkWhileTyping : texts.address.willCheck}</Box>
        )}
      </div>
    </SpaceBetween>
  );
}
