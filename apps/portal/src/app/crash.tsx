import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { RotateCw } from 'lucide-react';
import { Button, EmptyState, LinkButton, PageHeader } from '../ui';

/** A mistake of ours, or a page whose code could not be fetched, such as after a new version came. */
export function Crash({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const outdated = isLoadFailure(error);
  const retry = () => {
    if (outdated) location.reload();
    else {
      reset();
      void router.invalidate();
    }
  };
  return (
    <div role="alert">
      <PageHeader title={outdated ? 'This page could not be fetched' : 'This page broke'} />
      <EmptyState
        title={
          outdated ? 'The network is away, or there is a newer version' : 'It is a mistake of the portal, not yours'
        }
        actions={
          <>
            <Button icon={RotateCw} onClick={retry}>
              {outdated ? 'Load it again' : 'Try again'}
            </Button>
            <LinkButton to="/" kind="quiet">
              Home
            </LinkButton>
          </>
        }
      >
        <p>What you did before is kept by the platform.</p>
        <p className="font-mono text-sm">{error instanceof Error ? error.message : String(error)}</p>
      </EmptyState>
    </div>
  );
}

export function NotFound() {
  return (
    <>
      <PageHeader title="There is no such page" />
      <EmptyState
        title="Nothing is at this address"
        actions={
          <LinkButton to="/" kind="primary">
            Home
          </LinkButton>
        }
      >
        Check the address, or go on from the navigation.
      </EmptyState>
    </>
  );
}

function isLoadFailure(error: unknown): boolean {
  return error instanceof TypeError && /dynamically imported module|module script failed/i.test(error.message);
}
