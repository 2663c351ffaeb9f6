import type { ComponentProps, ReactNode } from 'react';
import { Field, Select } from '../ui';
import { usePartners } from './use-partners';

interface PartnerChoiceProps extends Omit<ComponentProps<'select'>, 'children'> {
  label?: string;
  /** What it means that none is chosen: "All partners". */
  none: string;
  help?: ReactNode;
  error?: string;
}

/** One of the lab's partners, by its id; the empty text is none. Not there for who may not know them. */
export function PartnerChoice(props: PartnerChoiceProps) {
  const { label = 'Partner', none, help, error, required, className, ...select } = props;
  const { partners, isForbidden, failure } = usePartners();
  if (isForbidden) return null;
  return (
    <Field label={label} help={help} error={error ?? failure?.message} required={required} className={className}>
      <Select {...select}>
        <option value="">{none}</option>
        {[...partners].map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  );
}
