import { type DynamicModule, Global, Module } from '@nestjs/common';
import { PRINCIPAL_RESOLVER } from '#platform/graphql';
import { AuthController } from './auth.controller.js';
import { AuthenticatedGuard } from './authenticated.guard.js';
import { AUTH_OPTIONS, type AuthOptions, RequestPrincipalResolver } from './request-principal.resolver.js';

/** Global, since GraphQL and every REST controller ask it who calls. */
@Global()
@Module({})
export class AuthModule {
  static forRoot(options: AuthOptions): DynamicModule {
    return {
      module: AuthModule,
      controllers: [AuthController],
      providers: [
        RequestPrincipalResolver,
        AuthenticatedGuard,
        { provide: AUTH_OPTIONS, useValue: options },
        { provide: PRINCIPAL_RESOLVER, useExisting: RequestPrincipalResolver },
      ],
      exports: [PRINCIPAL_RESOLVER, AuthenticatedGuard],
    };
  }
}
