import type { Piece } from '../format';

/** A text with what another one lacks marked: underlined too, so that no colour has to be told apart. */
export function MarkedText({ pieces }: { pieces: readonly Piece[] }) {
  return pieces.map(({ from, text, own }) =>
    own ? (
      <mark key={from} className="rounded-xs bg-warn-wash text-warn underline decoration-2 underline-offset-2">
        {text}
      </mark>
    ) : (
      <span key={from}>{text}</span>
    ),
  );
}
