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
  /** Of several, any is enough. */
  permission?: Permission | readonly Permission[];
  /** For one side alone. */
  only?: 'LAB' | 'PARTNER';
}

export function isShownTo(entry: NavigationEntry, session: Session): boolean {
  if (entry.only && session.organization.kind !== entry.only) return false;
  return !entry.permission || [entry.permission].flat().some(session.may);
}
