import { Module } from '@nestjs/common';
import { BillingModule } from '#libs/billing';
import { Acts } from '../openai/calls.js';
import { InvoicesController } from './invoices.controller.js';

@Module({ imports: [BillingModule], controllers: [InvoicesController], providers: [Acts] })
export class InvoicesModule {}
