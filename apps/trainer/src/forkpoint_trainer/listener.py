"""Calls to the api's internal listener, and to the store by the presigned URLs it gives. Waits out what passes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
from pydantic import ValidationError

from .contract import (
    EventsResponse,
    InputName,
    TrainerErrorCode,
    TrainerFile,
    TrainerRefusal,
    UrlRead,
    UrlRequest,
    UrlResponse,
)
from .failures import Fenced, JobFailure

# How long a restart of the api or the store may last before the attempt is given up.
PATIENCE_SECONDS = 600.0
_LONGEST_WAIT_SECONDS = 15.0
_CHUNK_BYTES = 1 << 20


class Refused(Exception):
    """The listener or the store said no, and will say so again."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(f'{status} {code}: {message}')
        self.status = status


class Unavailable(Exception):
    """No answer, or one that says it is not the caller's fault."""


def patiently(work: Callable[[], None], patience_seconds: float, is_over: Callable[[], bool] = lambda: False) -> None:
    """Repeats what was Unavailable, with growing pauses, until patience or the caller's interest ends."""
    deadline = time.monotonic() + patience_seconds
    pause = 0.2
    while True:
        try:
            return work()
        except Unavailable:
            if time.monotonic() + pause > deadline or is_over():
                raise
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_WAIT_SECONDS)


class Listener:
    def __init__(self, api_url: str, attempt_id: str, token: str):
        self._api = httpx.Client(
            base_url=f'{api_url.rstrip("/")}/internal/v1/attempts/{attempt_id}',
            headers={'authorization': f'Bearer {token}'},
            timeout=httpx.Timeout(30),
            trust_env=False,  # no proxy stands before an internal listener
        )
        # No token here: a presigned URL is its own permission.
        self._store = httpx.Client(timeout=httpx.Timeout(60), trust_env=False)

    def post_events(self, first_number: int, events: list[str]) -> EventsResponse:
        """`events` are JSON texts as kept on disk. One try: the reporter has its own rhythm."""
        body = f'{{"first_number":{first_number},"events":[{",".join(events)}]}}'
        return EventsResponse.model_validate_json(self._post('/events', body))

    def urls(self, reads: list[UrlRead], writes: list[TrainerFile]) -> UrlResponse:
        request = UrlRequest(reads=reads, writes=writes)
        return UrlResponse.model_validate_json(self._post('/urls', request.model_dump_json()))

    def _post(self, path: str, body: str) -> bytes:
        try:
            response = self._api.post(path, content=body, headers={'content-type': 'application/json'})
        except httpx.TransportError as error:
            raise Unavailable(str(error)) from error
        if response.status_code < 300:
            return response.content
        code, message = _refusal(response)
        if response.status_code == 409 and code == 'stale_attempt':
            raise Fenced(message)
        if response.status_code in (408, 425, 429) or response.status_code >= 500:
            raise Unavailable(f'{response.status_code} {code}: {message}')
        raise Refused(response.status_code, code, message)

    def download(self, name: InputName, file: TrainerFile, to: Path) -> None:
        """One try with a fresh URL, so that none is used after it expired. The caller checks the hash."""
        (read,) = self.urls([UrlRead(input=name, path=file.path)], []).reads
        try:
            with self._store.stream('GET', read.url) as response, to.open('wb') as target:
                _check_store(response)
                for chunk in response.iter_bytes(_CHUNK_BYTES):
                    target.write(chunk)
        except httpx.TransportError as error:
            raise Unavailable(str(error)) from error

    def upload(self, file: TrainerFile, source: Path) -> None:
        (write,) = self.urls([], [file]).writes
        try:
            with source.open('rb') as content:
                # With the length said, httpx does not fall back to chunked transfer, which S3 refuses.
                headers = {**write.headers, 'content-length': str(file.bytes)}
                _check_store(self._store.put(write.url, content=content, headers=headers))
        except httpx.TransportError as error:
            raise Unavailable(str(error)) from error

    def close(self) -> None:
        self._api.close()
        self._store.close()


def _refusal(response: httpx.Response) -> tuple[str, str]:
    try:
        refusal = TrainerRefusal.model_validate_json(response.content).error
        return refusal.code, refusal.message
    except ValidationError:
        return 'unknown', response.text[:500]


def _check_store(response: httpx.Response) -> None:
    if response.status_code < 300:
        return
    response.read()
    # 403 is what an expired URL looks like; the next try has a fresh one.
    if response.status_code in (403, 408, 429) or response.status_code >= 500:
        raise Unavailable(f'the store answered {response.status_code}: {response.text[:500]}')
    raise Refused(response.status_code, 'store', response.text[:500])


def given_up(code: TrainerErrorCode, what: str, error: Exception) -> JobFailure:
    return JobFailure(
        code,
        f'{what}: {error}'[:4000],
        'Check that the internal listener and the object store are reachable from where trainers run.',
        retryable=True,
    )
