"""How an attempt ends other than well. Each maps to an `ended` event and an exit code in __main__."""

from __future__ import annotations

from .contract import TrainerErrorCode


class JobFailure(Exception):
    """The attempt failed for a reason that can be said."""

    def __init__(self, code: TrainerErrorCode, message: str, fix: str, retryable: bool = False):
        super().__init__(message)
        self.code = code
        self.message = message
        self.fix = fix
        self.retryable = retryable


class Stopped(Exception):
    """SIGTERM or a stop directive: what could be saved is saved, run me again."""


class Fenced(Exception):
    """Another attempt has the job: nothing more may be written or reported."""
