import { z } from 'zod';

/** Version of everything in this folder. A trainer refuses a spec of another version (exit code `bad_spec`). */
export const TRAINER_SCHEMA_VERSION = 1;

/** A single presigned PUT carries at most this much (an S3 limit). */
export const MAX_FILE_BYTES = 5 * 1024 ** 3;

export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: 'SHA-256 of the bytes, lower-case hex' });

/** A path inside an input or under the attempt's prefix: no leading slash, no `.` or `..` segment, no backslash. */
export const RelativePath = z
  .string()
  .min(1)
  .max(512)
  .regex(/^(?!\.{1,2}(?:\/|$))[A-Za-z0-9_.@+=-]+(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_.@+=-]+)*$/)
  .meta({ description: 'Relative path of portable characters, `/` between segments, no `.` or `..` segment' });

export const TrainerFile = z
  .strictObject({
    path: RelativePath,
    bytes: z.int().min(0).max(MAX_FILE_BYTES),
    sha256: Sha256,
  })
  .meta({ id: 'TrainerFile', description: 'One immutable file, named by path and content' });
export type TrainerFile = z.infer<typeof TrainerFile>;

/** Written last into every folder that an attempt produces: a folder without it is not whole and is never used. */
export const COMPLETENESS_MARKER = 'COMPLETE.json';

export const ManifestKind = z.enum(['preparation', 'checkpoint', 'adapter', 'evaluation']).meta({
  id: 'ManifestKind',
  description:
    'preparation: prepared rows and report; checkpoint: intermediate adapter with resume state; adapter: final adapter; evaluation: results',
});
export type ManifestKind = z.infer<typeof ManifestKind>;

export const Manifest = z
  .strictObject({
    schema_version: z.literal(TRAINER_SCHEMA_VERSION),
    kind: ManifestKind,
    job_id: z.string(),
    attempt: z.int().min(1),
    step: z.int().min(1).optional().meta({ description: 'Optimizer step, for checkpoint and adapter' }),
    tokenizer_sha256: Sha256.optional().meta({ description: 'SHA-256 of the base checkpoint’s tokenizer.json' }),
    template_sha256: Sha256.optional().meta({ description: 'SHA-256 of the base checkpoint’s chat_template.jinja' }),
    files: z.array(TrainerFile).min(1).meta({ description: 'Every file of the folder but the marker, sorted by path' }),
  })
  .meta({
    id: 'Manifest',
    description: `Content of ${COMPLETENESS_MARKER}: all of the folder’s other files are stored`,
  });
export type Manifest = z.infer<typeof Manifest>;

export const StoredFolder = z
  .strictObject({
    prefix: RelativePath.meta({ description: 'Folder under the attempt’s prefix: `output` or `checkpoints/step-<n>`' }),
    manifest: Manifest,
    manifest_sha256: Sha256.meta({ description: `SHA-256 of the stored ${COMPLETENESS_MARKER}` }),
  })
  .meta({ id: 'StoredFolder', description: 'A whole folder: its marker is stored, so everything in the manifest is' });
export type StoredFolder = z.infer<typeof StoredFolder>;
