import { useNavigate } from '@tanstack/react-router';
import { CircleStop, Eraser, SendHorizontal } from 'lucide-react';
import { type KeyboardEvent, useCallback, useEffect, useMemo, useState } from 'react';
import type { Failure } from '../../api';
import { type Project, useProject, useWhyNot } from '../../app';
import { compareTexts } from '../../format';
import {
  Button,
  EmptyState,
  Failures,
  Field,
  Input,
  LoadingState,
  NoPermission,
  PageHeader,
  Switch,
  Textarea,
  Time,
} from '../../ui';
import { ChatError, listModels } from './chat';
import { Pane } from './pane';
import { type PlaygroundSearch, playgroundRoute } from './route';
import { type Conversation, useConversation } from './use-conversation';
import { type PlaygroundKey, usePlaygroundKey } from './use-playground-key';

export function PlaygroundScreen() {
  const project = useProject();
  const whyNot = useWhyNot();
  const refusal = whyNot('INFERENCE_CALL') ?? whyNot('KEYS_WRITE');
  return (
    <>
      <PageHeader title="Playground">Ask two models the same and see where their answers part.</PageHeader>
      {refusal ? (
        <NoPermission message={refusal}>
          This page calls models as programs do: with a key that it makes for itself and revokes when you leave.
        </NoPermission>
      ) : project ? (
        <KeyedPlayground key={project.id} project={project} />
      ) : (
        <EmptyState title="No project yet">
          Calls are counted for a project. Ask an administrator to assign you to one.
        </EmptyState>
      )}
    </>
  );
}

function KeyedPlayground({ project }: { project: Project }) {
  const key = usePlaygroundKey(project.id);
  if (key.status === 'making') return <LoadingState label="Making a key for this page" />;
  if (key.status === 'refused') return <Failures failures={key.failures} />;
  return <Playground access={key} />;
}

interface Settings {
  system: string;
  temperature: number;
  maxTokens: number;
}

function Playground({ access }: { access: Extract<PlaygroundKey, { status: 'ready' }> }) {
  const search = playgroundRoute.useSearch();
  const navigate = useNavigate();
  const { models, failure } = useModels(access.secret);
  const [left, right] = [useConversation(), useConversation()];
  const [marking, setMarking] = useState(true);
  const [settings, setSettings] = useState<Settings>({ system: '', temperature: 0, maxTokens: 256 });
  const choose = (next: PlaygroundSearch) =>
    void navigate({
      to: '.',
      search: ((old: object) => ({ ...old, ...next })) as never,
      replace: true,
      resetScroll: false,
    });
  const compared = useComparison(left, right, marking);
  const chosen = [
    { model: search.left, conversation: left },
    { model: search.right, conversation: right },
  ].filter((side): side is { model: string; conversation: Conversation } => side.model !== undefined);
  const send = (question: string) => {
    const { temperature, maxTokens, system } = settings;
    for (const { model, conversation } of chosen) {
      void conversation.ask(access.secret, question, { model, temperature, maxTokens, system });
    }
  };
  return (
    <div className="flex flex-col gap-5">
      {failure && <Failures failures={[failure]} />}
      <Options settings={settings} onChange={setSettings} marking={marking} onMarking={setMarking} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5 md:grid-cols-2">
        <Pane
          side="Left"
          model={search.left}
          models={models}
          conversation={left}
          compared={compared?.[0] ?? null}
          onModel={(model) => {
            left.clear();
            choose({ left: model });
          }}
        />
        <Pane
          side="Right"
          model={search.right}
          models={models}
          conversation={right}
          compared={compared?.[1] ?? null}
          onModel={(model) => {
            right.clear();
            choose({ right: model });
          }}
        />
      </div>
      <Composer
        busy={left.busy || right.busy}
        whyNot={chosen.length === 0 ? 'Choose a model first.' : null}
        onSend={send}
        onStop={() => {
          left.stop();
          right.stop();
        }}
        onClear={() => {
          left.clear();
          right.clear();
        }}
      />
      <p className="text-sm text-ink-faint">
        Calls are billed to this project like any other. This page holds a key for inference alone, which ends when you
        leave, and <Time at={access.until} /> at the latest.
      </p>
    </div>
  );
}

function useModels(secret: string): { models: readonly string[]; failure: Failure | null } {
  const [state, setState] = useState<{ models: readonly string[]; failure: Failure | null }>({
    models: [],
    failure: null,
  });
  useEffect(() => {
    const controller = new AbortController();
    listModels(secret, controller.signal).then(
      (models) => setState({ models, failure: null }),
      (error: unknown) => error instanceof ChatError && setState({ models: [], failure: error.failure }),
    );
    return () => controller.abort();
  }, [secret]);
  return state;
}

/** The two last answers against each other, as they come. */
function useComparison(left: Conversation, right: Conversation, marking: boolean) {
  const [a, b] = [lastAnswer(left), lastAnswer(right)];
  return useMemo(() => (marking && a && b ? compareTexts(a, b) : null), [marking, a, b]);
}

function lastAnswer({ partial, messages }: Conversation): string | null {
  if (partial !== null) return partial;
  const last = messages.at(-1);
  return last?.role === 'assistant' ? last.content : null;
}

interface OptionsProps {
  settings: Settings;
  onChange: (settings: Settings) => void;
  marking: boolean;
  onMarking: (marking: boolean) => void;
}

function Options({ settings, onChange, marking, onMarking }: OptionsProps) {
  const number = (text: string, minimum: number, maximum: number, fallback: number) => {
    const value = Number(text);
    return text === '' || !Number.isFinite(value) ? fallback : Math.min(maximum, Math.max(minimum, value));
  };
  return (
    <div className="flex flex-wrap items-end gap-x-5 gap-y-3">
      <Field label="System message" className="min-w-60 grow">
        <Input
          placeholder="none"
          value={settings.system}
          onChange={({ target }) => onChange({ ...settings, system: target.value })}
        />
      </Field>
      <Field label="Temperature" className="w-28">
        <Input
          type="number"
          min={0}
          max={2}
          step={0.1}
          value={settings.temperature}
          onChange={({ target }) => onChange({ ...settings, temperature: number(target.value, 0, 2, 0) })}
        />
      </Field>
      <Field label="Most tokens" className="w-28">
        <Input
          type="number"
          min={1}
          max={32_768}
          value={settings.maxTokens}
          onChange={({ target }) => onChange({ ...settings, maxTokens: number(target.value, 1, 32_768, 256) })}
        />
      </Field>
      <div className="pb-1.5">
        <Switch label="Mark differences" checked={marking} onChange={onMarking} />
      </div>
    </div>
  );
}

interface ComposerProps {
  busy: boolean;
  whyNot: string | null;
  onSend: (question: string) => void;
  onStop: () => void;
  onClear: () => void;
}

function Composer({ busy, whyNot, onSend, onStop, onClear }: ComposerProps) {
  const [text, setText] = useState('');
  const send = useCallback(() => {
    if (text.trim() === '' || whyNot || busy) return;
    onSend(text);
    setText('');
  }, [text, whyNot, busy, onSend]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      className="flex flex-col gap-2"
    >
      <Field label="Message" help="Enter sends it to both; Shift and Enter begins a new line.">
        <Textarea rows={3} value={text} onChange={({ target }) => setText(target.value)} onKeyDown={onKeyDown} />
      </Field>
      <div className="flex gap-2">
        <Button type="submit" kind="primary" icon={SendHorizontal} busy={busy} whyNot={whyNot}>
          Send
        </Button>
        {busy && (
          <Button icon={CircleStop} onClick={onStop}>
            Stop
          </Button>
        )}
        <Button kind="quiet" icon={Eraser} onClick={onClear}>
          Clear
        </Button>
      </div>
    </form>
  );
}
