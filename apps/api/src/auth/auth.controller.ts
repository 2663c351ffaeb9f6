import { Body, Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AccountService, type Identity, KeyedHashes, SignInService } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { Database } from '#platform/database';
import { type Principal, scopeOf } from '#platform/graphql';
import { Authenticated, Caller } from './authenticated.guard.js';
import { clearSessionCookies, setSessionCookies } from './cookies.js';
import { AUTH_OPTIONS, type AuthOptions, RequestPrincipalResolver } from './request-principal.resolver.js';

const SIGN_IN = z.object({ email: z.string().max(1_000), password: z.string().max(10_000) });

/** Sign-in for people. Programs send a key with each call instead. */
@Controller('auth')
export class AuthController {
  private readonly secure: boolean;

  constructor(
    private readonly database: Database,
    private readonly signIns: SignInService,
    private readonly accounts: AccountService,
    private readonly hashes: KeyedHashes,
    private readonly requests: RequestPrincipalResolver,
    @Inject(AUTH_OPTIONS) options: AuthOptions,
  ) {
    this.secure = new URL(options.publicOrigin).protocol === 'https:';
  }

  /** Sets the cookies fp_session and fp_csrf; the body repeats the latter for clients without a cookie jar's view of it. */
  @Post('sign-in')
  @HttpCode(200)
  async signIn(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ csrfToken: string; expiresAt: Date; passwordChangeRequired: boolean }> {
    // Nobody is to be signed in to somebody else's account by a page of another origin.
    this.requests.assertOrigin(request);
    const { email, password } = readSignIn(body);
    const session = await this.signIns.signIn({
      email,
      password,
      address: request.ip,
      userAgent: request.headers['user-agent'] ?? '',
      requestId: request.id,
    });
    const csrfToken = this.hashes.csrfToken(session.id);
    setSessionCookies(reply, { token: session.token, csrfToken, expiresAt: session.expiresAt, secure: this.secure });
    const { expiresAt, passwordChangeRequired } = session;
    return { csrfToken, expiresAt, passwordChangeRequired };
  }

  @Post('sign-out')
  @HttpCode(204)
  @Authenticated()
  async signOut(
    @Caller() principal: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.signIns.signOut(principal, request.id);
    clearSessionCookies(reply, this.secure);
  }

  @Get('me')
  @Authenticated()
  async me(@Caller() principal: Principal): Promise<Identity> {
    return this.database.read(scopeOf(principal), (tx) => this.accounts.describe(tx, principal));
  }
}

function readSignIn(body: unknown): z.infer<typeof SIGN_IN> {
  const result = SIGN_IN.safeParse(body);
  if (result.success) return result.data;
  throw new DomainError('INVALID_INPUT', 'Send JSON: {"email": "...", "password": "..."}.', {
    path: result.error.issues[0]?.path.map(String) ?? [],
  });
}
