import { z } from '../../api/schema';
import { CURRENCIES, NANO_DIGITS, parseDecimal, writeDecimal } from '../../format';
import type { Choices, SpendCap } from './documents';
import { parsePercents, subjectOf } from './reading';

type Contracts = Choices['contracts']['nodes'];

/** Fields that the api refuses by name are called as it calls them. */
const SHAPE = z.object({
  /** For the lab. */
  contractId: z.string(),
  clause: z.string().trim().max(500, 'At most 500 characters.'),
  on: z.enum(['ORGANIZATION', 'PROJECT', 'API_KEY']),
  projectId: z.string().trim(),
  apiKeyId: z.string().trim(),
  /** As people write it. */
  limitNanos: z.string().refine((text) => parseDecimal(text, NANO_DIGITS) !== null, 'An amount, such as 250.'),
  /** Of a partner's: the lab's are in the contract's. */
  currency: z.enum(CURRENCIES),
  period: z.enum(['MONTH', 'TOTAL']),
  strength: z.enum(['HARD', 'SOFT']),
  alertPercents: z
    .string()
    .refine((text) => parsePercents(text) !== null, 'At most ten whole numbers, rising from above 0, such as 50, 80.'),
});
export type SetCapValues = z.infer<typeof SHAPE>;

export function schemaFor(isLab: boolean) {
  return SHAPE.superRefine(({ contractId, clause, on, projectId, apiKeyId }, context) => {
    const rules: Array<[field: keyof SetCapValues, isMissing: boolean, message: string]> = [
      ['contractId', isLab && !contractId, 'Choose what it stands on.'],
      ['clause', isLab && !clause, 'Name the clause.'],
      ['projectId', on === 'PROJECT' && !projectId, 'Say which project.'],
      ['apiKeyId', on === 'API_KEY' && !apiKeyId, 'Say which key.'],
    ];
    for (const [field, isMissing, message] of rules) {
      if (isMissing) context.addIssue({ code: 'custom', path: [field], message });
    }
  });
}

const USUAL_PERCENTS = [50, 80, 100];

/** What a form begins with: the cap that it replaces, else what is usual, in the currency of a contract. */
export function valuesOf(cap: SpendCap | null, contracts: Contracts): SetCapValues {
  const on = cap ? subjectOf(cap) : 'ORGANIZATION';
  const currency = cap?.limit.currency ?? contracts[0]?.currency;
  return {
    contractId: cap?.contract?.id ?? '',
    clause: cap?.clause ?? '',
    on,
    projectId: cap && on === 'PROJECT' ? cap.subjectId : '',
    apiKeyId: cap && on === 'API_KEY' ? cap.subjectId : '',
    limitNanos: cap ? writeDecimal(cap.limit.nanos, NANO_DIGITS) : '',
    currency: CURRENCIES.find((one) => one === currency) ?? CURRENCIES[0],
    period: cap?.period ?? 'MONTH',
    strength: cap && !cap.isHard ? 'SOFT' : 'HARD',
    alertPercents: (cap?.alertPercents ?? USUAL_PERCENTS).join(', '),
  };
}

/** `contracts` for the lab, whose caps are those of the contract's partner in the contract's currency; null for a partner. */
export function inputOf(values: SetCapValues, contracts: Contracts | null) {
  const { on, projectId, apiKeyId, period, strength, contractId, clause } = values;
  const contract = contracts?.find(({ id }) => id === contractId);
  return {
    ...(contract ? { organizationId: contract.organization.id, contractId, clause } : {}),
    ...(on === 'PROJECT' ? { projectId } : {}),
    ...(on === 'API_KEY' ? { apiKeyId } : {}),
    limitNanos: parseDecimal(values.limitNanos, NANO_DIGITS) ?? '0',
    currency: contract?.currency ?? values.currency,
    period,
    isHard: strength === 'HARD',
    alertPercents: parsePercents(values.alertPercents) ?? [],
  };
}
