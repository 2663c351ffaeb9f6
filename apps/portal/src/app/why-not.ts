import { useCallback } from 'react';
import { permissionName } from '../format';
import { type Permission, useSession } from './session';

/** Why the role does not allow something, for `whyNot` of a button; null when it does. */
export function useWhyNot(): (permission: Permission) => string | null {
  const { may } = useSession();
  return useCallback(
    (permission) =>
      may(permission)
        ? null
        : `Needs the permission ${permissionName(permission)}, which your role does not have. Ask an administrator.`,
    [may],
  );
}
