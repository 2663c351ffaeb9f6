import { registerEnumType } from '@nestjs/graphql';
import { described, enumOf } from '#platform/graphql';
import { PERMISSION_NAMES, PERMISSIONS, ROLE_NAMES, ROLES } from '../roles.js';

export const PermissionEnum = enumOf(PERMISSION_NAMES);
registerEnumType(PermissionEnum, {
  name: 'Permission',
  description: 'What one may do; the scopes of API keys are permissions.',
  valuesMap: described(PERMISSION_NAMES, (name) => {
    const { allows, byKey } = PERMISSIONS[name];
    return `${name}: ${allows}.${byKey ? '' : ' For people alone, never for a key.'}`;
  }),
});

export const RoleEnum = enumOf(ROLE_NAMES);
registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a member or a service account may do.',
  valuesMap: described(ROLE_NAMES, (name) => {
    const { kinds, projects, permissions } = ROLES[name];
    return `In ${kinds.join(' and ')} organizations, for ${projects} projects: ${permissions.join(', ')}.`;
  }),
});

export const OrganizationKindEnum = { LAB: 'lab', PARTNER: 'partner' } as const;
registerEnumType(OrganizationKindEnum, {
  name: 'OrganizationKind',
  description: 'What an organization is.',
  valuesMap: {
    LAB: { description: 'It trains and publishes checkpoints.' },
    PARTNER: { description: 'It forks them.' },
  },
});

export const PrincipalTypeEnum = { USER: 'user', SERVICE_ACCOUNT: 'service_account', API_KEY: 'api_key' } as const;
registerEnumType(PrincipalTypeEnum, {
  name: 'PrincipalType',
  description: 'What calls.',
  valuesMap: {
    USER: { description: 'A person who signed in.' },
    SERVICE_ACCOUNT: { description: 'A program, by a key of its service account.' },
    API_KEY: { description: "A member's key." },
  },
});
