import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId, sha256Hex } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { LICENSE_ERRORS } from './license.errors.js';
import type { License, LicenseVersion } from './license.js';
import { licenseInForce, outstandingLicense } from './license.policy.js';
import { findLicenses, insertAcceptance, insertLicense, knownLicenses } from './license.repository.js';

export interface PublishLicenseInput {
  name: string;
  text: string;
  requiresAcceptance: boolean;
  allowsOffering?: boolean | null;
  requiredFrom?: Date | null;
}

/** Licence documents of the lab and their acceptance. What follows from it the policy of entitlements decides. */
@Injectable()
export class LicenseService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** The next version of a name, in force from its day on; gives its id. */
  async publish(tx: Transaction, input: PublishLicenseInput): Promise<string> {
    const now = this.clock.now();
    const { organizationId, actor } = tx.scope;
    const { name, text, requiresAcceptance } = input;
    const { versions } = await knownLicenses(tx, [{ organizationId, name }]);
    const last = versions.at(-1);
    const earliest = last && last.requiredFrom > now ? last.requiredFrom : now;
    const requiredFrom = input.requiredFrom ?? earliest;
    if (requiredFrom < earliest) {
      const dates = { requiredFrom: requiredFrom.toISOString(), earliest: earliest.toISOString() };
      throw LICENSE_ERRORS.LICENSE_DATE_INVALID(dates, { path: ['requiredFrom'] });
    }
    const license: License = {
      ...{ id: newId('lic'), organizationId, name, version: (last?.version ?? 0) + 1 },
      ...{
        text,
        sha256: sha256Hex(text),
        requiresAcceptance,
        requiredFrom,
        allowsOffering: input.allowsOffering ?? false,
      },
      ...{ createdBy: actor.id, createdAt: now },
    };
    if (!(await insertLicense(tx, license))) throw LICENSE_ERRORS.LICENSE_VERSION_TAKEN({ name }, { path: ['name'] });
    return license.id;
  }

  /** For the scope's organization, by a person who names the hash of what was read; gives the id of the acceptance. */
  async accept(tx: Transaction, { licenseId, sha256 }: { licenseId: string; sha256: string }): Promise<string> {
    const now = this.clock.now();
    const path = ['licenseId'];
    const [license] = await findLicenses(tx, [licenseId]);
    if (!license) throw LICENSE_ERRORS.LICENSE_NOT_FOUND({ id: licenseId }, { path });
    if (license.sha256 !== sha256) {
      throw LICENSE_ERRORS.LICENSE_DIFFERS({ id: licenseId, sha256: license.sha256 }, { path: ['sha256'] });
    }
    const inForce = licenseInForce((await knownLicenses(tx, [license])).versions, now);
    if (inForce && inForce.version > license.version) {
      const { id: inForceId, version: inForceVersion } = inForce;
      throw LICENSE_ERRORS.LICENSE_SUPERSEDED({ ...license, inForceId, inForceVersion }, { path });
    }
    return insertAcceptance(tx, {
      ...{ id: newId('lacc'), organizationId: tx.scope.organizationId, labOrganizationId: license.organizationId },
      ...{ licenseId, sha256, acceptedBy: tx.scope.actor.id, acceptedAt: now },
    });
  }

  /** What the scope's organization has to accept before it may use what it is entitled to, by name. */
  async outstanding(tx: Transaction): Promise<License[]> {
    const { versions, acceptedIds } = await knownLicenses(tx, 'all');
    const now = this.clock.now();
    const byName = Map.groupBy(versions, ({ organizationId, name }) => `${organizationId} ${name}`);
    const outstanding = [...byName.values()]
      .map((sameName) => outstandingLicense(sameName, acceptedIds, now))
      .filter((version): version is LicenseVersion => version !== null);
    const licenses = await findLicenses(
      tx,
      outstanding.map(({ id }) => id),
    );
    return licenses.sort((a, b) => a.name.localeCompare(b.name, 'en'));
  }
}
