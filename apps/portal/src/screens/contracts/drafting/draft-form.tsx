import { zodResolver } from '@hookform/resolvers/zod';
import { type ReactNode, useDeferredValue, useMemo, useState } from 'react';
import { FormProvider, useForm, useFormContext, useWatch } from 'react-hook-form';
import type { ActionResult, Failure } from '../../../api';
import { showFailures } from '../../../api/form-failures';
import { Button, Card, Failures, Field, Input, LinkButton, Section, Textarea } from '../../../ui';
import { Redline } from '../redline';
import { changesBetween } from './changes';
import { CommitmentFields, DiscountFields, OtherFields, RetentionFields, UseFields } from './clause-fields';
import { type TermsInput, termsOf } from './convert';
import { PriceFields } from './price-fields';
import { schema, type Values } from './values';

interface DraftFormProps {
  values: Values;
  /** The fields of the contract itself, where they can be changed. */
  frame?: ReactNode;
  /** Terms in force, which the draft would change. */
  before: TermsInput | null;
  /** An amendment takes effect at a time of its own. */
  isAmendment: boolean;
  busy: boolean;
  cancelTo: string;
  onSave: (values: Values) => Promise<ActionResult<unknown>>;
}

/** All that a version of a contract says, in a form. What it changes of the terms in force is shown while it is filled in. */
export function DraftForm({ values, frame, before, isAmendment, busy, cancelTo, onSave }: DraftFormProps) {
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({ resolver: zodResolver(schema), defaultValues: values });
  const submit = form.handleSubmit(async (filled) => {
    setFailures([]);
    const result = await onSave(filled);
    if (!result.ok) setFailures(showFailures(form, result.failures));
  });
  const isWrong = form.formState.isSubmitted && !form.formState.isValid;
  return (
    <FormProvider {...form}>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-5" noValidate>
        {frame}
        <VersionFields isAmendment={isAmendment} />
        <PriceFields />
        <DiscountFields />
        <CommitmentFields />
        <OtherFields />
        <UseFields />
        <RetentionFields />
        {before && <Changes before={before} />}
        <Failures failures={failures} />
        <div className="flex flex-wrap items-center gap-2">
          <Button kind="primary" type="submit" busy={busy}>
            Save the draft
          </Button>
          <LinkButton kind="quiet" to={cancelTo}>
            Cancel
          </LinkButton>
          <p role="status" className="text-sm text-bad">
            {isWrong && 'Something above is not right yet.'}
          </p>
        </div>
      </form>
    </FormProvider>
  );
}

function VersionFields({ isAmendment }: { isAmendment: boolean }) {
  const { register, formState } = useFormContext<Values>();
  const { errors } = formState;
  return (
    <Card title="This version">
      <Field label="What it is about" help="In a sentence or two, for people." error={errors.summary?.message}>
        <Textarea {...register('summary')} />
      </Field>
      {isAmendment && (
        <Field
          label="Takes effect"
          aside="UTC"
          help="On acceptance, if left out; never in the past."
          className="sm:w-72"
          error={errors.effectiveFrom?.message}
        >
          <Input {...register('effectiveFrom')} type="datetime-local" step="any" />
        </Field>
      )}
    </Card>
  );
}

/** Follows the form at the reader's leisure: typing goes first. */
function Changes({ before }: { before: TermsInput }) {
  const values = useDeferredValue(useWatch<Values>() as Values);
  const changes = useMemo(() => changesBetween(before, termsOf(values)), [before, values]);
  return (
    <Section title="What it changes" description="Of the terms that were accepted last, as the form stands.">
      <Redline changes={changes} />
    </Section>
  );
}
