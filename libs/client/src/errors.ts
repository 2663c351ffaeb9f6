/** A refusal that the platform foresaw: a stable code, what to do, and where in the input. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  constructor(
    readonly code: string,
    message: string,
    readonly path: readonly string[] = [],
    readonly requestId: string | null = null,
  ) {
    super(message);
  }
}

/** The platform could not be reached, or did not answer as it should. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';

  constructor(message: string, options: ErrorOptions & { requestId?: string | null } = {}) {
    super(message, options);
    this.requestId = options.requestId ?? null;
  }

  /** Under which the platform logged what happened, where an answer came at all. */
  readonly requestId: string | null;
}
