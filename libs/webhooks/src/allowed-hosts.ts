import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector } from 'undici';
import { WEBHOOK_ERRORS } from './webhooks.errors.js';

const LONGEST_URL = 2_000;
type Range = ReturnType<typeof ipaddr.parseCIDR>;

/**
 * Where the operator lets webhooks go: nowhere, unless it is listed. A host name that is listed may lead to public addresses alone, whatever its DNS
 * says; addresses inside the operator's own networks are listed as ranges.
 */
export class AllowedHosts {
  private readonly ranges: Range[] = [];
  private readonly names: string[] = [];

  /** Separated by commas: `hooks.example.com`, `*.example.com`, `10.2.0.0/16`, `192.0.2.7`. */
  constructor(list: string) {
    for (const entry of list.split(',').map((part) => part.trim().toLowerCase())) {
      if (entry === '') continue;
      if (ipaddr.isValidCIDR(entry)) this.ranges.push(ipaddr.parseCIDR(entry));
      else if (isIP(entry)) this.ranges.push(ipaddr.parseCIDR(`${entry}/${isIP(entry) === 4 ? 32 : 128}`));
      else if (/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(entry)) this.names.push(entry);
      else throw new Error(`WEBHOOK_ALLOWED_HOSTS: ${entry} is neither a host, nor an address, nor a range`);
    }
  }

  /** May this address, under which a host is reached, be connected to? */
  admits(host: string, address: string): boolean {
    const parsed = ipaddr.process(address);
    const isInRange = this.ranges.some((range) => range[0].kind() === parsed.kind() && parsed.match(range));
    return isInRange || (this.isListed(host) && parsed.range() === 'unicast');
  }

  /** Refuses what can't be sent to, as far as it shows before a name is resolved. */
  assertAllowed(text: string): void {
    const options = { path: ['url'] };
    const invalid = (problem: string) => WEBHOOK_ERRORS.WEBHOOK_URL_INVALID({ problem }, options);
    const url = URL.parse(text);
    if (!url || text.length > LONGEST_URL) throw invalid(`is no URL of at most ${LONGEST_URL} characters`);
    const host = hostOf(url);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(host)))
      throw invalid('begins with https://');
    if (url.username || url.password || url.hash) throw invalid('has neither a user, nor a password, nor a fragment');
    // A name that is not listed may still lead into a range: that shows when it is connected to.
    const mayBe = isIP(host) ? this.admits(host, host) : this.isListed(host) || this.ranges.length > 0;
    if (!mayBe) throw WEBHOOK_ERRORS.WEBHOOK_HOST_NOT_ALLOWED({ host }, options);
  }

  private isListed(host: string): boolean {
    const name = host.toLowerCase();
    return this.names.some((entry) => (entry.startsWith('*.') ? name.endsWith(entry.slice(1)) : name === entry));
  }
}

/** Connects to allowed addresses and to no others: the address that was checked is the one that is connected to. */
export function guardedAgent(allowed: AllowedHosts, connectTimeoutMilliseconds: number): Agent {
  const connect = buildConnector({ timeout: connectTimeoutMilliseconds, lookup: guardedLookup(allowed) });
  return new Agent({
    connect: (options, callback) => {
      const { hostname } = options;
      // An address is never looked up.
      if (isIP(hostname) && !allowed.admits(hostname, hostname)) callback(notAllowed(hostname), null);
      else connect(options, callback);
    },
  });
}

function guardedLookup(allowed: AllowedHosts): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses: LookupAddress[] = []) => {
      const admitted = addresses.filter(({ address }) => allowed.admits(host, address));
      const [first] = admitted;
      if (error) callback(error, []);
      else if (!first) callback(notAllowed(host), []);
      else if (options.all) callback(null, admitted);
      else callback(null, first.address, first.family);
    });
  };
}

const notAllowed = (host: string): Error => WEBHOOK_ERRORS.WEBHOOK_HOST_NOT_ALLOWED({ host });

/** An address of version 6 stands in brackets. */
const hostOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '');

function isLoopback(host: string): boolean {
  return host === 'localhost' || (isIP(host) !== 0 && ipaddr.process(host).range() === 'loopback');
}
