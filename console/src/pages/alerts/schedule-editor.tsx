import Button from '@cloudscape-design/components/button';
import DateInput from '@cloudscape-design/components/date-input';
import FormField from '@cloudscape-design/components/form-field';
import Multiselect from '@cloudscape-design/components/multiselect';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TimeInput from '@cloudscape-design/components/time-input';
import { texts } from '../../texts/texts.ts';
import type { Schedule } from './alert-types.ts';
import { DAYS, type Day, dayNames, ScheduleWeek } from './schedule-week.tsx';
import { TimeZoneField } from './time-zone-field.tsx';
import './alerts.css';

type Window = Schedule['windows'][number];
type Exception = Schedule['exceptions'][number];

const OFFICE_HOURS: Schedule = {
  timeZone: null,
  windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' }],
  exceptions: [],
};

const DAY_OPTIONS = DAYS.map((day) => ({ value: day, label: texts.schedule.days[day] }));

/** The end of a day is the beginning of the next: the input knows no 24:00. */
const shownTime = (time: string): string => (time === '24:00' ? '00:00' : time);

function Times(props: {
  label: string;
  from: string;
  to: string;
  onChange: (times: { from: string; to: string }) => void;
}) {
  const { label, from, to, onChange } = props;
  return (
    <SpaceBetween direction="horizontal" size="xs" alignItems="center">
      <TimeInput
        format="hh:mm"
        placeholder={texts.formats.time}
        ariaLabel={`${label}: ${texts.schedule.from}`}
        value={from}
        onChange={({ detail }) => onChange({ from: detail.value, to })}
      />
      <span aria-hidden="true">–</span>
      <TimeInput
        format="hh:mm"
        placeholder={texts.formats.time}
        ariaLabel={`${label}: ${texts.schedule.to}`}
        value={shownTime(to)}
        onChange={({ detail }) => onChange({ from, to: detail.value })}
      />
    </SpaceBetween>
  );
}

function replaced<Item>(items: readonly Item[], at: number, item: Item): Item[] {
  return items.map((other, index) => (index === at ? item : other));
}

/** When somebody is on duty: always, or by the week and with exceptions, shown as a week beside. */
export function ScheduleEditor(props: {
  schedule: Schedule | null;
  onChange: (schedule: Schedule | null) => void;
  fault?: string | undefined;
}) {
  const { schedule, onChange, fault } = props;
  return (
    <SpaceBetween size="m">
      <FormField description={texts.schedule.help} errorText={fault}>
        <RadioGroup
          ariaLabel={texts.schedule.title}
          value={schedule === null ? 'always' : 'week'}
          onChange={({ detail }) => onChange(detail.value === 'always' ? null : OFFICE_HOURS)}
          items={[
            { value: 'always', label: texts.schedule.always },
            { value: 'week', label: texts.schedule.byWeek },
          ]}
        />
      </FormField>
      {schedule !== null && <Week schedule={schedule} onChange={onChange} />}
    </SpaceBetween>
  );
}

function Week({ schedule, onChange }: { schedule: Schedule; onChange: (schedule: Schedule) => void }) {
  const { windows, exceptions } = schedule;
  const setWindow = (at: number, window: Window): void =>
    onChange({ ...schedule, windows: replaced(windows, at, window) });
  const setException = (at: number, exception: Exception): void =>
    onChange({ ...schedule, exceptions: replaced(exceptions, at, exception) });
  return (
    <SpaceBetween size="m">
      <TimeZoneField
        label={texts.schedule.timeZone}
        description={texts.schedule.timeZoneHelp}
        value={schedule.timeZone}
        onChange={(timeZone) => onChange({ ...schedule, timeZone })}
      />
      <SpaceBetween size="xs">
        {windows.map((window, at) => {
          const label = texts.schedule.window(at + 1);
          return (
            // Rows have no name of their own, and are not put in another order.
            <div key={`window ${at}`} className="row-of-fields">
              <Multiselect
                ariaLabel={`${label}: ${texts.schedule.dayChoice}`}
                placeholder={dayNames(window.days) || texts.schedule.pickDays}
                hideTokens
                expandToViewport
                options={DAY_OPTIONS}
                selectedOptions={DAY_OPTIONS.filter(({ value }) => window.days.includes(value))}
                onChange={({ detail }) =>
                  setWindow(at, { ...window, days: detail.selectedOptions.map(({ value }) => value as Day) })
                }
              />
              <Times
                label={label}
                from={window.from}
                to={window.to}
                onChange={(times) => setWindow(at, { ...window, ...times })}
              />
              <Button
                iconName="remove"
                variant="icon"
                ariaLabel={texts.remove(label)}
                onClick={() => onChange({ ...schedule, windows: windows.filter((_, index) => index !== at) })}
              />
            </div>
          );
        })}
        <Button
          iconName="add-plus"
          onClick={() =>
            onChange({ ...schedule, windows: [...windows, { days: ['sat', 'sun'], from: '08:00', to: '18:00' }] })
          }
        >
          {texts.schedule.addWindow}
        </Button>
      </SpaceBetween>
      <SpaceBetween size="xs">
        {exceptions.map((exception, at) => {
          const label = texts.schedule.exception(at + 1);
          const [first] = exception.windows === 'off' ? [] : exception.windows;
          const choices = [
            { value: 'off', label: texts.schedule.off },
            { value: 'on', label: texts.schedule.onDuty },
          ];
          return (
            <div key={`exception ${at}`} className="row-of-fields">
              <DateInput
                ariaLabel={label}
                placeholder={texts.formats.day}
                value={exception.date}
                onChange={({ detail }) => setException(at, { ...exception, date: detail.value })}
              />
              <Select
                ariaLabel={`${label}: ${texts.schedule.onOrOff}`}
                options={choices}
                selectedOption={choices[exception.windows === 'off' ? 0 : 1] ?? null}
                onChange={({ detail }) =>
                  setException(at, {
                    ...exception,
                    windows: detail.selectedOption.value === 'off' ? 'off' : [{ from: '08:00', to: '18:00' }],
                  })
                }
              />
              {exception.windows !== 'off' && first !== undefined && (
                <Times
                  label={label}
                  {...first}
                  onChange={(times) =>
                    setException(at, {
                      ...exception,
                      windows: exception.windows === 'off' ? 'off' : replaced(exception.windows, 0, times),
                    })
                  }
                />
              )}
              <Button
                iconName="remove"
                variant="icon"
                ariaLabel={texts.remove(label)}
                onClick={() => onChange({ ...schedule, exceptions: exceptions.filter((_, index) => index !== at) })}
              />
            </div>
          );
        })}
        <Button
          iconName="add-plus"
          onClick={() => onChange({ ...schedule, exceptions: [...exceptions, { date: '', windows: 'off' }] })}
        >
          {texts.schedule.addException}
        </Button>
      </SpaceBetween>
      <ScheduleWeek schedule={schedule} />
    </SpaceBetween>
  );
}
