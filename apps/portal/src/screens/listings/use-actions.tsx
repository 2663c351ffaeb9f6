import { MessagesSquare, Rocket, Sparkles } from 'lucide-react';
import { paths, useWhyNot } from '../../app';
import { whyNotEntitled } from '../../licensing';
import { Button, LinkButton } from '../../ui';
import type { ListingDocument } from './documents';
import { variantName } from './naming';

/** Where what is offered may be used; nowhere once it has ended. */
export function UseActions({ listing }: { listing: ListingDocument }) {
  const whyNot = useWhyNot();
  const { state, use, allowsFineTuning } = listing;
  const name = variantName(listing);
  if (state !== 'LISTED' || name === null || !use || !('allowedActions' in use)) return null;
  const whyNotDeploy = whyNotEntitled(use, 'DEPLOY');
  const fineTuning = {
    label: 'Fine-tune from it',
    icon: Sparkles,
    to: paths.newFineTune(),
    search: { base: name },
    reason: whyNotEntitled(use, 'FINE_TUNE') ?? whyNot('JOBS_WRITE'),
  };
  const uses = [
    {
      label: 'Try it',
      icon: MessagesSquare,
      to: paths.playground(),
      search: { left: name },
      reason: whyNotDeploy ?? whyNot('INFERENCE_CALL'),
    },
    ...(allowsFineTuning ? [fineTuning] : []),
    {
      label: 'Deploy',
      icon: Rocket,
      to: paths.deployments(),
      search: { checkpoint: name },
      reason: whyNotDeploy ?? whyNot('DEPLOYMENTS_WRITE'),
      kind: 'primary' as const,
    },
  ];
  return uses.map(({ reason, to, search, label, ...look }) =>
    reason ? (
      <Button key={label} {...look} whyNot={reason}>
        {label}
      </Button>
    ) : (
      <LinkButton key={label} {...look} to={to} search={search as never}>
        {label}
      </LinkButton>
    ),
  );
}
