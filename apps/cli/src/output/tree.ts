import type { Style } from '../terminal.js';

export interface Branch {
  /** The first line stands at the branch, the others below it. */
  lines: string[];
  children: Branch[];
}

export function tree(root: Branch, style: Style): string {
  return draw(root, { own: '', below: '' }, style).join('\n');
}

function draw({ lines, children }: Branch, prefix: { own: string; below: string }, style: Style): string[] {
  const [first = '', ...others] = lines;
  const stem = children.length > 0 ? style.dim('│ ') : '  ';
  const drawn = [`${prefix.own}${first}`, ...others.map((line) => `${prefix.below}${stem}${line}`)];
  children.forEach((child, index) => {
    const isLast = index === children.length - 1;
    const own = `${prefix.below}${style.dim(isLast ? '└─ ' : '├─ ')}`;
    drawn.push(...draw(child, { own, below: `${prefix.below}${isLast ? '   ' : style.dim('│  ')}` }, style));
  });
  return drawn;
}
