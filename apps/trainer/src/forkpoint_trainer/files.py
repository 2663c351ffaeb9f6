"""Small things about files: hashes, whole writes, manifests."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from .contract import Manifest, ManifestKind, TrainerFile

COMPLETENESS_MARKER = 'COMPLETE.json'
SCHEMA_VERSION = 1


def sha256_of(path: Path) -> str:
    with path.open('rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()


def describe(path: Path, name: str) -> TrainerFile:
    return TrainerFile(path=name, bytes=path.stat().st_size, sha256=sha256_of(path))


def write_whole(path: Path, content: bytes | str) -> None:
    """The file is either as before or whole: written beside, synced, renamed."""
    temporary = path.with_name(f'.{path.name}.{os.getpid()}')
    with temporary.open('wb') as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def files_under(folder: Path) -> list[TrainerFile]:
    """Every file but the completeness marker, sorted by path."""
    paths = (path for path in folder.rglob('*') if path.is_file() and path != folder / COMPLETENESS_MARKER)
    return [describe(path, path.relative_to(folder).as_posix()) for path in sorted(paths)]


def make_manifest(folder: Path, kind: ManifestKind, job_id: str, attempt: int, **details) -> Manifest:
    return Manifest(
        schema_version=SCHEMA_VERSION,
        kind=kind,
        job_id=job_id,
        attempt=attempt,
        files=files_under(folder),
        **details,
    )
