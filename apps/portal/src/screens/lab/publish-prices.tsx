import { type FormEvent, useState } from 'react';
import { useAction } from '../../api';
import { Dialog, Failures, Field, FormActions, Input, toast } from '../../ui';
import { PublishRateCard, type RateCard } from './documents';

export function PublishPricesDialog({ card, onClose }: { card: RateCard; onClose: () => void }) {
  const { run, busy, failures } = useAction(PublishRateCard, (data) => data.publishRateCard);
  const [from, setFrom] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    // The browser gives it without a zone: it is in the reader's.
    const result = await run({
      rateCardId: card.id,
      ...(from ? { effectiveFrom: new Date(from).toISOString() } : {}),
    });
    if (!result.ok) return;
    toast(`${card.name} is published`);
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Publish ${card.name}?`}
      description={`${card.forOrganization?.name ?? 'Everybody without prices of their own'} pays these from then on. They can not be changed, only superseded.`}
      actions={<FormActions form={FORM} busy={busy} confirm="Publish" cancel="Keep as a draft" onCancel={onClose} />}
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        <Field label="Holds from" help="Now, if left out; never the past. What began before keeps its prices.">
          <Input type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} />
        </Field>
        <Failures failures={failures} />
      </form>
    </Dialog>
  );
}

const FORM = 'publish-prices';
