import { useEffect, useRef } from 'react';
import { usePolling, useRequest } from '../../api';
import { formatDuration, formatMeasure, type Piece, plural } from '../../format';
import { Card, CopyButton, Failures, Field, MarkedText, Select, Status } from '../../ui';
import type { ChatMessage } from './chat';
import { PlaygroundServing } from './documents';
import type { Conversation } from './use-conversation';

const POLL_MILLISECONDS = 2_000;

interface PaneProps {
  side: 'Left' | 'Right';
  model: string | undefined;
  models: readonly string[];
  conversation: Conversation;
  /** The last answer, with what the other one lacks marked; null where nothing is compared. */
  compared: readonly Piece[] | null;
  onModel: (model: string | undefined) => void;
}

/** One model: what was asked, and what it answers as it comes. */
export function Pane({ side, model, models, conversation, compared, onModel }: PaneProps) {
  const { messages, partial, failure } = conversation;
  const end = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each piece may move the end.
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' });
  }, [messages.length, partial]);
  const last = partial === null && messages.at(-1)?.role === 'assistant' ? messages.length - 1 : -1;
  return (
    <Card title={<span className="sr-only">{side} model</span>} className="min-h-96">
      <Field label={`${side} model`}>
        <Select value={model ?? ''} onChange={({ target }) => onModel(target.value || undefined)}>
          <option value="">{side === 'Left' ? 'Choose a model' : 'None'}</option>
          {model && !models.includes(model) && <option value={model}>{model}</option>}
          {models.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      <div
        role="log"
        aria-label={`Conversation with the ${side.toLowerCase()} model`}
        className="flex grow flex-col gap-3"
      >
        {messages.map(({ id, role, content }, index) => (
          <Said key={id} by={role} content={content} pieces={index === last ? compared : null} />
        ))}
        {partial !== null && <Said by="assistant" content={partial} pieces={compared} live />}
        {partial === '' && model && <Waiting model={model} />}
        <div ref={end} />
      </div>
      {failure && <Failures failures={[failure]} />}
      <Measured conversation={conversation} />
    </Card>
  );
}

interface SaidProps {
  by: ChatMessage['role'];
  content: string;
  pieces: readonly Piece[] | null;
  live?: boolean;
}

function Said({ by, content, pieces, live }: SaidProps) {
  if (by === 'user') {
    return (
      <div className="ml-8 self-end rounded-lg bg-accent-wash px-3.5 py-2 break-words whitespace-pre-wrap">
        <span className="sr-only">You: </span>
        {content}
      </div>
    );
  }
  if (content === '') return null;
  return (
    <div className="group mr-4 rounded-lg bg-sunken px-3.5 py-2" aria-busy={live}>
      <span className="sr-only">Model: </span>
      <div className="font-mono text-sm leading-relaxed break-words whitespace-pre-wrap">
        {pieces ? <MarkedText pieces={pieces} /> : content}
      </div>
      {!live && (
        <div className="-mr-2 -mb-1 flex justify-end">
          <CopyButton text={content} what="the answer" />
        </div>
      )}
    </div>
  );
}

/** A first call waits for an engine that loads the model. */
function Waiting({ model }: { model: string }) {
  const request = useRequest(PlaygroundServing, { model }, { requestPolicy: 'network-only' });
  usePolling(request.refresh, request.status !== 'loading', POLL_MILLISECONDS);
  const serving = request.status === 'ready' ? request.data.servingStatus : null;
  if (!serving || serving.state === 'READY')
    return (
      <Status tone="accent" live>
        Answering
      </Status>
    );
  return (
    <div>
      <Status tone="warn" live>
        The engine loads the model
      </Status>
      <span className="ml-2 text-sm text-ink-faint">
        {serving.secondsUntilReady > 0 &&
          `about ${formatDuration(serving.secondsUntilReady)}; later calls answer at once`}
      </span>
    </div>
  );
}

function Measured({ conversation: { usage, firstMilliseconds, totalMilliseconds } }: Pick<PaneProps, 'conversation'>) {
  if (totalMilliseconds === null || !usage) return null;
  const seconds = totalMilliseconds / 1000;
  return (
    <p className="text-sm text-ink-faint">
      {plural(usage.promptTokens, 'token')} in, {plural(usage.completionTokens, 'token')} out · first after{' '}
      {formatMeasure((firstMilliseconds ?? totalMilliseconds) / 1000, 2)} s ·{' '}
      {formatMeasure(usage.completionTokens / seconds, 3)} tokens/s
    </p>
  );
}
