/** By its id where its name could not be had. */
export function publisherName({
  organization,
  organizationId,
}: {
  organization: { name: string } | null;
  organizationId: string;
}): string {
  return organization?.name ?? organizationId;
}
