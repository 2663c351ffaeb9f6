import { type Style, styleFor, type Terminal } from '../terminal.js';

const CLEAR_LINE = '\r\u001b[2K';
/** A line that is longer than the screen is cut at its edge: what wraps could not be drawn over. */
const WRAP_OFF = '\u001b[?7l';
const WRAP_ON = '\u001b[?7h';
const USUAL_COLUMNS = 80;

/**
 * All that a command says. What was asked for goes to stdout, as text or as JSON; what only accompanies it goes to stderr, and
 * with --json nowhere.
 */
export class Output {
  readonly style: Style;
  private statusLine = '';

  constructor(
    private readonly terminal: Terminal,
    readonly json: boolean,
  ) {
    this.style = styleFor(terminal.stdout, terminal.environment);
  }

  get columns(): number {
    return this.terminal.stdout.columns ?? USUAL_COLUMNS;
  }

  /** A person watches, so that a line may be drawn over and over. */
  get isLive(): boolean {
    return !this.json && this.terminal.stderr.isTTY === true;
  }

  /** The one result of a command. */
  result(value: unknown, text: () => string): void {
    this.print(this.json ? `${JSON.stringify(value, null, 2)}\n` : withNewline(text()));
  }

  /** One of several results: a line of JSON each. */
  item(value: unknown, text: () => string | null): void {
    const line = this.json ? JSON.stringify(value) : text();
    if (line !== null) this.print(withNewline(line));
  }

  /** Text as it comes, such as a log. */
  raw(text: string): void {
    this.print(text);
  }

  /** For people, beside the result. */
  note(text: string): void {
    if (this.json) return;
    this.hideStatus();
    this.terminal.stderr.write(withNewline(text));
    this.showStatus();
  }

  /** A line that is drawn over by the next one; only where a person watches. */
  status(text: string): void {
    if (!this.isLive) return;
    this.hideStatus();
    this.statusLine = text;
    this.showStatus();
  }

  clearStatus(): void {
    this.hideStatus();
    this.statusLine = '';
  }

  private print(text: string): void {
    this.hideStatus();
    this.terminal.stdout.write(text);
    this.showStatus();
  }

  private hideStatus(): void {
    if (this.statusLine) this.terminal.stderr.write(CLEAR_LINE);
  }

  private showStatus(): void {
    if (this.statusLine) this.terminal.stderr.write(`${WRAP_OFF}${this.statusLine}${WRAP_ON}`);
  }
}

function withNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
