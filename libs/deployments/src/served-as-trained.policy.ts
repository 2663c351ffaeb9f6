import type { PublishedCheckpoint } from '#libs/catalog';
import { DEPLOYMENT_ERRORS } from './deployments.errors.js';

type Frozen = Pick<PublishedCheckpoint, 'name' | 'tokenizerSha256' | 'templateSha256'>;

/**
 * An adapter is served with its base's tokenizer and template. Both checkpoints have the hashes of theirs frozen in them: where
 * they differ, text would be cut into other tokens, or chats be written in another form, than it was trained on.
 */
export function assertServedAsTrained(adapter: Frozen, base: Frozen): void {
  const names = { checkpoint: adapter.name, base: base.name };
  if (adapter.tokenizerSha256 !== base.tokenizerSha256)
    throw DEPLOYMENT_ERRORS.TOKENIZER_DIFFERS(names, { path: ['checkpoint'] });
  if (adapter.templateSha256 !== base.templateSha256)
    throw DEPLOYMENT_ERRORS.TEMPLATE_DIFFERS(names, { path: ['checkpoint'] });
}
