"""Events: numbered, kept on disk as JSON lines, posted in the background until acknowledged. Its posts are the heartbeat."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from .contract import Directive
from .failures import Fenced
from .listener import Listener, Refused, Unavailable

MAX_EVENTS_PER_POST = 500
MAX_BYTES_PER_POST = 2 * 1024**2
# Events of a short while go out together: a training step every few milliseconds must not mean a request each.
GATHER_SECONDS = 0.25
RETRY_SECONDS = 1.0


class Reporter:
    def __init__(
        self,
        listener: Listener,
        log: Path,
        heartbeat_seconds: float,
        on_stop: Callable[[], None],
        on_fenced: Callable[[str], None],
    ):
        self._listener = listener
        self._log = log.open('a', encoding='utf-8')
        self._heartbeat_seconds = heartbeat_seconds
        self._on_stop = on_stop
        self._on_fenced = on_fenced
        self._changed = threading.Condition()
        self._pending: list[str] = []  # events not acknowledged yet, as in the log
        self._last_number = 0
        self._refused: Refused | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name='reporter', daemon=True)
        self._thread.start()

    def emit(self, event: type[BaseModel], **fields) -> None:
        with self._changed:
            if self._refused:
                raise self._refused
            self._last_number += 1
            at = datetime.now(UTC).isoformat(timespec='milliseconds').replace('+00:00', 'Z')
            line = event(number=self._last_number, at=at, **fields).model_dump_json(exclude_none=True)
            self._log.write(line + '\n')
            self._log.flush()
            self._pending.append(line)
            self._changed.notify()

    def close(self, patience_seconds: float) -> bool:
        """Posts what is left; True when everything was acknowledged. The log keeps it either way."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(patience_seconds)
        self._log.close()
        return not self._pending

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending or self._closing, self._heartbeat_seconds)
                closing = self._closing
                if closing and not self._pending:
                    return
            if not closing:
                time.sleep(min(GATHER_SECONDS, self._heartbeat_seconds))
            try:
                self._post()
            except Unavailable:
                time.sleep(RETRY_SECONDS)
            except Fenced as error:
                self._on_fenced(str(error))
                return
            except Refused as error:
                with self._changed:
                    self._refused = error
                self._on_stop()
                return

    def _post(self) -> None:
        with self._changed:
            first = self._last_number - len(self._pending) + 1
            batch, size = [], 0
            for line in self._pending[:MAX_EVENTS_PER_POST]:
                size += len(line)
                if batch and size > MAX_BYTES_PER_POST:
                    break
                batch.append(line)
        answer = self._listener.post_events(first, batch)
        with self._changed:
            left = max(0, self._last_number - answer.acknowledged)
            self._pending = self._pending[len(self._pending) - left :] if left else []
        if answer.directive == Directive.stop:
            self._on_stop()
