import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DATASET_ERRORS, LARGEST_STREAM_BYTES, LARGEST_STREAM_PART_BYTES } from '#libs/datasets';
import { DomainError } from '#libs/kernel';

const LIMITS = { files: 1, fields: 8, fieldSize: 1000, fieldNameSize: 100, fileSize: LARGEST_STREAM_BYTES + 1 };

/** What a caller says of the file besides its bytes. Nested fields come as `expires_after[seconds]`. */
const FIELDS = z.object({
  purpose: z.string(),
  'expires_after[anchor]': z.literal('created_at').optional(),
  'expires_after[seconds]': z.coerce.number().optional(),
});

export interface FileForm<Stored> {
  file: Stored;
  purpose: string;
  expiresAfterSeconds?: number;
}

/** Reads OpenAI's form; the file goes to `store` as it comes, and to `discard` if the rest of the form is wrong. */
export async function readFileForm<Stored>(
  request: FastifyRequest,
  store: (filename: string, source: AsyncIterable<Uint8Array>) => Promise<Stored>,
  discard: (stored: Stored) => Promise<void>,
): Promise<FileForm<Stored>> {
  if (!request.isMultipart()) throw invalid('Send the file as multipart/form-data with the fields file and purpose.');
  let stored: { file: Stored } | undefined;
  try {
    const fields: Record<string, unknown> = {};
    for await (const part of request.parts({ limits: LIMITS })) {
      if (part.type === 'field') fields[part.fieldname] = part.value;
      else if (part.fieldname === 'file') stored = { file: await store(part.filename, part.file) };
      else throw invalid(`The file belongs in the field file, not in ${part.fieldname}.`, part.fieldname);
    }
    if (!stored) throw invalid('There is no file: send it in the field file.', 'file');
    return { ...stored, ...readFields(fields) };
  } catch (error) {
    if (stored) await discard(stored.file);
    throw error;
  }
}

/** Reads the form of one part: the field `data` alone. */
export async function readPartForm<Stored>(
  request: FastifyRequest,
  store: (source: AsyncIterable<Uint8Array>) => Promise<Stored>,
  discard: (stored: Stored) => Promise<void>,
): Promise<Stored> {
  if (!request.isMultipart()) throw invalid('Send the part as multipart/form-data in the field data.');
  const limits = { ...LIMITS, fileSize: LARGEST_STREAM_PART_BYTES + 1 };
  let stored: { part: Stored } | undefined;
  try {
    for await (const part of request.parts({ limits })) {
      if (part.type !== 'file' || part.fieldname !== 'data')
        throw invalid('Send the field data alone.', part.fieldname);
      stored = { part: await store(part.file) };
    }
  } catch (error) {
    if (stored) await discard(stored.part);
    throw error;
  }
  if (!stored) throw invalid('There is no part: send it in the field data.', 'data');
  return stored.part;
}

function readFields(fields: Record<string, unknown>): Omit<FileForm<unknown>, 'file'> {
  const result = FIELDS.safeParse(fields);
  if (result.success) {
    return { purpose: result.data.purpose, expiresAfterSeconds: result.data['expires_after[seconds]'] };
  }
  const field = String(result.error.issues[0]?.path[0]);
  if (field !== 'purpose') throw DATASET_ERRORS.EXPIRY_INVALID({ path: ['expires_after'] });
  throw invalid('Say what the file is for in the field purpose, such as fine-tune.', 'purpose');
}

function invalid(message: string, field?: string): DomainError {
  return new DomainError('INVALID_FORM', message, { path: field ? [field] : [] });
}
