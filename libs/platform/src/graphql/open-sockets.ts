import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '#libs/kernel';
import { PRINCIPAL_RESOLVER, type Principal, type PrincipalResolver } from './context.js';

/** What is needed of a WebSocket here. */
interface Socket {
  close(code: number, reason: string): void;
  once(event: 'close', listener: () => void): void;
}

interface OpenSocket {
  socket: Socket;
  request: FastifyRequest;
  principal: Principal;
}

const CHECK_SOCKETS_MILLISECONDS = 5_000;
/** Of the protocol graphql-transport-ws: clients give up after the first, and connect again after the second. */
const UNAUTHORIZED = 4401;
const SERVICE_RESTART = 1012;

/** A WebSocket outlives the request that opened it, and must not outlive the right to: sessions end, keys are revoked, roles change. */
@Injectable()
export class OpenSockets implements OnModuleDestroy {
  private readonly open = new Set<OpenSocket>();
  private readonly timer: NodeJS.Timeout;
  private checking = false;

  constructor(@Inject(PRINCIPAL_RESOLVER) private readonly principals: PrincipalResolver) {
    this.timer = setInterval(() => void this.check(), CHECK_SOCKETS_MILLISECONDS).unref();
  }

  add(socket: Socket, request: FastifyRequest, principal: Principal): void {
    const entry = { socket, request, principal };
    this.open.add(entry);
    socket.once('close', () => this.open.delete(entry));
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async check(): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    for (const entry of [...this.open]) await this.checkOne(entry);
    this.checking = false;
  }

  private async checkOne({ socket, request, principal }: OpenSocket): Promise<void> {
    // Not a use: a page that is only left open keeps no session alive.
    const now = await this.principals.resolve(request, { isUse: false }).catch((error: unknown) => {
      if (error instanceof DomainError) return null;
      // Nothing is known while the database is away.
      return principal;
    });
    if (!now) socket.close(UNAUTHORIZED, 'Unauthorized');
    else if (powersOf(now) !== powersOf(principal)) socket.close(SERVICE_RESTART, 'Permissions have changed');
  }
}

function powersOf({ permissions, projectIds }: Principal): string {
  return JSON.stringify([[...permissions].sort(), projectIds === 'all' ? projectIds : [...projectIds].sort()]);
}
