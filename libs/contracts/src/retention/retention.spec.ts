import { describe, expect, it } from '@jest/globals';
import { termsJson } from '../contract/terms.fixture.js';
import { parseTerms } from '../contract/terms.js';
import { contentEndOf, type RetentionAgreement, uploadClauseAt } from './retention.js';

const at = (day: string) => new Date(`${day}T00:00:00.000Z`);

/** A contract of a year of 2026, whose versions say so many days from a day on. */
function contract(
  id: string,
  versions: Array<[from: string, uploadDays: number | null, afterEndDays: number | null]>,
  part: Partial<RetentionAgreement> = {},
): RetentionAgreement {
  return {
    ...{ id, name: `Agreement ${id}`, state: 'in_force', startsAt: at('2026-01-01'), endsAt: at('2027-01-01') },
    versions: versions.map(([from, uploadDays, afterEndDays], position) => ({
      ...{ id: `${id}-v${position + 1}`, number: position + 1, state: 'accepted', effectiveFrom: at(from) },
      terms: parseTerms(termsJson({ retention: { uploadDays, afterEndDays } })),
    })),
    ...part,
  };
}

describe('how long files are kept', () => {
  it('is what the version in force says, an amendment for what is there too', () => {
    const agreed = [
      contract('a', [
        ['2026-01-01', 90, null],
        ['2026-06-01', 30, null],
        ['2026-09-01', null, null],
      ]),
    ];
    expect(uploadClauseAt(agreed, at('2026-05-31'))).toEqual({
      clause: 'retention.uploadDays',
      ...{ contractId: 'a', contractName: 'Agreement a', versionId: 'a-v1', versionNumber: 1, days: 90 },
    });
    expect(uploadClauseAt(agreed, at('2026-06-01'))).toMatchObject({ versionNumber: 2, days: 30 });
    expect(uploadClauseAt(agreed, at('2026-09-01'))).toBeNull();
    expect(uploadClauseAt(agreed, at('2027-01-01'))).toBeNull();
  });

  it('is what the contract says that prices, of two at once', () => {
    const later = { startsAt: at('2026-02-01') };
    const agreed = [contract('a', [['2026-02-01', 1, null]], later), contract('b', [['2026-01-01', 2, null]])];
    expect(uploadClauseAt(agreed, at('2026-03-01'))).toMatchObject({ contractId: 'b', days: 2 });
  });
});

describe('the end of content', () => {
  it('is so many days after the last contract, by the version that held at its end', () => {
    const agreed = [
      contract('a', [
        ['2026-01-01', null, 10],
        ['2026-12-31', null, 30],
      ]),
    ];
    expect(contentEndOf(agreed)).toEqual({
      clause: {
        clause: 'retention.afterEndDays',
        ...{ contractId: 'a', contractName: 'Agreement a', versionId: 'a-v2', versionNumber: 2, days: 30 },
      },
      endedAt: at('2027-01-01'),
      noticeAt: at('2027-01-17'),
      dueAt: at('2027-01-31'),
    });
  });

  it('is told of when the contract ends, where fewer days are left', () => {
    for (const days of [0, 13, 14]) {
      expect(contentEndOf([contract('a', [['2026-01-01', null, days]])])).toMatchObject({ noticeAt: at('2027-01-01') });
    }
  });

  it('waits for a contract that was accepted for later, and goes by that one', () => {
    const later = contract('b', [['2027-06-01', null, null]], { startsAt: at('2027-06-01'), endsAt: at('2028-06-01') });
    expect(contentEndOf([contract('a', [['2026-01-01', null, 0]]), later])).toBeNull();
    const offered = { ...later, state: 'negotiating' as const };
    expect(contentEndOf([contract('a', [['2026-01-01', null, 0]]), offered])).toMatchObject({
      dueAt: at('2027-01-01'),
    });
  });

  it('does not come without a clause, or a contract', () => {
    expect(contentEndOf([])).toBeNull();
    expect(contentEndOf([contract('a', [['2026-01-01', 5, null]])])).toBeNull();
    const { retention: _, ...older } = termsJson() as { retention: object };
    const versions = [{ ...contract('a', [['2026-01-01', 1, 1]]).versions[0]!, terms: parseTerms(older) }];
    expect(contentEndOf([contract('a', [], { versions })])).toBeNull();
  });
});
