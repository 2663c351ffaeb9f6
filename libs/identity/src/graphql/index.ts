import { Module } from '@nestjs/common';
import { IdentityMutations } from './identity.mutations.js';
import { IdentityResolver, MemberResolver } from './identity.resolver.js';

export * from './identity.types.js';

@Module({ providers: [IdentityResolver, MemberResolver, IdentityMutations] })
export class IdentityGraphqlModule {}
