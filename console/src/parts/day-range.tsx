import DatePicker from '@cloudscape-design/components/date-picker';
import { useSearchParams } from 'react-router';
import { texts } from '../texts/texts.ts';
import { useAddressBar } from './address-bar.ts';

/** The parameters of the address bar that hold the first and the last day. */
export const DAY_RANGE = ['from', 'to'] as const;

function Day({ name, label, isDisabled }: { name: string; label: string; isDisabled: (day: string) => boolean }) {
  const [search, changeAddress] = useAddressBar();
  return (
    <DatePicker
      value={search.get(name) ?? ''}
      placeholder={label}
      ariaLabel={label}
      isDateEnabled={(date) => !isDisabled(dayOf(date))}
      onChange={({ detail }) => changeAddress({ page: '', before: '', [name]: detail.value })}
    />
  );
}

const dayOf = (date: Date): string =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');

/** From which day to which, both included, in the viewer's zone; it stands in the address bar. */
export function DayRange() {
  const [search] = useSearchParams();
  const [from, to] = DAY_RANGE.map((name) => search.get(name) ?? '');
  return (
    <div className="day-range">
      <Day name="from" label={texts.table.fromDay} isDisabled={(day) => Boolean(to) && day > (to ?? '')} />
      <Day name="to" label={texts.table.toDay} isDisabled={(day) => Boolean(from) && day < (from ?? '')} />
    </div>
  );
}
