import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { assertReaches } from '#libs/identity';
import { canonicalJson, DomainError, sha256Hex } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import { AUDIT_SINK, AUTHORIZER, type AuditSink, type Authorizer, type Principal, scopeOf } from '#platform/graphql';

/** Whom a call of an OpenAI endpoint acts for: the caller, confined to the project that the header OpenAI-Project names, if it does. */
export function scopeOfCall(caller: Principal, request: FastifyRequest): Scope {
  const project = request.headers['openai-project'];
  if (typeof project !== 'string' || project === '') return scopeOf(caller);
  assertReaches(caller, project);
  return { ...scopeOf(caller), projectIds: [project] };
}

/** The one project in which a call makes something. */
export function projectOfCall(scope: Scope): string {
  const { projectIds } = scope;
  if (Array.isArray(projectIds) && projectIds.length === 1) return projectIds[0] as string;
  throw new DomainError(
    'PROJECT_REQUIRED',
    'The key reaches several projects: name one in the header OpenAI-Project (the clients’ option `project`), or use a key of one project.',
    { path: ['OpenAI-Project'] },
  );
}

export interface Act {
  /** The audit entry's action. */
  name: string;
  permission: string;
  projectId?: string;
  /** What the caller sent, for the audit entry's digest. */
  input: unknown;
}

/** What MutationRunner is to GraphQL: permission, work and audit entry in one transaction; a refusal has an entry of its own. */
@Injectable()
export class Acts {
  constructor(
    private readonly database: Database,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
    @Inject(AUDIT_SINK) private readonly audit: AuditSink,
  ) {}

  async run<T extends { id: string }>(
    call: { caller: Principal; scope: Scope; requestId: string },
    act: Act,
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    const { name: action, permission, projectId, input } = act;
    const entry = { action, projectId, requestId: call.requestId, inputSha256: sha256Hex(canonicalJson(input)) };
    try {
      this.authorizer.authorize(call.caller, permission, { projectId });
      return await this.database.transaction(call.scope, async (tx) => {
        const result = await work(tx);
        await this.audit.record(tx, { ...entry, outcome: 'done', targetIds: [result.id] });
        return result;
      });
    } catch (error) {
      if (error instanceof DomainError) {
        const refusal = { ...entry, outcome: 'refused' as const, code: error.code, targetIds: [] };
        await this.database.transaction(call.scope, (tx) => this.audit.record(tx, refusal));
      }
      throw error;
    }
  }
}
