import { Switch as BaseSwitch } from '@base-ui/react/switch';
import { ChevronDown } from 'lucide-react';
import { type ComponentProps, createContext, type ReactNode, use, useId } from 'react';
import { classNames } from './class-names';

interface FieldIds {
  control: string;
  help?: string;
  error?: string;
}
const FieldContext = createContext<FieldIds | null>(null);

export interface FieldProps {
  label: ReactNode;
  /** What it is and what a good value is, in a sentence. */
  help?: ReactNode;
  error?: string | null;
  /** Beside the label: a unit, a default, a reset. */
  aside?: ReactNode;
  required?: boolean;
  className?: string;
  children: ReactNode;
}

/** A label, one control, what it means, what is wrong with it; tied together for who listens. */
export function Field({ label, help, error, aside, required, className, children }: FieldProps) {
  const id = useId();
  const ids: FieldIds = {
    control: `${id}-control`,
    help: help ? `${id}-help` : undefined,
    error: error ? `${id}-error` : undefined,
  };
  return (
    <FieldContext value={ids}>
      <div className={classNames('flex min-w-0 flex-col gap-1', className)}>
        <div className="flex items-baseline justify-between gap-2">
          <label htmlFor={ids.control} className="font-medium">
            {label}
            {required && (
              <span aria-hidden className="text-bad">
                {' '}
                *
              </span>
            )}
          </label>
          {aside && <span className="text-sm text-ink-faint">{aside}</span>}
        </div>
        {children}
        {error && (
          <p id={ids.error} role="alert" className="text-sm text-bad">
            {error}
          </p>
        )}
        {help && (
          <p id={ids.help} className="text-sm text-ink-faint">
            {help}
          </p>
        )}
      </div>
    </FieldContext>
  );
}

function useControl(given: { id?: string; 'aria-describedby'?: string }) {
  const ids = use(FieldContext);
  const described = [given['aria-describedby'], ids?.error, ids?.help].filter(Boolean).join(' ');
  return {
    id: given.id ?? ids?.control,
    'aria-invalid': ids?.error ? true : undefined,
    'aria-describedby': described || undefined,
  };
}

const BOX =
  'w-full min-w-0 rounded-md border border-line-strong/70 bg-surface px-2.5 text-base text-ink placeholder:text-ink-faint ' +
  'hover:border-line-strong aria-invalid:border-bad disabled:bg-sunken disabled:text-ink-faint';

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input {...rest} {...useControl(rest)} className={classNames(BOX, 'h-8.5', className)} />;
}

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea {...rest} {...useControl(rest)} className={classNames(BOX, 'min-h-20 py-1.5', className)} />;
}

/** The browser's own list: it fits every device and every way of input. */
export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={classNames('relative block min-w-0', className)}>
      <select {...rest} {...useControl(rest)} className={classNames(BOX, 'h-8.5 appearance-none truncate pr-8')}>
        {children}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute top-2.5 right-2.5 size-4 text-ink-faint" />
    </span>
  );
}

interface ChoiceProps extends Omit<ComponentProps<'input'>, 'type'> {
  label: ReactNode;
  help?: ReactNode;
}

export function Checkbox({ label, help, className, ...rest }: ChoiceProps) {
  return <Choice type="checkbox" label={label} help={help} className={className} {...rest} />;
}

function Choice({ type, label, help, className, ...rest }: ChoiceProps & { type: 'checkbox' | 'radio' }) {
  const id = useId();
  return (
    <div className={classNames('flex items-start gap-2', className)}>
      <input
        type={type}
        id={id}
        aria-describedby={help ? `${id}-help` : undefined}
        {...rest}
        className="mt-0.75 size-4 shrink-0 accent-accent"
      />
      <div className="min-w-0">
        <label htmlFor={id}>{label}</label>
        {help && (
          <p id={`${id}-help`} className="text-sm text-ink-faint">
            {help}
          </p>
        )}
      </div>
    </div>
  );
}

export interface RadioOption<Value extends string> {
  value: Value;
  label: ReactNode;
  help?: ReactNode;
  disabled?: boolean;
}

interface RadioGroupProps<Value extends string> {
  legend: ReactNode;
  options: ReadonlyArray<RadioOption<Value>>;
  value: Value | null;
  onChange: (value: Value) => void;
  inline?: boolean;
  error?: string | null;
}

export function RadioGroup<Value extends string>(props: RadioGroupProps<Value>) {
  const { legend, options, value, onChange, inline, error } = props;
  const name = useId();
  return (
    <fieldset className="min-w-0" aria-describedby={error ? `${name}-error` : undefined}>
      <legend className="mb-1.5 font-medium">{legend}</legend>
      <div className={classNames('flex gap-x-5 gap-y-2', inline ? 'flex-wrap' : 'flex-col')}>
        {options.map((option) => (
          <Choice
            key={option.value}
            type="radio"
            name={name}
            label={option.label}
            help={option.help}
            disabled={option.disabled}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
        ))}
      </div>
      {error && (
        <p id={`${name}-error`} role="alert" className="mt-1 text-sm text-bad">
          {error}
        </p>
      )}
    </fieldset>
  );
}

interface SwitchProps {
  label: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}

export function Switch({ label, checked, onChange, disabled }: SwitchProps) {
  const id = useId();
  return (
    <div className="flex items-center gap-2">
      <BaseSwitch.Root
        aria-labelledby={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChange}
        className="flex h-5 w-9 shrink-0 rounded-full border border-line-strong bg-sunken p-0.5 transition-colors data-checked:border-accent data-checked:bg-accent"
      >
        <BaseSwitch.Thumb className="size-3.5 rounded-full bg-ink-soft transition-transform data-checked:translate-x-4 data-checked:bg-accent-ink" />
      </BaseSwitch.Root>
      {/* A click on the words presses it too; the keyboard reaches the switch itself. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the switch is the control. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the switch is the control. */}
      <span id={id} onClick={() => !disabled && onChange(!checked)}>
        {label}
      </span>
    </div>
  );
}
