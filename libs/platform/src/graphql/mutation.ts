import { Inject, Injectable } from '@nestjs/common';
import { Field, InputType, ObjectType } from '@nestjs/graphql';
import { IsString, Length, type ValidationError, validate } from 'class-validator';
import { CLOCK, type Clock, canonicalJson, DomainError, sha256Hex } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import type { Principal, RequestContext } from './context.js';

@ObjectType('UserError', {
  description: 'A refusal that was foreseen. The code is stable, the message says what to do.',
})
export class UserError {
  @Field({ description: 'Stable, SCREAMING_SNAKE_CASE; all are listed in docs/generated/errors.md.' }) code!: string;
  @Field({ description: 'Why, and what to do.' }) message!: string;
  @Field(() => [String], { description: 'Where in the input, from the outside in; empty when it is about the whole.' })
  path!: string[];
}

@InputType({ isAbstract: true })
export class MutationInput {
  @Field({
    description:
      'Yours to choose, 1 to 200 characters. The same key with the same input within 24 hours gives the first answer again; with another input it is refused.',
  })
  @IsString()
  @Length(1, 200)
  idempotencyKey!: string;
}

@ObjectType({ isAbstract: true })
export abstract class MutationPayload {
  @Field(() => [UserError], { description: 'Why nothing was done; empty on success.' })
  userErrors!: UserError[];
}

/** Identity's answer to "may this caller do this?": throws a typed refusal. */
export interface Authorizer {
  authorize(principal: Principal, permission: string, target?: { projectId?: string }): void;
}
export const AUTHORIZER = Symbol('Authorizer');

export interface AuditRecord {
  action: string;
  outcome: 'done' | 'refused';
  code?: string;
  targetIds: string[];
  projectId?: string;
  requestId: string;
  inputSha256: string;
}

/** Where an entry about every act is kept. */
export interface AuditSink {
  record(tx: Transaction, entry: AuditRecord): Promise<void>;
}
export const AUDIT_SINK = Symbol('AuditSink');

export interface MutationOptions<Input> {
  /** The mutation's name in the schema; also the audit entry's action. */
  name: string;
  permission: string;
  projectId?: string;
  input: Input;
}

const REPLAY_HOURS = 24;

const OWN_KEY = 'principal_id = $1 AND key = $2 AND organization_id = :organization';

/** A secret is shown in the first answer only: wrap it, and a replay shows null in its place. */
export class ShownOnce<T> {
  constructor(readonly value: T) {}

  toJSON(): null {
    return null;
  }
}

@Injectable()
export class MutationRunner {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
    @Inject(AUDIT_SINK) private readonly audit: AuditSink,
  ) {}

  /**
   * One act in one transaction: permission, idempotency, the work, its audit entry and its messages. What the work returns
   * is plain: ids where a payload field shows a thing. A DomainError rolls everything back and comes out as `userErrors`.
   */
  async run<Input extends { idempotencyKey: string }, Result extends object>(
    context: RequestContext,
    options: MutationOptions<Input>,
    work: (tx: Transaction) => Promise<Result>,
  ): Promise<Result & { userErrors: UserError[] }> {
    const inputSha256 = sha256Hex(canonicalJson({ ...options.input, idempotencyKey: undefined }));
    const entry = { action: options.name, projectId: options.projectId, requestId: context.requestId, inputSha256 };
    try {
      await assertValid(options.input);
      this.authorizer.authorize(context.principal, options.permission, { projectId: options.projectId });
      const result = await this.database.transaction(context.scope, async (tx) => {
        const replay = await this.begin(tx, context.principal, options, inputSha256);
        if (replay) return replay as Result;
        const done = await work(tx);
        await this.audit.record(tx, { ...entry, outcome: 'done', targetIds: idsIn(done) });
        await this.remember(tx, context.principal, options.input.idempotencyKey, done);
        return done;
      });
      context.forget();
      return { ...unwrap(result), userErrors: [] };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      await this.database.transaction(context.scope, (tx) =>
        this.audit.record(tx, { ...entry, outcome: 'refused', code: error.code, targetIds: [] }),
      );
      return {
        userErrors: [{ code: error.code, message: error.message, path: error.path.map(String) }],
      } as unknown as Result & { userErrors: UserError[] };
    }
  }

  /** Takes the key, waiting for a call with the same key that is under way; gives that call's answer if it has one. */
  private async begin(
    tx: Transaction,
    principal: Principal,
    options: MutationOptions<{ idempotencyKey: string }>,
    requestSha256: string,
  ): Promise<object | null> {
    const now = this.clock.now();
    const key = [principal.id, options.input.idempotencyKey];
    await tx.query(`DELETE FROM idempotency_keys WHERE ${OWN_KEY} AND expires_at <= $3`, [...key, now]);
    const taken = await tx.query(
      `INSERT INTO idempotency_keys (principal_id, key, organization_id, operation, request_sha256, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING key`,
      [
        ...key,
        tx.scope.organizationId,
        options.name,
        requestSha256,
        now,
        new Date(now.getTime() + REPLAY_HOURS * 3_600_000),
      ],
    );
    if (taken.length > 0) return null;
    const first = await tx.one<{ operation: string; request_sha256: string; response: object }>(
      `SELECT operation, request_sha256, response FROM idempotency_keys WHERE ${OWN_KEY}`,
      key,
    );
    if (first?.operation === options.name && first.request_sha256 === requestSha256) return first.response;
    throw new DomainError(
      'IDEMPOTENCY_KEY_REUSED',
      'This idempotency key was used for another request within 24 hours: choose a new one.',
      {
        path: ['idempotencyKey'],
        status: 409,
      },
    );
  }

  private async remember(tx: Transaction, principal: Principal, key: string, response: object): Promise<void> {
    await tx.query(`UPDATE idempotency_keys SET response = $3 WHERE ${OWN_KEY}`, [
      principal.id,
      key,
      JSON.stringify(response),
    ]);
  }
}

async function assertValid(input: object): Promise<void> {
  const first = firstConstraint(await validate(input, { forbidUnknownValues: false, stopAtFirstError: true }));
  if (first) throw new DomainError('INVALID_INPUT', `${first.message}.`, { path: first.path });
}

function firstConstraint(
  errors: ValidationError[],
  parents: string[] = [],
): { message: string; path: string[] } | null {
  for (const { property, constraints, children } of errors) {
    const path = [...parents, property];
    const message = constraints && Object.values(constraints)[0];
    const found = message ? { message, path } : firstConstraint(children ?? [], path);
    if (found) return found;
  }
  return null;
}

/** The top-level strings of a result that are ids: what the act was about. */
function idsIn(result: object): string[] {
  return Object.values(result).filter(
    (value): value is string => typeof value === 'string' && /^[a-z]+_[0-9a-z]{26}$/.test(value),
  );
}

function unwrap<T extends object>(result: T): T {
  return Object.fromEntries(
    Object.entries(result).map(([name, value]) => [name, value instanceof ShownOnce ? value.value : value]),
  ) as T;
}
