import { Plus, X } from 'lucide-react';
import { useFieldArray, useFormContext, useWatch } from 'react-hook-form';
import { words } from '../../../format';
import { METER_UNITS, METERS } from '../../../terms';
import { Button, Card, Field, IconButton, Input, Select } from '../../../ui';
import { blankRule, blankTier } from './blank';
import { MATCH_FIELDS, PRICE_KINDS, type PriceKind, type Values } from './values';

const KIND_LABELS: Record<PriceKind, string> = {
  flat: 'Flat: every unit the same',
  graduated: 'Graduated: each part at its tier',
  volume: 'Volume: all at the tier reached',
  package: 'Package: each one begun',
};
const MATCH_LABELS: Record<(typeof MATCH_FIELDS)[number], string> = {
  projectId: 'Project',
  listingId: 'Listing',
  checkpointId: 'Base checkpoint',
  familyId: 'Family',
  method: 'Training method',
};

export function PriceFields() {
  const { control } = useFormContext<Values>();
  const { fields, append, remove } = useFieldArray({ control, name: 'prices' });
  return (
    <Card
      title="Prices"
      description="Usage that no rule names is not charged. Of two rules for the same usage the nearer one holds."
    >
      {fields.map(({ id }, position) => (
        <RuleFields key={id} position={position} onRemove={() => remove(position)} />
      ))}
      <div>
        <Button small icon={Plus} onClick={() => append(blankRule('INPUT_TOKENS'))}>
          Add a price
        </Button>
      </div>
    </Card>
  );
}

function RuleFields({ position, onRemove }: { position: number; onRemove: () => void }) {
  const { register, control, formState } = useFormContext<Values>();
  const kind = useWatch({ control, name: `prices.${position}.kind` });
  const wrong = formState.errors.prices?.[position];
  return (
    <fieldset className="flex min-w-0 flex-col gap-3 rounded-md border border-line p-3.5">
      <legend className="px-1 text-sm text-ink-faint">Price {position + 1}</legend>
      <div className="grid items-start gap-3 sm:grid-cols-[1fr_1fr_1fr_2rem]">
        <Field label="Rule" error={wrong?.id?.message}>
          <Input {...register(`prices.${position}.id`)} autoComplete="off" spellCheck={false} />
        </Field>
        <Field label="Counted">
          <Select {...register(`prices.${position}.meter`)}>
            {METERS.map((meter) => (
              <option key={meter} value={meter}>
                {words(meter)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Kind">
          <Select {...register(`prices.${position}.kind`)}>
            {PRICE_KINDS.map((one) => (
              <option key={one} value={one}>
                {KIND_LABELS[one]}
              </option>
            ))}
          </Select>
        </Field>
        <IconButton icon={X} label={`Remove price ${position + 1}`} className="sm:mt-6.5" onClick={onRemove} />
      </div>
      <TierFields position={position} kind={kind} />
      <details>
        <summary className="cursor-pointer text-sm text-ink-soft">Only for some of this usage</summary>
        <div className="mt-2 grid gap-3 sm:grid-cols-3 lg:grid-cols-5">
          {MATCH_FIELDS.map((field) => (
            <Field key={field} label={MATCH_LABELS[field]} error={wrong?.match?.[field]?.message}>
              <Input {...register(`prices.${position}.match.${field}`)} placeholder="any" spellCheck={false} />
            </Field>
          ))}
        </div>
      </details>
    </fieldset>
  );
}

/** One row for a flat price and a package, one for each tier of the others. */
function TierFields({ position, kind }: { position: number; kind: PriceKind }) {
  const { control } = useFormContext<Values>();
  const [meter, currency] = useWatch({ control, name: [`prices.${position}.meter`, 'currency'] });
  const { fields, append, remove } = useFieldArray({ control, name: `prices.${position}.tiers` });
  const hasTiers = kind === 'graduated' || kind === 'volume';
  return (
    <>
      {fields.slice(0, hasTiers ? undefined : 1).map(({ id }, tier) => (
        <TierRow
          key={id}
          place={`prices.${position}.tiers.${tier}`}
          {...{ position, tier, kind, currency }}
          many={METER_UNITS[meter].many}
          onRemove={hasTiers && fields.length > 1 ? () => remove(tier) : null}
        />
      ))}
      {hasTiers && (
        <div>
          <Button small icon={Plus} onClick={() => append(blankTier(meter))}>
            Add a tier<span className="sr-only"> to price {position + 1}</span>
          </Button>
        </div>
      )}
    </>
  );
}

interface TierRowProps {
  place: `prices.${number}.tiers.${number}`;
  position: number;
  tier: number;
  kind: PriceKind;
  currency: string;
  /** The units of the meter. */
  many: string;
  onRemove: (() => void) | null;
}

function TierRow({ place, position, tier, kind, currency, many, onRemove }: TierRowProps) {
  const { register, formState } = useFormContext<Values>();
  const wrong = formState.errors.prices?.[position]?.tiers?.[tier];
  const hasTiers = kind === 'graduated' || kind === 'volume';
  return (
    <div className="grid items-start gap-3 sm:grid-cols-[repeat(4,1fr)_2rem]">
      {hasTiers && (
        <Field label="Up to" aside={many} error={wrong?.upTo?.message}>
          <Input {...register(`${place}.upTo`)} inputMode="numeric" placeholder="the rest" />
        </Field>
      )}
      <Field label="Price" aside={currency} error={wrong?.price?.message}>
        <Input {...register(`${place}.price`)} inputMode="decimal" placeholder="0.15" />
      </Field>
      <Field label={kind === 'package' ? 'In a package' : 'Per'} aside={many} error={wrong?.per?.message}>
        <Input {...register(`${place}.per`)} inputMode="numeric" />
      </Field>
      {hasTiers && (
        <Field label="Fee" aside={currency} error={wrong?.fee?.message}>
          <Input {...register(`${place}.fee`)} inputMode="decimal" />
        </Field>
      )}
      {onRemove && (
        <IconButton
          icon={X}
          label={`Remove tier ${tier + 1} of price ${position + 1}`}
          className="sm:mt-6.5"
          onClick={onRemove}
        />
      )}
    </div>
  );
}
