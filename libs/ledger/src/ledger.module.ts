import { Module } from '@nestjs/common';
import { LedgerService } from './ledger.service.js';
import { LedgerReports } from './ledger-reports.js';

@Module({ providers: [LedgerService, LedgerReports], exports: [LedgerService, LedgerReports] })
export class LedgerModule {}
