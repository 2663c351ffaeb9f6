/** A stretch of a text, and whether the other text has it too. */
export interface Piece {
  /** Where it begins. */
  from: number;
  text: string;
  own: boolean;
}

/** Beyond it the comparison would take longer than a frame; what follows is not marked. */
const LARGEST_WORDS = 1_200;

/** What of each text the other one lacks, word by word: the longest common run of words is what they share. */
export function compareTexts(left: string, right: string): [Piece[], Piece[]] {
  const [a, restA] = wordsOf(left);
  const [b, restB] = wordsOf(right);
  const lengths = commonLengths(a, b);
  const sharedLeft = new Set<number>();
  const sharedRight = new Set<number>();
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      sharedLeft.add(i++);
      sharedRight.add(j++);
    } else if (at(lengths, i + 1, j, b.length) >= at(lengths, i, j + 1, b.length)) i++;
    else j++;
  }
  return [piecesOf(a, sharedLeft, restA), piecesOf(b, sharedRight, restB)];
}

/** Words and the space between them, and what is beyond the limit. */
function wordsOf(text: string): [string[], string] {
  const words = text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
  return [words.slice(0, LARGEST_WORDS), words.slice(LARGEST_WORDS).join('')];
}

/** How long the longest common run is from each pair of places on; one row after the other. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? at(lengths, i + 1, j + 1, b.length) + 1
          : Math.max(at(lengths, i + 1, j, b.length), at(lengths, i, j + 1, b.length));
    }
  }
  return lengths;
}

function at(lengths: Uint16Array, i: number, j: number, rightLength: number): number {
  return lengths[i * (rightLength + 1) + j] ?? 0;
}

function piecesOf(words: readonly string[], shared: ReadonlySet<number>, rest: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const add = (text: string, own: boolean) => {
    const last = pieces.at(-1);
    if (last && last.own === own) last.text += text;
    else pieces.push({ from, text, own });
    from += text.length;
  };
  // Space alone is no difference worth a mark.
  words.forEach((text, index) => {
    add(text, !shared.has(index) && text.trim() !== '');
  });
  if (rest) add(rest, false);
  return pieces;
}
