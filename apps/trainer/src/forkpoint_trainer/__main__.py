"""Runs one attempt of one job, of any kind.

    FORKPOINT_ATTEMPT_TOKEN=... python -m forkpoint_trainer --spec FILE --work DIR

FILE holds a JobSpec; DIR takes inputs, outputs and the event log. FORKPOINT_CACHE names a folder where inputs are kept
between jobs (default: DIR/cache). The exit code is one of TrainerExitCode.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

from .contract import (
    AttemptOutcome,
    EndedEvent,
    EvaluateSpec,
    JobSpec,
    PrepareSpec,
    Stage,
    TrainerError,
    TrainerErrorCode,
    TrainerExitCode,
    TrainSpec,
)
from .failures import Fenced, JobFailure, Stopped
from .listener import PATIENCE_SECONDS, Listener, Refused

Spec = PrepareSpec | TrainSpec | EvaluateSpec


def main(arguments: list[str] | None = None) -> TrainerExitCode:
    parser = argparse.ArgumentParser(prog='python -m forkpoint_trainer', description=__doc__.split('\n', 1)[0])
    parser.add_argument('--spec', type=Path, required=True)
    parser.add_argument('--work', type=Path, required=True)
    options = parser.parse_args(arguments)
    try:
        spec: Spec = JobSpec.model_validate_json(options.spec.read_bytes()).root
    except (OSError, ValidationError) as error:
        print(f'{options.spec} is not a job spec of this trainer: {error}', file=sys.stderr)
        return TrainerExitCode.bad_spec
    token = os.environ.pop('FORKPOINT_ATTEMPT_TOKEN', '')
    if not token:
        print('FORKPOINT_ATTEMPT_TOKEN is not set', file=sys.stderr)
        return TrainerExitCode.bad_spec

    # Before torch is imported: these are read once.
    threads = str(spec.limits.threads)
    os.environ.update(OMP_NUM_THREADS=threads, RAYON_NUM_THREADS=threads, OMP_WAIT_POLICY='passive', HF_HUB_OFFLINE='1')
    os.environ.update(TOKENIZERS_PARALLELISM='true', HF_DATASETS_DISABLE_PROGRESS_BARS='1', TRANSFORMERS_VERBOSITY='error')
    work: Path = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    return run(spec, work, Path(os.environ.get('FORKPOINT_CACHE', work / 'cache')).resolve(), token)


def run(spec: Spec, work: Path, cache: Path, token: str) -> TrainerExitCode:
    from .attempt import Attempt
    from .reporter import Reporter
    from .storage import Storage

    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    listener = Listener(spec.api_url, spec.attempt_id, token)
    reporter = Reporter(listener, work / 'events.jsonl', spec.heartbeat_seconds, stopping.set, _exit_fenced)
    attempt = Attempt(spec, work, reporter, Storage(listener, cache, stopping.is_set), stopping)
    attempt.progress(Stage.starting, 0, 0)
    try:
        ended, code = _outcome(attempt, spec)
        reporter.emit(EndedEvent, type='ended', **ended)
    except Fenced as error:
        _exit_fenced(str(error))
    except Refused as error:
        print(f'the internal listener refuses this attempt: {error}', file=sys.stderr)
        return TrainerExitCode.internal
    if not reporter.close(PATIENCE_SECONDS):
        print(f'the last events could not be delivered; they are in {work / "events.jsonl"}', file=sys.stderr)
        return TrainerExitCode.internal
    listener.close()
    return code


def _outcome(attempt, spec: Spec) -> tuple[dict, TrainerExitCode]:
    """Runs the job; what to say of its end, and the exit code that says the same."""
    try:
        outcome = _run_job(attempt, spec)
    except Stopped:
        return {'outcome': AttemptOutcome.stopped}, TrainerExitCode.resumable
    except JobFailure as failure:
        print(f'failed: {failure.code.value}: {failure.message}', file=sys.stderr)
        error = TrainerError(
            code=failure.code, message=failure.message, fix=failure.fix, retryable=failure.retryable
        )
        code = TrainerExitCode.bad_spec if failure.code == TrainerErrorCode.invalid_spec else TrainerExitCode.internal
        return {'outcome': AttemptOutcome.failed, 'error': error}, code
    except (Fenced, Refused):
        raise
    except Exception as error:  # a defect: the log has the trace, the owner of the job gets a sentence
        traceback.print_exc()
        told = TrainerError(
            code=TrainerErrorCode.internal_error,
            message=f'the trainer failed unexpectedly: {type(error).__name__}: {error}'[:4000],
            fix='Try again; if it fails the same way, give the operator the job id and its log.',
            retryable=True,
        )
        return {'outcome': AttemptOutcome.failed, 'error': told}, TrainerExitCode.internal
    if outcome.invalid:
        ended = {'outcome': AttemptOutcome.invalid, 'folder': outcome.folder, 'error': outcome.invalid}
        return ended, TrainerExitCode.data_error
    return {'outcome': AttemptOutcome.succeeded, 'folder': outcome.folder}, TrainerExitCode.done


def _run_job(attempt, spec: Spec):
    # Imported here: torch and what stands on it take seconds, and each job needs its own part.
    if isinstance(spec, PrepareSpec):
        from .prepare.job import run_prepare

        return run_prepare(attempt, spec)
    if isinstance(spec, TrainSpec):
        from .train import run_train

        return run_train(attempt, spec)
    from .evaluate import run_evaluate

    return run_evaluate(attempt, spec)


def _exit_fenced(message: str) -> None:
    """At once, from whichever thread learns it: nothing may be saved or reported any more."""
    print(f'another attempt has this job: {message}', file=sys.stderr, flush=True)
    os._exit(TrainerExitCode.fenced.value)


def leave(code: TrainerExitCode) -> NoReturn:
    """Everything is stored and told by now. Taking the interpreter apart, with torch in it, takes seconds of a core."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code.value)


if __name__ == '__main__':
    leave(main())
