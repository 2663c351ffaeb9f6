import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { InterruptedError, UsageError } from './failure.js';
import type { Terminal } from './terminal.js';

const INTERRUPT = '\u0003';
const END = '\u0004';
const NOTHING_ENTERED = 'nothing was entered';
const BACKSPACES = new Set(['\u007f', '\b']);

/** Asks a person a line. */
export async function ask(terminal: Terminal, question: string, option: string): Promise<string> {
  assertPerson(terminal, option);
  const reader = createInterface({ input: terminal.stdin, output: terminal.stderr });
  try {
    return await new Promise<string>((resolve, reject) => {
      // Ctrl-C and Ctrl-D close the reader, which then never answers; what was entered right before is an answer.
      const leave = () => reject(new InterruptedError(NOTHING_ENTERED));
      reader.once('close', () => setImmediate(leave));
      reader.once('SIGINT', () => reader.close());
      reader.question(question).then((answer) => resolve(answer.trim()), leave);
    });
  } finally {
    reader.close();
  }
}

/** Asks a person for what is not to be seen. */
export async function askSecret(terminal: Terminal, question: string, option: string): Promise<string> {
  assertPerson(terminal, option);
  const { stdin, stderr } = terminal;
  stderr.write(question);
  stdin.setRawMode?.(true);
  try {
    return await new Promise<string>((resolve, reject) => {
      let secret = '';
      const done = (settle: () => void) => {
        stdin.off('data', onData);
        stdin.off('end', onEnd);
        stdin.pause();
        settle();
      };
      const onData = (chunk: Buffer | string) => {
        for (const character of String(chunk)) {
          if (character === '\r' || character === '\n') return done(() => resolve(secret));
          if (character === INTERRUPT || character === END) return onEnd();
          secret = BACKSPACES.has(character) ? secret.slice(0, -1) : secret + character;
        }
      };
      const onEnd = () => done(() => reject(new InterruptedError(NOTHING_ENTERED)));
      stdin.on('data', onData);
      stdin.on('end', onEnd);
      stdin.resume();
    });
  } finally {
    stdin.setRawMode?.(false);
    stderr.write('\n');
  }
}

/** What a program pipes in. */
export async function readPiped({ stdin }: Terminal): Promise<string> {
  return (await text(stdin as NodeJS.ReadableStream & AsyncIterable<Buffer>)).trimEnd();
}

function assertPerson({ stdin }: Terminal, option: string): void {
  if (!stdin.isTTY) throw new UsageError(`nobody can be asked here: give ${option}`);
}
