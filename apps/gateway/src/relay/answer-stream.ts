import type { TokenCounts } from '#libs/usage';

/** Far more than any event of an engine; what is longer is no event stream. */
const LONGEST_EVENT_BYTES = 16 * 1024 * 1024;
const DONE = '[DONE]';

export interface AnswerStreamOptions {
  /** The name the engine knows, and the one the caller asked for. */
  engineModel: string;
  askedModel: string;
  includeUsage: boolean;
  continuousUsage: boolean;
  /** Choices of one prompt lie side by side in the engine's numbering. */
  choicesPerPrompt: number;
}

/**
 * Turns the engine's event stream into the caller's: the model's name is the one asked for, and usage is shown as far as it
 * was asked for. The engine is always told to count in every event, so that at each moment it is known what was delivered.
 *
 * Events are cut and pasted as text (one character per byte) where their shape is the known one. A key in raw JSON text can't
 * be confused with the same characters inside a string, since quotes are escaped there. Any other shape is parsed.
 */
export class AnswerStream {
  private rest = '';
  private readonly modelKey: string;
  private readonly askedModelKey: string;
  private readonly byChoice = new Map<number, TokenCounts>();
  private total: TokenCounts | null = null;
  private contentEvents = 0;
  private done = false;
  private failure: string | null = null;

  constructor(private readonly options: AnswerStreamOptions) {
    this.modelKey = latin1(`"model":${JSON.stringify(options.engineModel)}`);
    this.askedModelKey = latin1(`"model":${JSON.stringify(options.askedModel)}`);
  }

  /** Whether the engine said that it is through. */
  get isDone(): boolean {
    return this.done;
  }

  /** What the engine said went wrong in mid-answer. */
  get engineError(): string | null {
    return this.failure;
  }

  /**
   * As the engine counted; if it counts nothing, every event with content is at least one token. What of a prompt was cached vLLM tells in
   * the last event alone: of a stream that ends before it nothing is known to have been cached, and its prompt is one that was computed.
   */
  get tokens(): TokenCounts {
    if (this.total) return this.total;
    const counts = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
    if (this.byChoice.size === 0) return { ...counts, outputTokens: this.contentEvents };
    for (const [choice, { inputTokens, cachedInputTokens, outputTokens }] of this.byChoice) {
      if (choice % this.options.choicesPerPrompt === 0) {
        counts.inputTokens += inputTokens;
        counts.cachedInputTokens += cachedInputTokens;
      }
      counts.outputTokens += outputTokens;
    }
    return counts;
  }

  /** The bytes for the caller that a piece of the engine's stream stands for; empty when no event is whole yet. */
  push(chunk: Buffer): Buffer {
    const text = this.rest + chunk.toString('latin1');
    let out = '';
    let from = 0;
    for (;;) {
      const end = text.indexOf('\n\n', from);
      if (end < 0) break;
      out += this.event(text.slice(from, end));
      from = end + 2;
    }
    this.rest = text.slice(from);
    if (this.rest.length > LONGEST_EVENT_BYTES) throw new Error('the engine sent an event without end');
    return Buffer.from(out, 'latin1');
  }

  private event(event: string): string {
    if (this.failure !== null) return '';
    if (!event.startsWith('data: ')) return `${event}\n\n`;
    const data = event.slice(6);
    if (data === DONE) {
      this.done = true;
      return `${event}\n\n`;
    }
    if (data.startsWith('{"error"')) {
      this.failure = utf8(data);
      return '';
    }
    const rewritten = this.splice(data) ?? this.rebuild(data);
    return rewritten === null ? '' : `data: ${rewritten}\n\n`;
  }

  /** The event for the caller, null if it is not for them; undefined when its shape is not the known one. */
  private splice(data: string): string | null | undefined {
    const model = data.indexOf(this.modelKey);
    const usage = data.lastIndexOf(',"usage":');
    if (model < 0 || usage < model || !data.endsWith('}')) return undefined;
    const counts = parseCounts(data.slice(usage + 9, -1));
    if (counts === undefined) return undefined;
    const choice = singleChoice(data);
    if (choice === undefined) return undefined;
    this.note(counts, choice);
    if (choice === null && !this.options.includeUsage) return null;
    const shown =
      choice === null || this.options.continuousUsage
        ? data.slice(usage)
        : this.options.includeUsage
          ? ',"usage":null}'
          : '}';
    return data.slice(0, model) + this.askedModelKey + data.slice(model + this.modelKey.length, usage) + shown;
  }

  private rebuild(data: string): string | null {
    const event = JSON.parse(utf8(data)) as EngineEvent;
    const choices = event.choices ?? [];
    const counts = event.usage == null ? null : (parseCounts(JSON.stringify(event.usage)) ?? null);
    const isLast = choices.length === 0 && counts !== null;
    this.contentEvents += choices.filter(hasContent).length;
    this.note(counts, isLast ? null : (choices[0]?.index ?? 0));
    if (isLast && !this.options.includeUsage) return null;
    if ('model' in event) event.model = this.options.askedModel;
    if (!isLast && !this.options.continuousUsage) {
      if (this.options.includeUsage) event.usage = null;
      else delete event.usage;
    }
    return latin1(JSON.stringify(event));
  }

  /** `choice` is null for the last event, whose counts are the whole answer's. */
  private note(counts: TokenCounts | null, choice: number | null): void {
    if (counts === null) return;
    if (choice === null) this.total = counts;
    else this.byChoice.set(choice, counts);
  }
}

interface EngineEvent {
  model?: string;
  choices?: EngineChoice[];
  usage?: unknown;
}

interface EngineChoice {
  index?: number;
  text?: string;
  delta?: { content?: string; tool_calls?: unknown };
}

function hasContent({ text, delta }: EngineChoice): boolean {
  return Boolean(text || delta?.content || delta?.tool_calls);
}

/** Null where there is none yet; undefined when the text is no usage. */
export function parseCounts(text: string): TokenCounts | null | undefined {
  if (text === 'null') return null;
  try {
    const { prompt_tokens, completion_tokens, prompt_tokens_details } = JSON.parse(text) as EngineUsage;
    if (!Number.isSafeInteger(prompt_tokens)) return undefined;
    const inputTokens = Number(prompt_tokens);
    const cachedInputTokens = cachedOf(prompt_tokens_details?.cached_tokens, inputTokens);
    return { inputTokens, cachedInputTokens, outputTokens: Number(completion_tokens ?? 0) };
  } catch {
    return undefined;
  }
}

interface EngineUsage {
  prompt_tokens?: unknown;
  completion_tokens?: unknown;
  prompt_tokens_details?: { cached_tokens?: unknown } | null;
}

/** An engine that does not say it, or says what is no number of tokens, is one without a cache. No more can be cached than there was. */
function cachedOf(said: unknown, inputTokens: number): number {
  return Number.isSafeInteger(said) ? Math.max(0, Math.min(said as number, inputTokens)) : 0;
}

const CHOICES = ',"choices":[';

/** The index of the event's one choice, null when it has none, undefined when it can't be told. */
function singleChoice(data: string): number | null | undefined {
  const at = data.indexOf(CHOICES);
  if (at < 0) return undefined;
  const first = at + CHOICES.length;
  if (data[first] === ']') return null;
  if (!data.startsWith('{"index":', first)) return undefined;
  const index = Number.parseInt(data.slice(first + 9, first + 15), 10);
  return Number.isNaN(index) || data.indexOf('},{"index":', first) >= 0 ? undefined : index;
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
