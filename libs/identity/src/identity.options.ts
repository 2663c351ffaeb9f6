import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { hashApiKey } from './api-key.format.js';

export interface IdentityOptions {
  /** Environment API_KEY_PEPPER. */
  apiKeyPepper: string;
  /** Environment SESSION_SECRET. */
  sessionSecret: string;
}
export const IDENTITY_OPTIONS = Symbol('IdentityOptions');

/** Hashes under secrets of the server. Each use has a label of its own, so that one can't stand in for another. */
@Injectable()
export class KeyedHashes {
  constructor(@Inject(IDENTITY_OPTIONS) private readonly options: IdentityOptions) {}

  apiKey(key: string): string {
    return hashApiKey(key, this.options.apiKeyPepper);
  }

  /** Bound to the session: of no use with another, and nobody else can make it. */
  csrfToken(sessionId: string): string {
    return this.keyed('csrf', sessionId).toString('base64url');
  }

  throttleSubject(kind: string, value: string): string {
    return this.keyed(`throttle ${kind}`, value).toString('hex');
  }

  /** Stands in for a password where an input is hashed or compared: a plain hash of it could be guessed from the audit log. */
  passwordFingerprint(password: string): string {
    return this.keyed('password', password).toString('hex');
  }

  private keyed(label: string, value: string): Buffer {
    return createHmac('sha256', this.options.sessionSecret).update(`${label}\0${value}`).digest();
  }
}
