import type { ListedRun } from './documents';
import { formatScore, formatStandardError } from './metrics';

/** What a run found, with how far it can be trusted; a dash where it found nothing. */
export function RunScore({ score }: { score: ListedRun['score'] }) {
  if (!score) return <span className="text-ink-faint">–</span>;
  return (
    <span className="whitespace-nowrap">
      {formatScore(score.metric, score.score)}{' '}
      <span className="text-ink-faint" title="Standard error">
        {formatStandardError(score.metric, score.standardError)}
      </span>
    </span>
  );
}
