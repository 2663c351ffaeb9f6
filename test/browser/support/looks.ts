/** The states that a screen may be in, in the order in which they are shown. */
export const STATES = ['full', 'empty', 'loading', 'failed', 'partial', 'forbidden'] as const;
export type State = (typeof STATES)[number];

export interface Look {
  theme: 'light' | 'dark';
  /** Of the window, in CSS pixels: a telephone, a tablet, a desk. */
  width: 390 | 768 | 1440;
}

const THEMES = ['light', 'dark'] as const;
const WIDTHS = [390, 768, 1440] as const;

/** Each theme with each width. */
export const LOOKS: readonly Look[] = WIDTHS.flatMap((width) => THEMES.map((theme) => ({ theme, width })));

/**
 * How the state of a screen is shown when each is shown once. Two and three have no divisor in common: six places in a row, of a screen or
 * of a state, have every theme with every width.
 */
export function lookOf(screen: number, state: State): Look {
  const place = screen + STATES.indexOf(state);
  return { theme: THEMES[place % THEMES.length]!, width: WIDTHS[place % WIDTHS.length]! };
}
