import { isUtf8 } from 'node:buffer';
import type { DomainError } from '#libs/kernel';
import { paramOf } from '#platform/http';
import { GATEWAY_ERRORS } from '../gateway.errors.js';
import type { SpecialTokens } from '../snapshot/snapshot.js';

export type Endpoint = 'chat' | 'completions';

/**
 * What goes on to the engine. Everything else is refused by name: an engine takes many more, among them ones that read
 * URLs, replace the chat template or load tensors.
 */
const COMMON_PARAMETERS = [
  'model',
  'stream',
  'stream_options',
  'max_tokens',
  'temperature',
  'top_p',
  'n',
  'stop',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'response_format',
  // vLLM's own, harmless and useful in evaluations.
  'top_k',
  'min_p',
  'min_tokens',
  'repetition_penalty',
  'ignore_eos',
  'stop_token_ids',
  'include_stop_str_in_output',
  'skip_special_tokens',
  'prompt_logprobs',
  'return_token_ids',
  'return_tokens_as_token_ids',
  'structured_outputs',
] as const;

const PARAMETERS: Record<Endpoint, ReadonlySet<string>> = {
  chat: new Set([
    ...COMMON_PARAMETERS,
    'messages',
    'max_completion_tokens',
    'top_logprobs',
    'tools',
    'tool_choice',
    'parallel_tool_calls',
    'reasoning_effort',
  ]),
  completions: new Set([...COMMON_PARAMETERS, 'prompt', 'suffix', 'echo']),
};

/** Labels that clients send for OpenAI's own bookkeeping; the answer is the same without them. */
const LABELS = new Set(['user', 'metadata', 'safety_identifier', 'prompt_cache_key', 'service_tier']);

const LARGEST_N = 16;
const LARGEST_NUMBER_OF_PROMPTS = 128;
/** Deeper than any schema of a tool; recursion over what callers send needs a bound. */
const DEEPEST_NESTING = 64;

/** About what a token takes of a text: for limits only, and corrected by the exact number afterwards. */
const CHARACTERS_PER_TOKEN = 4;

export interface InferenceRequest {
  endpoint: Endpoint;
  model: string;
  stream: boolean;
  /** Whether the caller asked for the usage as a last event of the stream. */
  includeUsage: boolean;
  /** Whether the caller asked for the usage in every event. */
  continuousUsage: boolean;
  likelyTokens: number;
  /** What goes on, but for `model` and `stream_options`. */
  parameters: Record<string, unknown>;
}

export function parseInferenceRequest(endpoint: Endpoint, body: Buffer): InferenceRequest {
  const given = parseObject(body);
  const parameters: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    // OpenAI's clients write null for what is not set.
    if (value === null || LABELS.has(name) || (name === 'store' && value === false)) continue;
    if (!PARAMETERS[endpoint].has(name))
      throw GATEWAY_ERRORS.UNSUPPORTED_PARAMETER({ parameter: name }, { path: [name] });
    parameters[name] = value;
  }
  const { model, stream = false, stream_options, ...rest } = parameters;
  if (model === undefined) throw missing('model');
  if (typeof model !== 'string' || model === '') throw wrongType('model', 'the name of a model');
  if (typeof stream !== 'boolean') throw wrongType('stream', 'true or false');
  const options = streamOptions(stream_options, stream);
  checkNumber(rest, 'n', LARGEST_N);
  checkNumber(rest, 'max_tokens');
  checkNumber(rest, 'max_completion_tokens');
  refuseDeepNesting(rest, 0);
  const { prompts, characters } = endpoint === 'chat' ? checkMessages(rest.messages) : checkPrompt(rest.prompt);
  const answers = prompts * Number(rest.n ?? 1) * Number(rest.max_completion_tokens ?? rest.max_tokens ?? 0);
  const likelyTokens = Math.ceil(characters / CHARACTERS_PER_TOKEN) + answers;
  return { endpoint, model, stream, ...options, likelyTokens, parameters: rest };
}

function parseObject(body: Buffer): object {
  // Decoding would replace what is none, and the model would read something that nobody wrote.
  if (!isUtf8(body)) throw GATEWAY_ERRORS.INVALID_JSON({ reason: 'it is not UTF-8.' });
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch (error) {
    throw GATEWAY_ERRORS.INVALID_JSON({ reason: (error as Error).message });
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw GATEWAY_ERRORS.INVALID_JSON({ reason: 'it is no object.' });
  }
  return value;
}

function streamOptions(value: unknown, stream: boolean): { includeUsage: boolean; continuousUsage: boolean } {
  if (value === undefined) return { includeUsage: false, continuousUsage: false };
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongType('stream_options', 'an object');
  if (!stream) {
    throw GATEWAY_ERRORS.STREAM_OPTIONS_WITHOUT_STREAM({ path: ['stream_options'] });
  }
  const { include_usage, continuous_usage_stats } = value as Record<string, unknown>;
  return { includeUsage: include_usage === true, continuousUsage: continuous_usage_stats === true };
}

function checkNumber(parameters: Record<string, unknown>, name: string, largest?: number): void {
  const value = parameters[name];
  if (value === undefined) return;
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (largest === undefined || (value as number) <= largest))
    return;
  throw wrongType(name, largest === undefined ? 'a whole number of at least 1' : `a whole number from 1 to ${largest}`);
}

function refuseDeepNesting(value: unknown, depth: number): void {
  if (value === null || typeof value !== 'object') return;
  if (depth > DEEPEST_NESTING)
    throw GATEWAY_ERRORS.INVALID_JSON({ reason: `it is nested deeper than ${DEEPEST_NESTING} levels.` });
  for (const inner of Object.values(value)) refuseDeepNesting(inner, depth + 1);
}

interface Size {
  prompts: number;
  characters: number;
}

function checkMessages(messages: unknown): Size {
  if (messages === undefined) throw missing('messages');
  if (!Array.isArray(messages) || messages.length === 0) throw wrongType('messages', 'a list of at least one message');
  let characters = 0;
  messages.forEach((message: unknown, position) => {
    const path = ['messages', position];
    if (message === null || typeof message !== 'object' || Array.isArray(message)) throw wrongType(path, 'an object');
    const { role, content } = message as Record<string, unknown>;
    if (typeof role !== 'string') throw wrongType([...path, 'role'], 'a string');
    characters += checkContent(content, [...path, 'content']);
  });
  return { prompts: 1, characters };
}

/** The characters of its texts. */
function checkContent(content: unknown, path: Array<string | number>): number {
  if (content === undefined || content === null) return 0;
  if (typeof content === 'string') return content.length;
  if (!Array.isArray(content)) throw wrongType(path, 'a string or a list of text parts');
  let characters = 0;
  content.forEach((part: unknown, position) => {
    const { type, text } = (part ?? {}) as Record<string, unknown>;
    if (type !== 'text')
      throw GATEWAY_ERRORS.UNSUPPORTED_CONTENT({ type: String(type) }, { path: [...path, position] });
    if (typeof text !== 'string') throw wrongType([...path, position, 'text'], 'a string');
    characters += text.length;
  });
  return characters;
}

/** A text, texts, token ids, or lists of token ids. */
function checkPrompt(prompt: unknown): Size {
  if (prompt === undefined) throw missing('prompt');
  if (typeof prompt === 'string') return { prompts: 1, characters: prompt.length };
  const wrong = () =>
    wrongType('prompt', `a string, a list of token ids, or a list of up to ${LARGEST_NUMBER_OF_PROMPTS} of either`);
  if (!Array.isArray(prompt) || prompt.length === 0) throw wrong();
  const isOne = typeof prompt[0] === 'number';
  const prompts: unknown[] = isOne ? [prompt] : prompt;
  if (prompts.length > LARGEST_NUMBER_OF_PROMPTS) throw wrong();
  let characters = 0;
  for (const one of prompts) {
    if (typeof one === 'string') characters += one.length;
    else if (isTokenIds(one)) characters += one.length * CHARACTERS_PER_TOKEN;
    else throw wrong();
  }
  return { prompts: prompts.length, characters };
}

function isTokenIds(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((token) => Number.isSafeInteger(token) && token >= 0);
}

/**
 * Text that the chat template puts between special tokens must not hold any itself: it would be read as structure, as it
 * was refused in training data. A prompt of /v1/completions has no template around it: there the caller writes the structure.
 */
export function refuseSpecialTokens({ endpoint, parameters }: InferenceRequest, specialTokens: SpecialTokens): void {
  if (endpoint !== 'chat') return;
  const found =
    firstSpecialToken(parameters.messages, ['messages'], specialTokens) ??
    firstSpecialToken(parameters.tools, ['tools'], specialTokens);
  if (found) throw GATEWAY_ERRORS.SPECIAL_TOKEN_IN_CONTENT({ token: found.token }, { path: found.path });
}

type Found = { token: string; path: Array<string | number> };

function firstSpecialToken(value: unknown, path: Array<string | number>, specialTokens: SpecialTokens): Found | null {
  if (typeof value === 'string') {
    const token = specialTokens.firstIn(value);
    return token === null ? null : { token, path };
  }
  if (value === null || typeof value !== 'object') return null;
  const isList = Array.isArray(value);
  for (const [name, inner] of Object.entries(value)) {
    // Names reach the template as well.
    const found =
      (isList ? null : firstSpecialToken(name, path, specialTokens)) ??
      firstSpecialToken(inner, [...path, isList ? Number(name) : name], specialTokens);
    if (found) return found;
  }
  return null;
}

function missing(parameter: string): DomainError {
  return GATEWAY_ERRORS.MISSING_REQUIRED_PARAMETER({ parameter }, { path: [parameter] });
}

function wrongType(path: string | Array<string | number>, expected: string): DomainError {
  const parts = typeof path === 'string' ? [path] : path;
  return GATEWAY_ERRORS.INVALID_TYPE({ parameter: paramOf(parts), expected }, { path: parts });
}
