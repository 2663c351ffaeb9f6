import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AUTHORIZER } from '#platform/graphql';
import { AccountService } from './account.service.js';
import { ApiKeyService } from './api-key.service.js';
import { RoleAuthorizer } from './authorize.js';
import { IDENTITY_OPTIONS, type IdentityOptions, KeyedHashes } from './identity.options.js';
import { LabFounder } from './lab-founder.js';
import { MembershipService } from './membership.service.js';
import { OrganizationService } from './organization.service.js';
import { ProjectService } from './project.service.js';
import { ServiceAccountService } from './service-account.service.js';
import { SessionService } from './session.service.js';
import { SignInService } from './sign-in.service.js';
import { SignInThrottle } from './sign-in-throttle.js';

const SERVICES = [
  AccountService,
  ApiKeyService,
  KeyedHashes,
  LabFounder,
  MembershipService,
  OrganizationService,
  ServiceAccountService,
  SessionService,
  SignInService,
  SignInThrottle,
];

/** Projects alone need no secrets: domains that run in the worker too import it. */
@Module({ providers: [ProjectService], exports: [ProjectService] })
export class ProjectsModule {}

/** Global, since every domain asks it who may do what. Needs DatabaseModule and AuditModule. */
@Global()
@Module({})
export class IdentityModule {
  static forRoot(options: IdentityOptions): DynamicModule {
    return {
      module: IdentityModule,
      imports: [ProjectsModule],
      providers: [
        ...SERVICES,
        { provide: IDENTITY_OPTIONS, useValue: options },
        { provide: AUTHORIZER, useClass: RoleAuthorizer },
      ],
      exports: [...SERVICES, ProjectsModule, AUTHORIZER],
    };
  }
}
