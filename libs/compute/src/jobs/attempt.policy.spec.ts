import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { StoredFolder } from '#libs/messages';
import type { AttemptExit, ReportedEnd } from '../compute-job.js';
import { type ComputeJobState, computeJobStates } from '../compute-job.state.js';
import { attemptError, judge, retryDelay, type Verdict } from './attempt.policy.js';

const folder = { prefix: 'output' } as StoredFolder;
const reported = (outcome: ReportedEnd['outcome'], more: Partial<ReportedEnd> = {}): ReportedEnd => ({
  outcome,
  ...more,
});
const exited = (code: number): AttemptExit => ({ how: 'exited', code });
const signalled = (signal: string): AttemptExit => ({ how: 'signalled', signal });
const said = (retryable: boolean) => ({ code: 'internal_error', message: 'm', fix: 'f', retryable });

interface Case {
  name: string;
  state?: ComputeJobState;
  failures?: number;
  attempts?: number;
  reported?: ReportedEnd;
  fence?: 'memory_limit' | 'lease_expired' | 'stop_overdue';
  stopRequested?: boolean;
  exit?: AttemptExit;
  expected: [Verdict['outcome'], Verdict['next'], string?];
}

const CASES: Case[] = [
  { name: 'a success', reported: reported('succeeded', { folder }), expected: ['succeeded', 'verify'] },
  {
    name: 'a success that a pause came too late for',
    state: 'pausing',
    reported: reported('succeeded', { folder }),
    expected: ['succeeded', 'verify'],
  },
  {
    name: 'a success that was cancelled',
    state: 'cancelling',
    reported: reported('succeeded', { folder }),
    expected: ['cancelled', 'cancel'],
  },
  {
    name: 'a success without a folder',
    reported: reported('succeeded'),
    expected: ['failed', 'retry', 'output_incomplete'],
  },
  { name: 'bad data', reported: reported('invalid', { folder, error: said(false) }), expected: ['invalid', 'verify'] },
  {
    name: 'a failure that may pass',
    reported: reported('failed', { error: said(true) }),
    expected: ['failed', 'retry', 'internal_error'],
  },
  {
    name: 'a failure that stays',
    reported: reported('failed', { error: said(false) }),
    expected: ['failed', 'fail', 'internal_error'],
  },
  {
    name: 'the last failure it may have',
    failures: 2,
    reported: reported('failed', { error: said(true) }),
    expected: ['failed', 'fail', 'internal_error'],
  },
  {
    name: 'a failure while it was to pause',
    state: 'pausing',
    failures: 2,
    reported: reported('failed', { error: said(true) }),
    expected: ['failed', 'pause', 'internal_error'],
  },
  {
    name: 'a stop that was asked for',
    state: 'pausing',
    reported: reported('stopped'),
    expected: ['stopped', 'pause'],
  },
  { name: 'a stop by somebody else', reported: reported('stopped'), expected: ['stopped', 'requeue'] },
  { name: 'a stop too many', attempts: 100, reported: reported('stopped'), expected: ['stopped', 'fail', 'crashed'] },
  {
    name: 'a word that its limits overrule',
    fence: 'memory_limit',
    reported: reported('succeeded', { folder }),
    expected: ['failed', 'fail', 'memory_limit'],
  },
  { name: 'silence for too long', fence: 'lease_expired', expected: ['lost', 'retry', 'lease_expired'] },
  {
    name: 'a pause that took too long',
    state: 'pausing',
    fence: 'stop_overdue',
    expected: ['failed', 'pause', 'stop_overdue'],
  },
  {
    name: 'an end of the platform that it was too slow for',
    fence: 'stop_overdue',
    expected: ['stopped', 'requeue', 'stop_overdue'],
  },
  { name: 'exit 0 without a word', exit: exited(0), expected: ['failed', 'retry', 'result_not_reported'] },
  { name: 'exit 65 without a word', exit: exited(65), expected: ['failed', 'retry', 'result_not_reported'] },
  { name: 'a spec it did not take', exit: exited(64), expected: ['failed', 'fail', 'bad_spec'] },
  { name: 'a defect', exit: exited(70), expected: ['failed', 'retry', 'crashed'] },
  { name: 'a stop without a word', exit: exited(75), expected: ['stopped', 'requeue'] },
  {
    name: 'a stop without a word that was asked for',
    state: 'pausing',
    exit: exited(75),
    expected: ['stopped', 'pause'],
  },
  { name: 'an attempt that thought itself stale', exit: exited(76), expected: ['lost', 'retry', 'lost'] },
  { name: 'a kill', exit: signalled('SIGKILL'), expected: ['failed', 'retry', 'killed'] },
  {
    name: 'SIGTERM before it could listen',
    state: 'pausing',
    stopRequested: true,
    exit: signalled('SIGTERM'),
    expected: ['stopped', 'pause'],
  },
  { name: 'SIGTERM by somebody else', exit: signalled('SIGTERM'), expected: ['failed', 'retry', 'killed'] },
  { name: 'a process nobody saw end', exit: { how: 'lost' }, expected: ['lost', 'retry', 'lost'] },
];

const verdictOf = (c: Omit<Case, 'name' | 'expected'>) =>
  judge(
    { state: c.state ?? 'running', attempts: c.attempts ?? 1, failures: c.failures ?? 0, maxAttempts: 3 },
    {
      reported: c.reported ?? null,
      fenceError: c.fence ? attemptError(c.fence) : null,
      stopRequestedAt: c.stopRequested ? new Date(0) : null,
    },
    c.exit ?? { how: 'lost' },
  );

describe('the end of an attempt', () => {
  it.each(CASES)('$name', ({ expected: [outcome, next, code], ...facts }) => {
    const verdict = verdictOf(facts);
    expect([verdict.outcome, verdict.next, verdict.error?.code]).toEqual([outcome, next, code]);
  });

  it('leads from every state in which there is an attempt to one that the table allows', () => {
    const leadsTo: Record<Verdict['next'], ComputeJobState> = {
      verify: 'verifying',
      requeue: 'queued',
      retry: 'queued',
      pause: 'paused',
      cancel: 'cancelled',
      fail: 'failed',
    };
    const facts = fc.record({
      state: fc.constantFrom<ComputeJobState>('starting', 'running', 'pausing', 'cancelling'),
      failures: fc.nat(4),
      attempts: fc.integer({ min: 1, max: 120 }),
      reported: fc.constantFrom(undefined, ...CASES.map((c) => c.reported)),
      fence: fc.constantFrom(undefined, 'memory_limit' as const, 'lease_expired' as const, 'stop_overdue' as const),
      stopRequested: fc.boolean(),
      exit: fc.oneof(
        fc.nat(255).map(exited),
        fc.constantFrom<AttemptExit>(signalled('SIGTERM'), signalled('SIGKILL'), { how: 'lost' }),
      ),
    });
    fc.assert(
      fc.property(facts, (each) => {
        const { next, error } = verdictOf(each);
        expect(computeJobStates.can(each.state, leadsTo[next])).toBe(true);
        if (next === 'fail' || next === 'retry') expect(error).toBeDefined();
        if (each.state === 'cancelling') expect(next).toBe('cancel');
      }),
    );
  });

  it('is followed by another attempt at once, then ever later, within two minutes', () => {
    expect([1, 2, 3, 4, 5].map(retryDelay)).toEqual([0, 4000, 8000, 16_000, 32_000]);
    expect(retryDelay(50)).toBe(120_000);
  });
});
