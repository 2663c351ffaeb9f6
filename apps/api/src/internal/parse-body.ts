import type { z } from 'zod';
import type { DomainError } from '#libs/kernel';

/** What was posted to the internal listener, as its contract in libs/messages has it; else refused with the first problem and its place. */
export function parseBody<S extends z.ZodType>(
  schema: S,
  body: unknown,
  refusal: (parameters: { problem: string }) => DomainError,
): z.infer<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw refusal({ problem: `${issue?.path.join('.')}: ${issue?.message}` });
}
