/** From, and up to but without, in characters. */
export type Range = readonly [from: number, to: number];

/**
 * Where in a line of JSON a JSON Pointer (RFC 6901) points; null where it points nowhere or the line is no JSON. What is
 * missing has no place of its own: the nearest thing around it is marked.
 */
export function pointerRange(json: string, pointer: string): Range | null {
  if (pointer === '') return null;
  const path = pointer.slice(1).split('/').map(unescaped);
  try {
    return new Scanner(json, path).find();
  } catch {
    return null;
  }
}

function unescaped(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+)/y;

class Scanner {
  private at = 0;
  private best: Range | null = null;
  private bestDepth = 0;

  constructor(
    private readonly json: string,
    private readonly path: readonly string[],
  ) {}

  find(): Range | null {
    this.value(0);
    return this.best;
  }

  /** Reads a value; `matched` is how many steps of the path led here, or -1 beside the path. */
  private value(matched: number): void {
    const token = this.next();
    const from = this.at - token.length;
    if (token === '{') this.members(matched);
    else if (token === '[') this.items(matched);
    if (matched > this.bestDepth) {
      this.best = [from, this.at];
      this.bestDepth = matched;
    }
  }

  private members(matched: number): void {
    for (let token = this.next(); token !== '}'; token = this.next()) {
      if (token === ',') continue;
      this.next();
      this.value(this.step(matched, JSON.parse(token) as string));
    }
  }

  private items(matched: number): void {
    for (let index = 0; this.peek() !== ']'; index++) {
      if (this.peek() === ',') this.next();
      this.value(this.step(matched, String(index)));
    }
    this.next();
  }

  private step(matched: number, key: string): number {
    return matched >= 0 && this.path[matched] === key ? matched + 1 : -1;
  }

  private peek(): string {
    const { at } = this;
    const token = this.next();
    this.at = at;
    return token;
  }

  private next(): string {
    TOKEN.lastIndex = this.at;
    const token = TOKEN.exec(this.json)?.[1];
    if (token === undefined) throw new Error('The line ends too early');
    this.at = TOKEN.lastIndex;
    return token;
  }
}
