import type { LucideIcon } from 'lucide-react';
import type { Permission, Session } from './session';

export const NAVIGATION_GROUPS = ['explore', 'work', 'organization', 'lab'] as const;
export type NavigationGroup = (typeof NAVIGATION_GROUPS)[number];

export const GROUP_LABELS: Record<NavigationGroup, string> = {
  explore: 'Explore',
  work: 'Work',
  organization: 'Organization',
  lab: 'Lab',
};

/** A line of the navigation. It is shown to who may use what it leads to. */
export interface NavigationEntry {
  to: string;
  label: string;
  icon: LucideIcon;
  group: NavigationGroup;
  /** Within the whole navigation: tens, so that others fit between. */
  order: number;
  permission?: Permission;
  /** For the lab's own screens. */
  labOnly?: boolean;
}

export function isShownTo(entry: NavigationEntry, session: Session): boolean {
  if (entry.labOnly && session.organization.kind !== 'LAB') return false;
  return !entry.permission || session.may(entry.permission);
}
