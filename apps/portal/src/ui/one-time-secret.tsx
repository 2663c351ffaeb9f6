import { CopyButton } from './copy-button';
import { Notice } from './states';

interface OneTimeSecretProps {
  /** What it is: "key", "password". */
  what: string;
  secret: string;
}

/** A secret that the platform keeps as a hash only: to be copied now. */
export function OneTimeSecret({ what, secret }: OneTimeSecretProps) {
  return (
    <div className="flex flex-col gap-3">
      <Notice tone="warn" title={`Copy the ${what} now`}>
        It is not shown again: the platform keeps no copy of it.
      </Notice>
      <div className="flex min-w-0 items-center gap-2 rounded-md border border-line bg-sunken py-1.5 pr-1.5 pl-3.5">
        <code className="min-w-0 grow font-mono text-sm break-all">{secret}</code>
        <CopyButton text={secret} what={`the ${what}`} withLabel />
      </div>
    </div>
  );
}
