import { defineMutation, defineOperation } from '#libs/client';
import { type Connection, PAGE_INFO, type Page } from './shared.js';

export interface Viewer {
  id: string;
  type: 'USER' | 'SERVICE_ACCOUNT' | 'API_KEY';
  allProjects: boolean;
  permissions: string[];
  organization: { id: string; name: string; slug: string; kind: string } | null;
  user: { id: string; email: string; displayName: string } | null;
}

export interface Project {
  id: string;
  slug: string;
  name: string;
  createdAt: string;
}

export const WHO_AM_I = defineOperation<{ me: Viewer }>(
  '{ me { id type allProjects permissions organization { id name slug kind } user { id email displayName } } }',
);

export const PROJECTS = defineOperation<{ projects: Connection<Project> }, Page>(
  `query($first: Int, $after: String) { projects(first: $first, after: $after) { nodes { id slug name createdAt } ${PAGE_INFO} } }`,
);

export const CHANGE_PASSWORD = defineMutation<object, { currentPassword: string; newPassword: string }>(
  'changePassword',
  'changed',
);
