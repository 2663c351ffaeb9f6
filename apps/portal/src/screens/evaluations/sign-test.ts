import { formatCount, formatPercent } from '../../format';

interface Split {
  wins: number;
  losses: number;
  signTestP: number;
}

/** Below it, chance alone is taken to be unlikely: the custom of one in twenty. */
const UNLIKELY = 0.05;
const SMALLEST_SHOWN = 0.001;

/** What the split of wins and losses says, for who does not know the test. */
export function signTestSentence({ wins, losses, signTestP }: Split): string {
  if (wins + losses === 0) return 'No example came out differently: on this suite the two do equally well.';
  const split = `${formatCount(Math.max(wins, losses))} to ${formatCount(Math.min(wins, losses))}`;
  const chance = `If both were equally good, a split as uneven as ${split} would still come up in ${often(signTestP)} of comparisons`;
  if (signTestP >= UNLIKELY) return `${chance}: too few examples differ to say that one is better.`;
  return `${chance}: the candidate is ${wins > losses ? 'better' : 'worse'}, and chance is an unlikely reason.`;
}

function often(probability: number): string {
  if (probability < SMALLEST_SHOWN) return `fewer than ${formatPercent(SMALLEST_SHOWN, 1)}`;
  return formatPercent(probability, probability < 0.1 ? 1 : 0);
}
