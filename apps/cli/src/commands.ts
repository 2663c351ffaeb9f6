import { Command, InvalidArgumentError } from 'commander';
import { type CommonOptions, Context } from './context.js';
import type { Terminal } from './terminal.js';

type Handler<Options> = (context: Context, options: Options, ...operands: never[]) => Promise<void>;

const COMMON = 'Options of every command:';

/** A place to hang commands on: the program, or one of its groups. */
export class Commands {
  constructor(
    private readonly parent: Command,
    private readonly terminal: Terminal,
  ) {}

  /** Commands about one thing, such as `jobs list`. */
  group(name: string, description: string, add: (group: Commands) => void): this {
    const command = new Command(name).description(description).copyInheritedSettings(this.parent);
    this.parent.addCommand(command);
    add(new Commands(command, this.terminal));
    return this;
  }

  /** A command that reads. */
  read<Options extends object>(
    usage: string,
    description: string,
    handler: Handler<Options & CommonOptions>,
    configure: (command: Command) => Command = (command) => command,
    settings: { isDefault?: boolean } = {},
  ): this {
    const command = this.parent.command(usage, settings).description(description);
    configure(command)
      .optionsGroup(COMMON)
      .option('-p, --project <id or slug>', 'the project it is about (FORKPOINT_PROJECT)')
      .option('--json', 'print JSON for programs, and nothing else')
      .option('--debug', 'show where an error came from');
    command.action(async (...given: unknown[]) => {
      const operands = given.slice(0, -2) as never[];
      const options = command.opts<Options & CommonOptions>();
      const context = new Context(this.terminal, options);
      try {
        await handler(context, options, ...operands);
      } finally {
        await context.close();
      }
    });
    return this;
  }

  /** A command that changes something: it can be repeated safely under a key. */
  act<Options extends object>(
    usage: string,
    description: string,
    handler: Handler<Options & CommonOptions>,
    configure: (command: Command) => Command = (command) => command,
  ): this {
    return this.read(usage, description, handler, (command) =>
      configure(command).option(
        '--idempotency-key <key>',
        'yours to choose: the same command with the same key within 24 hours is done once',
      ),
    );
  }
}

export function integer(lowest: number, highest = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= lowest && value <= highest) return value;
    const range = highest === Number.MAX_SAFE_INTEGER ? `from ${lowest}` : `from ${lowest} to ${highest}`;
    throw new InvalidArgumentError(`Give a whole number ${range}.`);
  };
}

export function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Give a number.');
}

export function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

/** Given more than once, each adds a pair. */
export function pair(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Give name=value.');
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}

/** US dollars as an exact number of nano-dollars. */
export function nanoDollars(text: string): string {
  const match = /^\$?(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text.trim());
  if (!match) throw new InvalidArgumentError('Give US dollars, such as 2.50.');
  return String(BigInt(match[1]!) * 1_000_000_000n + BigInt((match[2] ?? '').padEnd(9, '0')));
}

/** A moment: a date, a time in ISO 8601. */
export function moment(text: string): Date {
  const value = new Date(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(value.getTime())) return value;
  throw new InvalidArgumentError('Give a date such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z.');
}
