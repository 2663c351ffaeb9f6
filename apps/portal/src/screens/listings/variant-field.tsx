import { useFormContext } from 'react-hook-form';
import { useRequest } from '../../api';
import { Field, Select } from '../../ui';
import { OfferableVariants } from './documents';
import type { Values } from './offer';

/** Which of the organization's variants is offered. */
export function VariantField() {
  const { register, formState } = useFormContext<Values>();
  const request = useRequest(OfferableVariants, {}, { alsoChangesWith: ['Checkpoint'] });
  const failure = request.status === 'failed' ? request.failure.message : null;
  const variants = request.status === 'ready' ? request.data.checkpoints.nodes : [];
  const none = request.status === 'ready' && variants.length === 0;
  return (
    <Field
      label="Variant"
      required
      help={
        none ? 'You have none yet: a fine-tune that ends well makes one.' : 'What your fine-tunes made, newest first.'
      }
      error={failure ?? formState.errors.checkpointId?.message}
    >
      <Select {...register('checkpointId')} disabled={request.status === 'loading'}>
        <option value="">{request.status === 'loading' ? 'Loading…' : 'Choose one'}</option>
        {variants.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  );
}
