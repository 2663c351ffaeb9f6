import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { type Client, useClient } from 'urql';
import { type UploadSnapshot, UploadTask } from './upload-task';
import { uploadWork } from './work';

/** The uploads of one session, in this tab. They go on while other pages are looked at. */
class UploadList {
  private tasks: readonly UploadTask[] = [];
  private readonly listeners = new Set<() => void>();
  private started = 0;

  constructor(private readonly client: Client) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly snapshot = (): readonly UploadTask[] => this.tasks;

  start(file: File, datasetId: string): UploadTask {
    this.started += 1;
    const task = new UploadTask(`upload-${this.started}`, file, datasetId, uploadWork(this.client));
    task.subscribe(this.guard);
    this.change([...this.tasks, task]);
    void task.start();
    return task;
  }

  remove(task: UploadTask): void {
    this.change(this.tasks.filter((one) => one !== task));
    this.guard();
  }

  /** Whoever closes the tab while bytes are on their way is asked first. */
  private readonly guard = (): void => {
    if (this.tasks.some(({ active }) => active)) addEventListener('beforeunload', askBeforeLeaving);
    else removeEventListener('beforeunload', askBeforeLeaving);
  };

  private change(tasks: readonly UploadTask[]): void {
    this.tasks = tasks;
    for (const listener of this.listeners) listener();
  }
}

function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

const LISTS = new WeakMap<Client, UploadList>();

function listOf(client: Client): UploadList {
  const list = LISTS.get(client) ?? new UploadList(client);
  LISTS.set(client, list);
  return list;
}

export interface Uploads {
  /** Those of the dataset that were begun in this tab, oldest first. */
  tasks: readonly UploadTask[];
  start: (file: File, datasetId: string) => UploadTask;
  remove: (task: UploadTask) => void;
}

export function useUploads(datasetId?: string): Uploads {
  const list = listOf(useClient());
  const all = useSyncExternalStore(list.subscribe, list.snapshot);
  const tasks = useMemo(
    () => (datasetId === undefined ? all : all.filter((task) => task.datasetId === datasetId)),
    [all, datasetId],
  );
  const start = useCallback((file: File, into: string) => list.start(file, into), [list]);
  const remove = useCallback((task: UploadTask) => list.remove(task), [list]);
  return { tasks, start, remove };
}

/** How far it is; `onDone` is told once, with the version that came of it. */
export function useUpload(task: UploadTask, onDone?: (versionId: string) => void): UploadSnapshot {
  const snapshot = useSyncExternalStore(task.subscribe, task.snapshot);
  const tell = useRef(onDone);
  tell.current = onDone;
  const versionId = snapshot.stage === 'done' ? snapshot.version?.id : undefined;
  useEffect(() => {
    if (versionId) tell.current?.(versionId);
  }, [versionId]);
  return snapshot;
}
