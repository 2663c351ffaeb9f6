import { Inject } from '@nestjs/common';
import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import {
  AUTHORIZER,
  type Authorizer,
  Ctx,
  MutationRunner,
  NodeLoader,
  PresignedRequestType,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import { ObjectStore } from '#platform/storage';
import {
  type BillingExport,
  EXPORT_FAILURES,
  EXPORT_KINDS,
  type ExportKind,
  keyOfFile,
} from '../exports/billing-export.js';
import { findBillingExports, listBillingExports } from '../exports/billing-export.repository.js';
import { BillingExportService } from '../exports/billing-export.service.js';
import {
  BillingExportConnection,
  BillingExportFailureType,
  BillingExportPayload,
  BillingExportsArgs,
  BillingExportType,
  ExportJournalInput,
  ExportUsageInput,
} from './billing-export.types.js';

/** Who may read a thing may read it as a file. */
const PERMISSIONS: Record<ExportKind, string> = { usage: 'invoices:read', journal: 'ledger:read' };

/** Enough to begin a download, which may take longer. */
const URL_SECONDS = 300;

@Resolver()
export class BillingExportQueries {
  constructor(
    private readonly database: Database,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('exp', 'BillingExport')
  async loadExports(context: RequestContext, ids: readonly string[]): Promise<Array<BillingExport | null>> {
    const found = await Promise.all(
      EXPORT_KINDS.map((kind) =>
        readNodes(context, ids, {
          database: this.database,
          permission: PERMISSIONS[kind],
          find: async (tx) => (await findBillingExports(tx, ids)).filter((one) => one.kind === kind),
        }),
      ),
    );
    return ids.map((_, place) => found.map((ofKind) => ofKind[place]!).find((one) => one !== null) ?? null);
  }

  @Query(() => BillingExportConnection, {
    description:
      'Exports that the own organization asked for, newest first. Needs the permission invoices:read for those of usage, ledger:read for those of the journal.',
  })
  async billingExports(@Ctx() context: RequestContext, @Args() args: BillingExportsArgs) {
    this.authorizer.authorize(context.principal, PERMISSIONS[args.kind]);
    return this.database.read(context.scope, (tx) => listBillingExports(tx, args.kind, args));
  }
}

@Resolver()
export class BillingExportMutations {
  constructor(
    private readonly mutations: MutationRunner,
    private readonly exports: BillingExportService,
  ) {}

  @Mutation(() => BillingExportPayload, {
    description:
      'Has a file made of what was used, each with its price and the line of the invoice that bills it. Refused with EXPORT_RANGE_INVALID, with EXPORT_PARTNER_NOT_FOUND, and with EXPORTS_UNFINISHED while too many are being made. Needs the permission invoices:read.',
  })
  exportUsage(@Ctx() context: RequestContext, @Args('input') input: ExportUsageInput) {
    return this.request(context, 'usage', input);
  }

  @Mutation(() => BillingExportPayload, {
    description:
      'Has a file made of the journal: every entry of every transaction, deferred and recognized revenue told apart. Refused with EXPORT_RANGE_INVALID, with EXPORT_PARTNER_NOT_FOUND, and with EXPORTS_UNFINISHED while too many are being made. Needs the permission ledger:read.',
  })
  exportJournal(@Ctx() context: RequestContext, @Args('input') input: ExportJournalInput) {
    return this.request(context, 'journal', input);
  }

  private request(context: RequestContext, kind: ExportKind, input: ExportUsageInput | ExportJournalInput) {
    const name = kind === 'usage' ? 'exportUsage' : 'exportJournal';
    return this.mutations.run(context, { name, permission: PERMISSIONS[kind], input }, async (tx) => {
      const { organizationId, from, to } = input;
      return { billingExport: await this.exports.request(tx, { kind, organizationId, from, to }) };
    });
  }
}

@Resolver(() => BillingExportType)
export class BillingExportFields {
  constructor(
    private readonly store: ObjectStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @ResolveField(() => PresignedRequestType, {
    nullable: true,
    description: 'Fetches the file, if begun within five minutes; null unless the export is ready.',
  })
  file(@Parent() found: BillingExport): Promise<PresignedRequestType> | null {
    if (found.state !== 'ready' || found.expiresAt! <= this.clock.now()) return null;
    const filename = `${found.kind}-${dayOf(found.from)}-${dayOf(found.to)}.csv`;
    return this.store.presignGet(keyOfFile(found), { filename, expiresInSeconds: URL_SECONDS });
  }

  @ResolveField(() => BillingExportFailureType, {
    nullable: true,
    description: 'Why nothing came of it; null unless it failed.',
  })
  failure(@Parent() { failure }: BillingExport): BillingExportFailureType | null {
    return failure && { reason: failure, message: EXPORT_FAILURES[failure] };
  }
}

const dayOf = (time: Date): string => time.toISOString().slice(0, 10);
