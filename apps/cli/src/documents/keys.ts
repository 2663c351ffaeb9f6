import { defineMutation, defineOperation } from '#libs/client';
import { type Connection, PAGE_INFO, type Page } from './shared.js';

export interface ApiKey {
  id: string;
  name: string;
  hint: string;
  scopes: string[];
  project: { id: string; slug: string } | null;
  user: { id: string; email: string } | null;
  serviceAccount: { id: string; name: string } | null;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
}

const KEY = `id name hint scopes project { id slug } user { id email } serviceAccount { id name } requestsPerMinute
  tokensPerMinute createdAt expiresAt revokedAt`;

export const API_KEYS = defineOperation<
  { apiKeys: Connection<ApiKey> },
  Page & { projectId?: string; includeRevoked: boolean }
>(
  `query($first: Int, $after: String, $projectId: ID, $includeRevoked: Boolean!) {
    apiKeys(first: $first, after: $after, projectId: $projectId, includeRevoked: $includeRevoked) { nodes { ${KEY} } ${PAGE_INFO} }
  }`,
);

export const CREATE_API_KEY = defineMutation<
  { apiKey: ApiKey; secret: string | null },
  {
    name: string;
    scopes: string[];
    projectId?: string;
    serviceAccountId?: string;
    expiresAt?: string;
    requestsPerMinute?: number;
    tokensPerMinute?: number;
  }
>('createApiKey', `apiKey { ${KEY} } secret`);

export const REVOKE_API_KEY = defineMutation<{ apiKey: ApiKey }, { apiKeyId: string }>(
  'revokeApiKey',
  `apiKey { ${KEY} }`,
);
