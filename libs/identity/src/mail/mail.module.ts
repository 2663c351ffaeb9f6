import { Module } from '@nestjs/common';
import { MailOutbox } from './mail-outbox.js';

/** For domains that have something to tell people: needs no secrets. */
@Module({ providers: [MailOutbox], exports: [MailOutbox] })
export class MailModule {}
