import { Args, Mutation, Resolver } from '@nestjs/graphql';
import type { Transaction } from '#platform/database';
import { Ctx, MutationRunner, type RequestContext } from '#platform/graphql';
import type { ContractFrame } from '../contract/contract.js';
import { ContractAgreementService } from '../contract/contract-agreement.service.js';
import { ContractDraftingService } from '../contract/contract-drafting.service.js';
import { ContractSuspensionService } from '../contract/contract-suspension.service.js';
import {
  AbandonContractInput,
  AcceptContractVersionInput,
  AmendContractInput,
  ContractPayload,
  ContractVersionPayload,
  DeclineContractVersionInput,
  DraftContractInput,
  DraftedContractPayload,
  OfferContractVersionInput,
  ResumeContractInput,
  ReturnContractVersionInput,
  ReviseContractVersionInput,
  SubmitContractVersionInput,
  SuspendContractInput,
  SuspendedContractPayload,
  WithdrawContractVersionInput,
} from './contract.inputs.js';
import { readTerms } from './contract-terms.js';

const WRITE = 'contracts:write';
const APPROVE = 'contracts:approve';
const ACCEPT = 'contracts:accept';

type VersionInput = { idempotencyKey: string; contractVersionId: string };

@Resolver()
export class ContractMutations {
  constructor(
    private readonly mutations: MutationRunner,
    private readonly drafting: ContractDraftingService,
    private readonly agreement: ContractAgreementService,
    private readonly suspension: ContractSuspensionService,
  ) {}

  @Mutation(() => DraftedContractPayload, {
    description:
      'Drafts a contract with its first version; the partner does not see it before it is offered. For the lab; needs the permission contracts:write.',
  })
  draftContract(@Ctx() context: RequestContext, @Args('input') input: DraftContractInput) {
    const options = { name: 'draftContract', permission: WRITE, input };
    return this.mutations.run(context, options, async (tx) => {
      const { idempotencyKey: _key, terms, startsAt = null, purchaseOrder = null, ...rest } = input;
      const contract = { ...rest, startsAt, purchaseOrder, terms: readTerms(terms) };
      const { contractId, versionId } = await this.drafting.draft(tx, contract);
      return { contract: contractId, contractVersion: versionId };
    });
  }

  @Mutation(() => ContractVersionPayload, {
    description:
      'Changes a draft; refused with CONTRACT_VERSION_NOT_DRAFT for anything else, with CONTRACT_FRAME_FIXED for the contract once it was offered. For the lab; needs the permission contracts:write.',
  })
  reviseContractVersion(@Ctx() context: RequestContext, @Args('input') input: ReviseContractVersionInput) {
    return this.run(context, { name: 'reviseContractVersion', permission: WRITE, input }, (tx) =>
      this.drafting.revise(tx, {
        ...frameOf(input),
        contractVersionId: input.contractVersionId,
        effectiveFrom: input.effectiveFrom,
        summary: input.summary ?? undefined,
        terms: input.terms ? readTerms(input.terms) : undefined,
      }),
    );
  }

  @Mutation(() => ContractVersionPayload, {
    description: 'Submits a draft for approval by another person. For the lab; needs the permission contracts:write.',
  })
  submitContractVersion(@Ctx() context: RequestContext, @Args('input') input: SubmitContractVersionInput) {
    return this.run(context, { name: 'submitContractVersion', permission: WRITE, input }, (tx) =>
      this.drafting.submit(tx, input.contractVersionId),
    );
  }

  @Mutation(() => ContractVersionPayload, {
    description: 'Gives a version in review back to be worked on. For the lab; needs the permission contracts:approve.',
  })
  returnContractVersion(@Ctx() context: RequestContext, @Args('input') input: ReturnContractVersionInput) {
    return this.run(context, { name: 'returnContractVersion', permission: APPROVE, input }, (tx) =>
      this.agreement.returnForWork(tx, input),
    );
  }

  @Mutation(() => ContractVersionPayload, {
    description:
      'Approves a version, signs it for the lab and offers it to the partner: by somebody who neither drafted, revised nor submitted it, others are refused with CONTRACT_FOUR_EYES. For the lab; needs the permission contracts:approve.',
  })
  offerContractVersion(@Ctx() context: RequestContext, @Args('input') input: OfferContractVersionInput) {
    return this.run(context, { name: 'offerContractVersion', permission: APPROVE, input }, (tx) =>
      this.agreement.offer(tx, input),
    );
  }

  @Mutation(() => ContractVersionPayload, {
    description:
      'Signs an offer for the partner: its terms hold from `effectiveFrom`, or from now on. Refused with CONTRACT_DOCUMENT_CHANGED for another document, with CONTRACT_OFFER_LAPSED when its time went by. For the partner; needs the permission contracts:accept.',
  })
  acceptContractVersion(@Ctx() context: RequestContext, @Args('input') input: AcceptContractVersionInput) {
    return this.run(context, { name: 'acceptContractVersion', permission: ACCEPT, input }, (tx) =>
      this.agreement.accept(tx, input),
    );
  }

  @Mutation(() => ContractVersionPayload, {
    description: 'Refuses an offer. For the partner; needs the permission contracts:accept.',
  })
  declineContractVersion(@Ctx() context: RequestContext, @Args('input') input: DeclineContractVersionInput) {
    return this.run(context, { name: 'declineContractVersion', permission: ACCEPT, input }, (tx) =>
      this.agreement.decline(tx, input),
    );
  }

  @Mutation(() => ContractVersionPayload, {
    description: 'Takes back a version that is not decided. For the lab; needs the permission contracts:write.',
  })
  withdrawContractVersion(@Ctx() context: RequestContext, @Args('input') input: WithdrawContractVersionInput) {
    return this.run(context, { name: 'withdrawContractVersion', permission: WRITE, input }, (tx) =>
      this.drafting.withdraw(tx, input),
    );
  }

  @Mutation(() => ContractVersionPayload, {
    description:
      'Drafts a further version of a contract; refused with CONTRACT_VERSION_OPEN while another one is not decided. For the lab; needs the permission contracts:write.',
  })
  amendContract(@Ctx() context: RequestContext, @Args('input') input: AmendContractInput) {
    const options = { name: 'amendContract', permission: WRITE, input };
    return this.mutations.run(context, options, async (tx) => ({
      contractVersion: await this.drafting.amend(tx, { ...input, terms: readTerms(input.terms) }),
    }));
  }

  @Mutation(() => ContractPayload, {
    description:
      'Ends a negotiation that comes to nothing; a contract in force ends at its time. For the lab; needs the permission contracts:write.',
  })
  abandonContract(@Ctx() context: RequestContext, @Args('input') input: AbandonContractInput) {
    const options = { name: 'abandonContract', permission: WRITE, input };
    return this.mutations.run(context, options, async (tx) => {
      await this.drafting.abandon(tx, input);
      return { contract: input.contractId };
    });
  }

  @Mutation(() => SuspendedContractPayload, {
    description:
      'Suspends a contract in force: from now on new work and calls of the partner are refused with SERVICE_STOPPED, within a second at the gateway; what runs goes on and is told. Refused with CONTRACT_NOT_IN_FORCE, or CONTRACT_SUSPENDED if it is. For the lab; needs the permission contracts:approve.',
  })
  suspendContract(@Ctx() context: RequestContext, @Args('input') input: SuspendContractInput) {
    return this.mutations.run(context, { name: 'suspendContract', permission: APPROVE, input }, async (tx) => ({
      contract: input.contractId,
      runningWork: await this.suspension.suspend(tx, input),
    }));
  }

  @Mutation(() => ContractPayload, {
    description:
      'Ends the suspension of a contract; what else stops the partner stays. Refused with CONTRACT_NOT_SUSPENDED if it is not suspended. For the lab; needs the permission contracts:approve.',
  })
  resumeContract(@Ctx() context: RequestContext, @Args('input') input: ResumeContractInput) {
    return this.mutations.run(context, { name: 'resumeContract', permission: APPROVE, input }, async (tx) => {
      await this.suspension.resume(tx, input);
      return { contract: input.contractId };
    });
  }

  private run<Input extends VersionInput>(
    context: RequestContext,
    options: { name: string; permission: string; input: Input },
    work: (tx: Transaction) => Promise<void>,
  ) {
    return this.mutations.run(context, options, async (tx) => {
      await work(tx);
      return { contractVersion: options.input.contractVersionId };
    });
  }
}

/** Null says something of a start and a purchase order; of the others no more than leaving them out. */
function frameOf(input: ReviseContractVersionInput): Partial<ContractFrame> {
  return {
    name: input.name ?? undefined,
    startsAt: input.startsAt,
    endsAt: input.endsAt ?? undefined,
    graceDays: input.graceDays ?? undefined,
    purchaseOrder: input.purchaseOrder,
  };
}
