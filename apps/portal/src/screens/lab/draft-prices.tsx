import { zodResolver } from '@hookform/resolvers/zod';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useController, useFieldArray, useForm } from 'react-hook-form';
import { type Failure, useAction, useRequest } from '../../api';
import { z } from '../../api/schema';
import { NANO_DIGITS, parseDecimal, words, writeDecimal } from '../../format';
import { PartnerChoice } from '../../partners';
import { METER_UNITS, METERS, type Meter } from '../../terms';
import { Button, Dialog, Failures, Field, FormActions, IconButton, Input, Loaded, Select, toast } from '../../ui';
import { DraftRateCard, FamiliesToChoose, type RateCard, type RateCardLine } from './documents';

/** What a new card begins with. */
const USUAL = ['INPUT_TOKENS', 'OUTPUT_TOKENS', 'TRAINING_TOKENS', 'EVALUATION_TOKENS'] as const;

const lineSchema = z.object({
  meter: z.enum(METERS as [Meter, ...Meter[]]),
  /** Empty, or the id of a family or of a checkpoint. */
  subject: z
    .string()
    .trim()
    .regex(/^((fam|ckpt)_[a-z0-9]+)?$/, 'fam_… or ckpt_…, or nothing.'),
  dollars: z.string().refine((text) => parseDecimal(text, NANO_DIGITS) !== null, 'An amount such as 0.15.'),
  perUnits: z.string().regex(/^[1-9]\d{0,14}$/, 'A whole number.'),
});
const schema = z.object({
  name: z.string().trim().min(1, 'Give it a name.').max(200, 'At most 200 characters.'),
  forOrganizationId: z.string(),
  lines: z.array(lineSchema).min(1, 'At least one price.'),
});
type Values = z.infer<typeof schema>;

interface DraftPricesDialogProps {
  /** Whose prices it begins with. */
  from: RateCard | null;
  onClose: () => void;
}

export function DraftPricesDialog({ from, onClose }: DraftPricesDialogProps) {
  const { run, busy } = useAction(DraftRateCard, (data) => data.draftRateCard);
  const choices = useRequest(FamiliesToChoose, {});
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: {
      name: '',
      forOrganizationId: from?.forOrganization?.id ?? '',
      lines: from ? from.lines.map(valuesOf) : USUAL.map(blankLine),
    },
  });
  const { fields, append, remove } = useFieldArray({ control: form.control, name: 'lines' });
  const chosen = useController({ control: form.control, name: 'forOrganizationId' });
  const { errors } = form.formState;
  const submit = form.handleSubmit(async ({ name, forOrganizationId, lines }) => {
    const result = await run({
      name,
      ...(forOrganizationId ? { forOrganizationId } : {}),
      lines: lines.map(inputOf),
    });
    if (!result.ok) return setFailures(result.failures);
    toast(`${name} is drafted`, 'It has no effect until it is published.');
    onClose();
  });
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title="Draft prices"
      description={
        from
          ? `Begun with the prices of ${from.name}. Nothing changes until it is published.`
          : 'Nothing changes until it is published.'
      }
      actions={<FormActions form={FORM} busy={busy} confirm="Save the draft" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Loaded request={choices}>
          {({ modelFamilies }) => (
            <>
              <div className="grid gap-4 sm:grid-cols-2">
                <Field label="Name" required error={errors.name?.message}>
                  <Input {...form.register('name')} autoComplete="off" placeholder="List prices 2027" />
                </Field>
                <PartnerChoice label="For" none="Everybody without their own" {...chosen.field} />
              </div>
              <datalist id={SUBJECTS}>
                {modelFamilies.nodes.map(({ id, displayName }) => (
                  <option key={id} value={id}>
                    {displayName}
                  </option>
                ))}
              </datalist>
            </>
          )}
        </Loaded>
        <fieldset className="flex flex-col gap-3">
          <legend className="mb-1.5 font-medium">Prices in US dollars</legend>
          {fields.map((field, index) => {
            const wrong = errors.lines?.[index];
            return (
              <div
                key={field.id}
                className="grid items-start gap-x-2 gap-y-1 sm:grid-cols-[11.5rem_1fr_6.5rem_7.5rem_2rem]"
              >
                <Field label="Counted">
                  <Select
                    {...form.register(`lines.${index}.meter`, {
                      onChange: ({ target }) =>
                        form.setValue(`lines.${index}.perUnits`, METER_UNITS[target.value as Meter].priced),
                    })}
                  >
                    {METERS.map((meter) => (
                      <option key={meter} value={meter}>
                        {words(meter)}
                      </option>
                    ))}
                  </Select>
                </Field>
                <Field label="Family or checkpoint" error={wrong?.subject?.message}>
                  <Input
                    {...form.register(`lines.${index}.subject`)}
                    list={SUBJECTS}
                    placeholder="everything"
                    spellCheck={false}
                  />
                </Field>
                <Field label="Price" error={wrong?.dollars?.message}>
                  <Input {...form.register(`lines.${index}.dollars`)} inputMode="decimal" placeholder="0.15" />
                </Field>
                <Field label="Per units" error={wrong?.perUnits?.message}>
                  <Input {...form.register(`lines.${index}.perUnits`)} inputMode="numeric" />
                </Field>
                <IconButton
                  icon={X}
                  label={`Remove price ${index + 1}`}
                  className="sm:mt-6.5"
                  onClick={() => remove(index)}
                />
              </div>
            );
          })}
          <div>
            <Button small icon={Plus} onClick={() => append(blankLine('INPUT_TOKENS'))}>
              Add a price
            </Button>
          </div>
          {errors.lines?.message && <p className="text-sm text-bad">{errors.lines.message}</p>}
        </fieldset>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'draft-prices';
const SUBJECTS = 'draft-prices-subjects';

function blankLine(meter: Meter): Values['lines'][number] {
  return { meter, subject: '', dollars: '', perUnits: METER_UNITS[meter].priced };
}

function valuesOf({ meter, subject, price, perUnits }: RateCardLine): Values['lines'][number] {
  return { meter, subject: subject?.id ?? '', dollars: writeDecimal(price.nanos, NANO_DIGITS), perUnits };
}

function inputOf({ meter, subject, dollars, perUnits }: Values['lines'][number]) {
  return {
    meter,
    perUnits,
    priceNanos: parseDecimal(dollars, NANO_DIGITS) ?? '0',
    ...(subject.startsWith('fam') ? { familyId: subject } : {}),
    ...(subject.startsWith('ckpt') ? { checkpointId: subject } : {}),
  };
}
