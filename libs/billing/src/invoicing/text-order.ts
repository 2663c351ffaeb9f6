/**
 * Compares by Unicode code points. JavaScript compares UTF-16 units, where a character beyond U+FFFF begins with a surrogate
 * and so would come before U+E000 to U+FFFF.
 */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let position = 0; position < length; position++) {
    const difference = weight(left.charCodeAt(position)) - weight(right.charCodeAt(position));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Surrogates go last: their characters are the highest ones. */
function weight(unit: number): number {
  const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
  return isSurrogate ? unit + 0x10000 : unit;
}
