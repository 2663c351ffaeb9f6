import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { paths } from '../../../app';
import { CURRENCIES, NANO_DIGITS, parseDecimal } from '../../../format';
import { Button, Field, Input, Select } from '../../../ui';
import { type ProgrammeSearch, SPANS_DAYS } from './search';

/** Over which time, in which currency, and what an hour of the cluster costs. */
export function Choices({ search }: { search: ProgrammeSearch }) {
  const navigate = useNavigate();
  const choose = (more: Partial<ProgrammeSearch>) =>
    void navigate({ to: paths.lab('programme'), search: { ...search, ...more } as never, replace: true });
  return (
    <search className="flex flex-wrap items-start gap-x-4 gap-y-3">
      <Field label="Time" className="w-40">
        <Select value={search.days ?? 30} onChange={({ target }) => choose({ days: Number(target.value) })}>
          {SPANS_DAYS.map((days) => (
            <option key={days} value={days}>
              Last {days} days
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Currency" className="w-28">
        <Select
          value={search.currency ?? 'USD'}
          onChange={({ target }) => choose({ currency: target.value as ProgrammeSearch['currency'] })}
        >
          {CURRENCIES.map((currency) => (
            <option key={currency}>{currency}</option>
          ))}
        </Select>
      </Field>
      <HourCost cost={search.cost ?? ''} onChoose={(cost) => choose({ cost })} />
    </search>
  );
}

function HourCost({ cost, onChoose }: { cost: string; onChoose: (cost: string | undefined) => void }) {
  const [text, setText] = useState(cost);
  const isAmount = text.trim() === '' || parseDecimal(text.trim(), NANO_DIGITS) !== null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isAmount) onChoose(text.trim() || undefined);
  };
  return (
    <form onSubmit={submit} className="flex items-start gap-2">
      <Field
        label="An hour costs"
        className="w-44"
        help="Of one attempt, for the margin."
        error={isAmount ? null : 'An amount such as 2.40.'}
      >
        <Input
          inputMode="decimal"
          placeholder="2.40"
          value={text}
          onChange={({ target }) => setText(target.value)}
          autoComplete="off"
        />
      </Field>
      <Button type="submit" className="mt-6.5">
        Work out
      </Button>
    </form>
  );
}
