import { paths } from '../app';
import { LinkButton, Notice } from '../ui';

interface UnmetLicenseProps {
  /** What keeps the reader's organization from using a checkpoint. */
  unmet: ReadonlyArray<{ code: string; message: string }>;
  /** The version that holds now. */
  license: { id: string } | null;
}

/** That a checkpoint's licence has to be accepted before anything new of it begins, and where that is done. */
export function UnmetLicense({ unmet, license }: UnmetLicenseProps) {
  const condition = unmet.find(({ code }) => code === 'LICENSE_NOT_ACCEPTED');
  if (!condition) return null;
  return (
    <Notice
      tone="warn"
      title="Your organization has not accepted its licence"
      actions={
        license && (
          <LinkButton small to={paths.license(license.id)}>
            Read it
          </LinkButton>
        )
      }
    >
      {condition.message}
    </Notice>
  );
}
