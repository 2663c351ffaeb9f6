/** SOME_CONSTANT as words: "Some constant". */
export function words(constant: string): string {
  const text = constant.toLowerCase().replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** datasets:write for DATASETS_WRITE, as people find it in a refusal and in the documentation. */
export function permissionName(permission: string): string {
  return permission.toLowerCase().replace('_', ':');
}
