import { createInterface } from 'node:readline/promises';
import type { OpenAI } from 'openai';
import { type Commands, decimal, integer } from '../commands.js';
import type { Context } from '../context.js';
import { failureOf, presentFailure, UsageError } from '../failure.js';
import { readPiped } from '../prompt.js';

interface ChatOptions {
  system?: string;
  temperature?: number;
  topP?: number;
  maxTokens?: number;
  seed?: number;
  stop?: string[];
  stream: boolean;
}

type Message = OpenAI.Chat.ChatCompletionMessageParam;

/** So long a warm model takes at most to say its first word. */
const COLD_AFTER_MILLISECONDS = 2_000;

export function addChatCommand(commands: Commands): void {
  commands.read<ChatOptions>(
    'chat <model> [prompt...]',
    'Talk to a checkpoint, a variant or a deployment: a prompt answers once, none begins a conversation',
    chat,
    (command) =>
      command
        .option('--system <text>', 'said before everything')
        .option('--temperature <number>', '0 for the likeliest words', decimal)
        .option('--top-p <share>', 'only the likeliest words that add up to this', decimal)
        .option('--max-tokens <count>', 'longest answer', integer(1))
        .option('--seed <number>', 'of the choice of words', integer(0))
        .option('--stop <text>', 'ends the answer; may be given more than once', (text: string, all: string[] = []) => [
          ...all,
          text,
        ])
        .option('--no-stream', 'print the answer when it is whole'),
  );
}

async function chat(context: Context, options: ChatOptions, model: string, words: string[]): Promise<void> {
  const { terminal, out } = context;
  const openai = await context.openai();
  const conversation = new Conversation(context, openai, model, options);
  const given = words.join(' ');
  if (given !== '' || !terminal.stdin.isTTY) {
    const prompt = given === '' || given === '-' ? await readPiped(terminal) : given;
    if (prompt === '') throw new UsageError('there is nothing to say: give a prompt, or pipe one in');
    return conversation.once(prompt);
  }
  if (out.json) throw new UsageError('--json answers once: give a prompt');
  await conversation.goOn();
}

class Conversation {
  private readonly messages: Message[] = [];
  private answering: AbortController | null = null;

  constructor(
    private readonly context: Context,
    private readonly openai: OpenAI,
    private readonly model: string,
    private readonly options: ChatOptions,
  ) {
    this.clear();
  }

  async once(prompt: string): Promise<void> {
    const { out } = this.context;
    this.messages.push({ role: 'user', content: prompt });
    if (out.json || !this.options.stream) {
      const completion = await this.whole();
      return out.result(completion, () => completion.choices[0]?.message.content ?? '');
    }
    await this.streamed();
    out.raw('\n');
  }

  /** Until the person leaves; an answer that fails does not end the conversation. */
  async goOn(): Promise<void> {
    const { terminal, out } = this.context;
    out.note(out.style.dim(`${this.model}. /clear begins anew, /exit or Ctrl-D leaves, Ctrl-C stops an answer.`));
    const reader = createInterface({ input: terminal.stdin, output: terminal.stderr });
    // The line editor has the terminal, so Ctrl-C comes to it: it stops an answer, or leaves.
    reader.on('SIGINT', () => (this.answering ? this.answering.abort() : reader.close()));
    let hasLeft = false;
    reader.once('close', () => {
      hasLeft = true;
    });
    reader.setPrompt(out.style.bold('you> '));
    reader.prompt();
    for await (const line of reader) {
      const said = line.trim();
      if (said === '/exit') break;
      if (said === '/clear') this.clear();
      else if (said !== '') await this.answer(said);
      // Ctrl-D during an answer leaves after it.
      if (!hasLeft) reader.prompt();
    }
    reader.close();
  }

  private async answer(said: string): Promise<void> {
    const { out } = this.context;
    const answering = new AbortController();
    this.answering = answering;
    this.messages.push({ role: 'user', content: said });
    try {
      this.messages.push({ role: 'assistant', content: await this.streamed(answering.signal) });
      out.raw('\n');
    } catch (error) {
      this.messages.pop();
      const isStopped = answering.signal.aborted;
      out.note(`\n${isStopped ? out.style.dim('(stopped)') : presentFailure(failureOf(error), out.style)}`);
    }
    this.answering = null;
  }

  private async streamed(signal?: AbortSignal): Promise<string> {
    const { out } = this.context;
    const waiting = setTimeout(
      () => out.status(out.style.dim('the model is being loaded ...')),
      COLD_AFTER_MILLISECONDS,
    );
    let said = '';
    try {
      const stream = await this.openai.chat.completions.create({ ...this.request(), stream: true }, { signal });
      for await (const { choices } of stream) {
        const text = choices[0]?.delta.content ?? '';
        if (text === '') continue;
        clearTimeout(waiting);
        out.clearStatus();
        out.raw(text);
        said += text;
      }
      return said;
    } finally {
      clearTimeout(waiting);
      out.clearStatus();
    }
  }

  private whole(): Promise<OpenAI.Chat.ChatCompletion> {
    return this.openai.chat.completions.create({ ...this.request(), stream: false });
  }

  private request() {
    const { temperature, topP, maxTokens, seed, stop } = this.options;
    return { model: this.model, messages: this.messages, temperature, top_p: topP, max_tokens: maxTokens, seed, stop };
  }

  private clear(): void {
    const { system } = this.options;
    this.messages.splice(0, this.messages.length, ...(system ? [{ role: 'system' as const, content: system }] : []));
  }
}
