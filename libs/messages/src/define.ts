import type { z } from 'zod';

/** A payload that crosses a process. `version` grows when the shape changes; a handler bears every version still in flight. */
export interface MessageDefinition<S extends z.ZodType = z.ZodType> {
  version: number;
  schema: S;
}

export function defineMessage<S extends z.ZodType>(version: number, schema: S): MessageDefinition<S> {
  return { version, schema };
}
