import { zodResolver } from '@hookform/resolvers/zod';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Controller, FormProvider, useForm, useFormContext, useWatch } from 'react-hook-form';
import { type Action, type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { paths } from '../../app';
import { Checkbox, Dialog, Failures, Field, FormActions, Input, RadioGroup, Textarea, toast } from '../../ui';
import { CreateListing, type ListingDocument, UpdateListing } from './documents';
import { BLANK, offerOf, schema, type Values, valuesOf } from './offer';
import { PriceFields } from './price-fields';
import { VariantField } from './variant-field';

/** A draft, with its page to follow. */
export function NewOfferDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const action = useAction(CreateListing, (data) => data.createListing);
  return (
    <OfferDialog
      title="Offer a variant"
      values={BLANK}
      inputOf={(values) => ({ ...offerOf(values), checkpointId: values.checkpointId })}
      onDone={({ listing }) => listing && void navigate({ to: paths.listing(listing.id) })}
      {...{ action, onClose }}
    />
  );
}

/** Of a draft, or of one that the lab gave back. */
export function ChangeOfferDialog({ listing, onClose }: { listing: ListingDocument; onClose: () => void }) {
  const action = useAction(UpdateListing, (data) => data.updateListing);
  return (
    <OfferDialog
      title={`Change ${listing.title}`}
      values={valuesOf(listing)}
      isKnown
      inputOf={(values) => ({ ...offerOf(values), listingId: listing.id })}
      onDone={() => undefined}
      {...{ action, onClose }}
    />
  );
}

interface OfferDialogProps<Input, Payload> {
  title: string;
  values: Values;
  /** Which variant it offers no longer changes. */
  isKnown?: boolean;
  action: Action<Input, Payload>;
  inputOf: (values: Values) => Input;
  onDone: (payload: Payload) => void;
  onClose: () => void;
}

function OfferDialog<Input, Payload>(props: OfferDialogProps<Input, Payload>) {
  const { title, values, isKnown = false, action, inputOf, onDone, onClose } = props;
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({ resolver: zodResolver(schema), defaultValues: values });
  const submit = form.handleSubmit(async (filled) => {
    const result = await action.run(inputOf(filled));
    if (!result.ok) return setFailures(showFailures(form, result.failures, { prices: 'prices.0.amount' }));
    toast('The draft is saved', 'Submit it when the lab may read it.');
    onClose();
    onDone(result.payload);
  });
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description="A draft until you submit it. Once it is listed it no longer changes: another price is another listing."
      actions={<FormActions form={FORM} busy={action.busy} confirm="Save the draft" onCancel={onClose} />}
    >
      <FormProvider {...form}>
        <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
          {!isKnown && <VariantField />}
          <Words />
          <Audience />
          <PriceFields />
          <Terms />
          <Failures failures={failures} />
        </form>
      </FormProvider>
    </Dialog>
  );
}

const FORM = 'offer';

function Words() {
  const { register, formState } = useFormContext<Values>();
  const { errors } = formState;
  return (
    <>
      <Field label="Title" required help="What it is called." error={errors.title?.message}>
        <Input {...register('title')} autoComplete="off" />
      </Field>
      <Field label="Summary" required help="What it is good for, for who chooses." error={errors.summary?.message}>
        <Textarea {...register('summary')} />
      </Field>
    </>
  );
}

function Audience() {
  const { register, control, formState } = useFormContext<Values>();
  const isNamed = useWatch({ control, name: 'audience' }) === 'NAMED';
  return (
    <>
      <Controller
        control={control}
        name="audience"
        render={({ field }) => (
          <RadioGroup
            inline
            legend="For whom it is"
            options={[
              { value: 'ALL_PARTNERS', label: 'All partners', help: 'Those that come later too.' },
              { value: 'NAMED', label: 'Named partners', help: 'None of them sees who else is named.' },
            ]}
            value={field.value}
            onChange={field.onChange}
          />
        )}
      />
      {isNamed && (
        <Field
          label="Their ids"
          required
          help="Each tells you its own: its page of listings shows it."
          error={formState.errors.organizationIds?.message}
        >
          <Input {...register('organizationIds')} placeholder="org_…, org_…" autoComplete="off" spellCheck={false} />
        </Field>
      )}
    </>
  );
}

function Terms() {
  const { register, formState } = useFormContext<Values>();
  return (
    <>
      <Field
        label="Terms"
        required
        help="Kept to the character: its hash is what the lab approves."
        error={formState.errors.terms?.message}
      >
        <Textarea {...register('terms')} className="min-h-40 font-mono text-sm" />
      </Field>
      <Checkbox
        {...register('allowsFineTuning')}
        label="Others may fine-tune from it"
        help="What they make is a variant of theirs; they need the lab’s grant of the base for that."
      />
    </>
  );
}
