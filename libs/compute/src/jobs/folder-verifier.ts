import { Injectable } from '@nestjs/common';
import { sha256Hex } from '#libs/kernel';
import { COMPLETENESS_MARKER, Manifest, type StoredFolder } from '#libs/messages';
import { ObjectStore } from '#platform/storage';

const LARGEST_MARKER_BYTES = 8 * 1024 ** 2;

/** Reads a folder back from the object store. */
@Injectable()
export class FolderVerifier {
  constructor(private readonly store: ObjectStore) {}

  /** What is wrong with it, or null when its marker and every file of the manifest have the bytes that were said. */
  async problemOf(keyPrefix: string, folder: StoredFolder): Promise<string | null> {
    return (await this.problemOfMarker(keyPrefix, folder)) ?? this.problemOfFiles(keyPrefix, folder);
  }

  private async problemOfMarker(keyPrefix: string, folder: StoredFolder): Promise<string | null> {
    const key = keyPrefix + COMPLETENESS_MARKER;
    if (!(await this.store.head(key))) return `${COMPLETENESS_MARKER} is missing`;
    const text = await this.store.getText(key, { limitBytes: LARGEST_MARKER_BYTES });
    if (sha256Hex(text) !== folder.manifest_sha256) return `${COMPLETENESS_MARKER} has another SHA-256`;
    const stored = Manifest.safeParse(parse(text));
    const same = stored.success && JSON.stringify(stored.data) === JSON.stringify(Manifest.parse(folder.manifest));
    return same ? null : `${COMPLETENESS_MARKER} says something else than the report`;
  }

  private async problemOfFiles(keyPrefix: string, { manifest }: StoredFolder): Promise<string | null> {
    for (const { path, bytes, sha256 } of manifest.files) {
      const key = keyPrefix + path;
      const head = await this.store.head(key);
      if (!head) return `${path} is missing`;
      if (head.bytes !== bytes) return `${path} has ${head.bytes} bytes instead of ${bytes}`;
      if ((await this.store.digest(key)).sha256 !== sha256) return `${path} has another SHA-256`;
    }
    return null;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
