import { styleText } from 'node:util';

/** What the command line stands in: streams, environment and time come from outside, so that a spec can give its own. */
export interface Terminal {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  environment: NodeJS.ProcessEnv;
  now: () => Date;
  /** Called at Ctrl-C, before the command ends. */
  onInterrupt: (() => void) | null;
}

export type Paint = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Style = Record<Paint, (text: string) => string>;

const PAINTS: readonly Paint[] = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'];

/** Colour only where a person looks, and never against NO_COLOR (https://no-color.org). */
export function styleFor(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): Style {
  const coloured = stream.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  const paint = (name: Paint) => (text: string) =>
    coloured && text !== '' ? styleText(name, text, { validateStream: false }) : text;
  return Object.fromEntries(PAINTS.map((name) => [name, paint(name)])) as Style;
}
