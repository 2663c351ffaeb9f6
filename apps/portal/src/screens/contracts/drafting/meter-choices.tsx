import type { UseFormRegisterReturn } from 'react-hook-form';
import { words } from '../../../format';
import { METERS } from '../../../terms';
import { Checkbox } from '../../../ui';

interface MeterChoicesProps {
  legend: string;
  field: UseFormRegisterReturn;
}

/** Any of the meters; none chosen stands for all. */
export function MeterChoices({ legend, field }: MeterChoicesProps) {
  return (
    <fieldset>
      <legend className="mb-1 text-sm text-ink-faint">{legend}</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1">
        {METERS.map((meter) => (
          <Checkbox key={meter} label={words(meter)} value={meter} {...field} />
        ))}
      </div>
    </fieldset>
  );
}
