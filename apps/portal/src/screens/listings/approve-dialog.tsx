import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type Failure, useAction } from '../../api';
import { showFailures } from '../../api/form-failures';
import { z } from '../../api/schema';
import { parseDecimal } from '../../format';
import { Dialog, Failures, Field, FormActions, Input, toast } from '../../ui';
import { ApproveListing, type ListingDocument } from './documents';

/** Percent, to the hundredth: basis points. */
const PERCENT_DIGITS = 2;
const MOST_BASIS_POINTS = 10_000;

const schema = z.object({
  share: z.string().refine((text) => {
    const basisPoints = parseDecimal(text, PERCENT_DIGITS);
    return basisPoints !== null && Number(basisPoints) <= MOST_BASIS_POINTS;
  }, 'Percent from 0 to 100, such as 70 or 12.5.'),
});
type Values = z.infer<typeof schema>;

/** Lists what was read: the terms are named by their hash, and the publisher's share is fixed. */
export function ApproveDialog({ listing, onClose }: { listing: ListingDocument; onClose: () => void }) {
  const { id, title, termsSha256 } = listing;
  const { run, busy } = useAction(ApproveListing, (data) => data.approveListing);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const form = useForm<Values>({ resolver: zodResolver(schema), defaultValues: { share: '' } });
  const submit = form.handleSubmit(async ({ share }) => {
    const publisherShareBasisPoints = Number(parseDecimal(share, PERCENT_DIGITS));
    const result = await run({ listingId: id, termsSha256, publisherShareBasisPoints });
    if (!result.ok) return setFailures(showFailures(form, result.failures, { publisherShareBasisPoints: 'share' }));
    toast(`${title} is listed`);
    onClose();
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Approve ${title}?`}
      description="Whom it is for may use it from then on, and it no longer changes."
      actions={<FormActions form={FORM} busy={busy} confirm="Approve" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field
          label="Share of the publisher"
          aside="percent"
          required
          help="Of what its use by others comes to. It never changes."
          error={form.formState.errors.share?.message}
        >
          <Input {...form.register('share')} inputMode="decimal" placeholder="70" autoComplete="off" />
        </Field>
        <p className="text-sm break-all text-ink-soft">
          You approve the terms with the SHA-256 <span className="font-mono">{termsSha256}</span>.
        </p>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'approve-listing';
