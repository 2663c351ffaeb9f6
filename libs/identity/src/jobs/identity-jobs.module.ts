import { type DynamicModule, Module } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import { MailDelivery, type MailSettings } from '../mail/mail-delivery.js';
import { MAIL_SETTINGS, MailRun } from './mail-run.js';

export interface SmtpOptions {
  /** As nodemailer reads it: `smtps://user:password@host:465`. */
  url: string;
  from: string;
}

/** A server that does not answer must not hold up the mails of others for long. */
const TIMEOUT_MILLISECONDS = 20_000;

@Module({})
export class IdentityJobsModule {
  /** Null: nobody sends here, and mails wait in the outbox. */
  static forRoot(smtp: SmtpOptions | null): DynamicModule {
    if (!smtp) return { module: IdentityJobsModule };
    const settings: MailSettings = { from: smtp.from, transport: createTransport(smtpOf(smtp.url)) };
    return {
      module: IdentityJobsModule,
      providers: [MailDelivery, MailRun, { provide: MAIL_SETTINGS, useValue: settings }],
    };
  }
}

function smtpOf(url: string) {
  const timeouts = { connectionTimeout: TIMEOUT_MILLISECONDS, greetingTimeout: TIMEOUT_MILLISECONDS };
  return { url, ...timeouts, socketTimeout: TIMEOUT_MILLISECONDS };
}
