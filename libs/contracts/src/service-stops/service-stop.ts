/** What a stop ends: `new_work` are jobs, evaluations and revisions that begin or go on; `inference` are calls through the gateway. */
export const STOPPABLE_SERVICES = ['new_work', 'inference'] as const;
export type StoppableService = (typeof STOPPABLE_SERVICES)[number];

export type ServiceStopSourceKind = 'suspension' | 'dunning' | 'spend_cap';

/** What a stop follows from, and is lifted with. */
export interface ServiceStopSource {
  kind: ServiceStopSourceKind;
  id: string;
}

export interface ServiceStop {
  id: string;
  /** The partner. */
  organizationId: string;
  /** That organization, or a project or API key of it: the prefix of the id says which. */
  subjectId: string;
  stops: StoppableService;
  source: ServiceStopSource;
  reason: string;
  /** What it rests on, as a refusal names it. */
  clause: string;
  since: Date;
  liftedAt: Date | null;
}
