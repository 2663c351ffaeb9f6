import { useCallback, useRef, useState } from 'react';
import type { Failure } from '../../api';
import { unreachable } from '../../api';
import { now } from '../../format';
import { ChatError, type ChatMessage, type ChatRequest, type ChatUsage, chat } from './chat';

/** Known by its place: a conversation only grows. */
export type SaidMessage = ChatMessage & { id: number };

export interface Answering {
  messages: readonly SaidMessage[];
  /** The answer as far as it came, while one is under way. */
  partial: string | null;
  failure: Failure | null;
  usage: ChatUsage | null;
  /** From sending to the first piece, and to the end. */
  firstMilliseconds: number | null;
  totalMilliseconds: number | null;
}

const NOTHING: Answering = {
  messages: [],
  partial: null,
  failure: null,
  usage: null,
  firstMilliseconds: null,
  totalMilliseconds: null,
};

export interface Conversation extends Answering {
  busy: boolean;
  ask: (secret: string, question: string, options: Omit<ChatRequest, 'messages'> & { system: string }) => Promise<void>;
  stop: () => void;
  clear: () => void;
}

/** What was said to one model, and what it says. */
export function useConversation(): Conversation {
  const [state, setState] = useState<Answering>(NOTHING);
  const running = useRef<AbortController | null>(null);
  const latest = useRef(state);
  latest.current = state;
  const change = useCallback((part: Partial<Answering>) => {
    latest.current = { ...latest.current, ...part };
    setState(latest.current);
  }, []);

  const ask = useCallback<Conversation['ask']>(
    async (secret, question, { system, ...options }) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      const messages = said(latest.current.messages, { role: 'user', content: question });
      const began = now();
      let text = '';
      change({ ...NOTHING, messages, partial: '' });
      const onText = (piece: string) => {
        text += piece;
        if (running.current !== controller) return;
        change({ partial: text, firstMilliseconds: latest.current.firstMilliseconds ?? now() - began });
      };
      const onUsage = (usage: ChatUsage) => running.current === controller && change({ usage });
      const spoken = messages.map(({ role, content }): ChatMessage => ({ role, content }));
      const sent = system.trim() ? [{ role: 'system' as const, content: system }, ...spoken] : spoken;
      const failure = await chat(secret, { ...options, messages: sent }, { onText, onUsage }, controller.signal).then(
        () => null,
        (error: unknown) =>
          controller.signal.aborted ? null : error instanceof ChatError ? error.failure : unreachable(),
      );
      if (running.current !== controller) return;
      running.current = null;
      const answered = text ? said(messages, { role: 'assistant', content: text }) : messages;
      change({ messages: answered, partial: null, failure, totalMilliseconds: now() - began });
    },
    [change],
  );
  const stop = useCallback(() => running.current?.abort(), []);
  const clear = useCallback(() => {
    running.current?.abort();
    running.current = null;
    change(NOTHING);
  }, [change]);
  return { ...state, busy: state.partial !== null, ask, stop, clear };
}

function said(messages: readonly SaidMessage[], message: ChatMessage): readonly SaidMessage[] {
  return [...messages, { ...message, id: messages.length }];
}
