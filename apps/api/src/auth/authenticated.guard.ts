import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  UseGuards,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { IDENTITY_ERRORS } from '#libs/identity';
import { PRINCIPAL_RESOLVER, type Principal, type PrincipalResolver } from '#platform/graphql';

type AuthenticatedRequest = FastifyRequest & { principal: Principal };

/** Lets a REST call through when it is known who calls. */
@Injectable()
export class AuthenticatedGuard implements CanActivate {
  constructor(@Inject(PRINCIPAL_RESOLVER) private readonly principals: PrincipalResolver) {}

  async canActivate(host: ExecutionContext): Promise<boolean> {
    const request = host.switchToHttp().getRequest<AuthenticatedRequest>();
    const principal = await this.principals.resolve(request);
    if (!principal) throw IDENTITY_ERRORS.UNAUTHENTICATED();
    request.principal = principal;
    return true;
  }
}

/** On a controller or a method: `@Authenticated()`, then `@Caller() principal: Principal` as a parameter. */
export const Authenticated = (): MethodDecorator & ClassDecorator => UseGuards(AuthenticatedGuard);

export const Caller = createParamDecorator(
  (_: unknown, host: ExecutionContext): Principal => host.switchToHttp().getRequest<AuthenticatedRequest>().principal,
);
