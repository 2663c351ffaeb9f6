"""Inputs come through a cache keyed by content; outputs go up as whole folders, their marker last."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from .contract import InputName, Manifest, StoredFolder, TrainerErrorCode, TrainerFile
from .failures import JobFailure, Stopped
from .files import COMPLETENESS_MARKER, describe, sha256_of, write_whole
from .listener import PATIENCE_SECONDS, Listener, Refused, Unavailable, given_up, patiently

# Oldest files leave the cache beyond this. Those in use stay on disk: a job holds links of its own.
MAX_CACHE_BYTES = 20 * 1024**3


class Storage:
    def __init__(self, listener: Listener, cache: Path, stopping: Callable[[], bool]):
        self._listener = listener
        self._cache = cache
        self._stopping = stopping
        cache.mkdir(parents=True, exist_ok=True)

    def fetch(self, name: InputName, files: list[TrainerFile], folder: Path, fetched: Callable[[int], None]) -> None:
        """Links every file into `folder`; `fetched` hears of each file's bytes."""
        for file in files:
            target = folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            _link(self._cached(name, file), target)
            fetched(file.bytes)
        self._prune()

    def store(self, folder: Path, prefix: str, manifest: Manifest, stored: Callable[[int], None]) -> StoredFolder:
        for file in manifest.files:
            self._upload(folder / file.path, file.model_copy(update={'path': f'{prefix}/{file.path}'}))
            stored(file.bytes)
        marker = folder / COMPLETENESS_MARKER
        write_whole(marker, manifest.model_dump_json(indent=2, exclude_none=True) + '\n')
        described = describe(marker, f'{prefix}/{COMPLETENESS_MARKER}')
        self._upload(marker, described)
        return StoredFolder(prefix=prefix, manifest=manifest, manifest_sha256=described.sha256)

    def _cached(self, name: InputName, file: TrainerFile) -> Path:
        path = self._cache / file.sha256[:2] / file.sha256
        if path.exists() and path.stat().st_size == file.bytes:
            os.utime(path)
            return path
        path.parent.mkdir(exist_ok=True)
        partial = path.with_name(f'.{file.sha256}.{os.getpid()}')
        try:
            patiently(lambda: self._listener.download(name, file, partial), PATIENCE_SECONDS, self._stopping)
            if sha256_of(partial) != file.sha256:
                raise JobFailure(
                    TrainerErrorCode.hash_mismatch,
                    f'{name.value}/{file.path} has other bytes than its manifest says',
                    'The stored object was changed or damaged: store it again, or use another version.',
                )
            partial.replace(path)
        except (Unavailable, Refused) as error:
            if self._stopping():
                raise Stopped from error
            raise given_up(TrainerErrorCode.download_failed, f'{name.value}/{file.path} could not be read', error) from error
        finally:
            partial.unlink(missing_ok=True)
        return path

    def _upload(self, source: Path, file: TrainerFile) -> None:
        try:
            # Not cut short by a stop: what is going up is what the stop wants saved.
            patiently(lambda: self._listener.upload(file, source), PATIENCE_SECONDS)
        except (Unavailable, Refused) as error:
            raise given_up(TrainerErrorCode.upload_failed, f'{file.path} could not be stored', error) from error

    def _prune(self) -> None:
        files = [(path.stat(), path) for path in self._cache.glob('*/*') if not path.name.startswith('.')]
        excess = sum(stat.st_size for stat, _ in files) - MAX_CACHE_BYTES
        for stat, path in sorted(files, key=lambda item: item[0].st_mtime):
            if excess <= 0:
                return
            path.unlink(missing_ok=True)
            excess -= stat.st_size


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)
