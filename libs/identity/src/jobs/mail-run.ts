import { Inject, Injectable, Logger } from '@nestjs/common';
import { Every } from '#platform/queue';
import { MailDelivery, type MailSettings } from '../mail/mail-delivery.js';

export const MAIL_SETTINGS = Symbol('MailSettings');

@Injectable()
export class MailRun {
  private readonly logger = new Logger(MailRun.name);

  constructor(
    private readonly delivery: MailDelivery,
    @Inject(MAIL_SETTINGS) private readonly settings: MailSettings,
  ) {}

  @Every('10s', 'identity.mail')
  async run(signal?: AbortSignal): Promise<void> {
    for (const [id, error] of await this.delivery.deliverDue(this.settings, signal))
      this.logger.warn(error, `mail ${id}`);
  }
}
