"""What a job sees of its attempt: inputs, outputs, events, and whether it should stop."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .contract import (
    CheckpointEvent,
    EvaluateSpec,
    InputName,
    Level,
    LogEvent,
    ManifestKind,
    MetricRow,
    MetricsEvent,
    PrepareSpec,
    ProgressEvent,
    ReportEvent,
    Stage,
    StoredFolder,
    TrainerError,
    TrainSpec,
)
from .failures import Stopped
from .files import make_manifest
from .reporter import Reporter
from .storage import Storage

PROGRESS_SECONDS = 1.0


@dataclass(frozen=True)
class Outcome:
    """How a job ended well: done, or with the finding that its data is at fault."""

    folder: StoredFolder
    invalid: TrainerError | None = None


class Attempt:
    def __init__(
        self,
        spec: PrepareSpec | TrainSpec | EvaluateSpec,
        work: Path,
        reporter: Reporter,
        storage: Storage,
        stopping: threading.Event,
    ):
        self._spec = spec
        self._work = work
        self._reporter = reporter
        self._storage = storage
        self._stopping = stopping
        self._stage: Stage | None = None
        self._stage_began = (0.0, 0)
        self._said = 0.0
        # Of a job that knows more of what is ahead of it than the rate of its stage says.
        self.time_left: Callable[[], float | None] | None = None

    # --- files -------------------------------------------------------------------------------------------------------

    def new_folder(self, name: str) -> Path:
        folder = self._work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def fetch(self, name: str) -> Path:
        """The named input as a local folder."""
        files = getattr(self._spec.inputs, name)
        folder = self.new_folder(f'inputs/{name}')
        total = sum(file.bytes for file in files)
        done = 0

        def fetched(size: int) -> None:
            nonlocal done
            done += size
            self.progress(Stage.downloading, done, total)
            self.raise_if_stopping()

        self._storage.fetch(InputName(name), files, folder, fetched)
        return folder

    def store(self, folder: Path, prefix: str, kind: ManifestKind, **details) -> StoredFolder:
        manifest = make_manifest(folder, kind, self._spec.job_id, self._spec.attempt, **details)
        total = sum(file.bytes for file in manifest.files)
        done = 0

        def stored(size: int) -> None:
            nonlocal done
            done += size
            self.progress(Stage.uploading, done, total)

        return self._storage.store(folder, prefix, manifest, stored)

    # --- events ------------------------------------------------------------------------------------------------------

    def log(self, message: str, level: Level = Level.info) -> None:
        print(message, flush=True)
        self._reporter.emit(LogEvent, type='log', level=level, message=message)

    def progress(self, stage: Stage, step: int, total_steps: int, tokens: int = 0) -> None:
        """May be called as often as wanted: told at the start and the end of a stage, and once a second between."""
        now = time.monotonic()
        is_new = stage != self._stage
        if is_new:
            self._stage, self._stage_began = stage, (now, step)
        if not is_new and step != total_steps and now - self._said < PROGRESS_SECONDS:
            return
        self._said = now
        seconds_left = self.time_left() if self.time_left else self._left_of_stage(now, step, total_steps)
        self._reporter.emit(
            ProgressEvent,
            type='progress',
            stage=stage,
            step=step,
            total_steps=total_steps,
            tokens=tokens,
            seconds_left=None if seconds_left is None else round(max(0.0, seconds_left), 1),
        )

    def _left_of_stage(self, now: float, step: int, total_steps: int) -> float | None:
        began, first_step = self._stage_began
        return (now - began) / (step - first_step) * (total_steps - step) if step > first_step else None

    def metrics(self, rows: list[MetricRow]) -> None:
        self._reporter.emit(MetricsEvent, type='metrics', rows=rows)

    def checkpoint(self, step: int, folder: StoredFolder) -> None:
        self._reporter.emit(CheckpointEvent, type='checkpoint', step=step, folder=folder)

    def report(self, report) -> None:
        self._reporter.emit(ReportEvent, type='report', report=report)

    # --- stopping ----------------------------------------------------------------------------------------------------

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def raise_if_stopping(self) -> None:
        """Where there is nothing to save: the next attempt does it all again."""
        if self.is_stopping:
            raise Stopped
