import type { TokenUse } from '#libs/contracts';
import type { InferenceRequest } from './request-body.js';

/** What chat templates write around all messages (a preamble for tools, a system prompt of their own), and around each. */
const TEMPLATE_TOKENS = 1_024;
const MESSAGE_TOKENS = 64;
/** What a tokenizer may put in front of a prompt. */
const PROMPT_TOKENS = 2;

/**
 * The most tokens that a request can use. A byte is at most one token of a tokenizer that works on bytes, and JSON is never shorter than the
 * texts in it; a prompt and each of its answers stay within the context.
 */
export function greatestUse({ endpoint, parameters }: InferenceRequest, contextLength: number): TokenUse {
  const withinContext = (tokens: number) => Math.min(tokens, contextLength);
  const prompts = endpoint === 'chat' ? [tokensOfChat(parameters)] : promptsOf(parameters.prompt).map(tokensOfPrompt);
  const answer = Number(parameters.max_completion_tokens ?? parameters.max_tokens ?? contextLength);
  return {
    inputTokens: prompts.map(withinContext).reduce((sum, tokens) => sum + tokens),
    outputTokens: prompts.length * Number(parameters.n ?? 1) * withinContext(answer),
  };
}

function tokensOfChat({ messages, tools }: Record<string, unknown>): number {
  return TEMPLATE_TOKENS + MESSAGE_TOKENS * (messages as unknown[]).length + bytesOf([messages, tools ?? null]);
}

function promptsOf(prompt: unknown): unknown[] {
  return Array.isArray(prompt) && typeof prompt[0] !== 'number' ? prompt : [prompt];
}

/** A text, or the ids of tokens. */
function tokensOfPrompt(prompt: unknown): number {
  return PROMPT_TOKENS + (Array.isArray(prompt) ? prompt.length : bytesOf(prompt));
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
