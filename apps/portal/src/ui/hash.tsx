import { CopyButton } from './copy-button';

/** A hash to compare: its beginning to see, all of it to copy. */
export function Hash({ sha256, of }: { sha256: string; of: string }) {
  return (
    <span className="inline-flex items-center gap-0.5">
      <span className="font-mono text-sm" title={sha256}>
        {sha256.slice(0, 16)}…
      </span>
      <CopyButton text={sha256} what={`the hash of ${of}`} />
    </span>
  );
}
