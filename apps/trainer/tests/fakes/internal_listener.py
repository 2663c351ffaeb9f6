"""A stand-in for the api's internal listener and the object store behind it: a real HTTP server over a folder.

It does what the trainer relies on: checks the bearer token, hands out URLs that read the named inputs and write under the
attempt's prefix, refuses bytes of another hash, keeps events in order and acknowledges them, fences a stale attempt.

What it is not: it keeps nothing in PostgreSQL, its URLs do not expire and are not signed, it knows one attempt, and its
store is no S3. The platform's own journeys run the trainer against the real ones.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

from forkpoint_trainer.contract import EventsRequest, UrlRequest

TOKEN = 'token-of-the-attempt'


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address) -> None:
        """A trainer that was killed leaves its connection cut; what else goes wrong is a defect of the test."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class InternalListener:
    def __init__(self, folder: Path):
        self.inputs = folder / 'inputs'  # <input>/<path>
        self.attempts = folder / 'attempts'  # <attempt id>/<path>
        self.events: list[dict] = []
        self.requests: list[str] = []
        self.heartbeats = 0
        self.directive: str | None = None
        self.is_stale = False
        self.failures_left = 0  # answer this many calls with 503 first
        self.changed = threading.Condition()
        self._writes: dict[str, str] = {}
        self._server = _Server(('127.0.0.1', 0), self._handler())
        self.url = f'http://127.0.0.1:{self._server.server_port}'
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def new_attempt(self) -> None:
        """Events are numbered anew in each attempt."""
        self.events = []
        self.directive = None

    def of_type(self, event_type: str) -> list[dict]:
        return [event for event in self.events if event['type'] == event_type]

    def metrics(self, name: str) -> dict[int, float]:
        rows = (row for event in self.of_type('metrics') for row in event['rows'])
        return {row['step']: row['value'] for row in rows if row['name'] == name}

    def wait_for(self, condition, seconds: float = 60) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, seconds), 'the trainer did not get there in time'

    # --- what it answers ---------------------------------------------------------------------------------------------

    def take_events(self, body: bytes) -> dict:
        request = EventsRequest.model_validate_json(body)
        numbers = [event.number for event in request.events]
        self.heartbeats += not numbers
        assert numbers == list(range(request.first_number, request.first_number + len(numbers))), 'numbers must be consecutive'
        assert request.first_number <= len(self.events) + 1, 'an event was left out'
        with self.changed:
            raw = json.loads(body)['events']
            self.events += [event for event in raw if event['number'] > len(self.events)]
            self.changed.notify_all()
        answer: dict = {'acknowledged': len(self.events)}
        return answer | ({'directive': self.directive} if self.directive else {})

    def give_urls(self, attempt_id: str, body: bytes) -> dict:
        request = UrlRequest.model_validate_json(body)
        reads = [
            {'input': read.input, 'path': read.path, 'url': f'{self.url}/store/inputs/{read.input}/{quote(read.path)}'}
            for read in request.reads
        ]
        writes = []
        for write in request.writes:
            path = f'/store/attempts/{attempt_id}/{write.path}'
            self._writes[path] = write.sha256
            writes.append({'path': write.path, 'url': self.url + quote(path), 'headers': {'x-sha256': write.sha256}})
        return {'reads': reads, 'writes': writes}

    def _handler(listener):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                body = self.rfile.read(int(self.headers['content-length']))
                listener.requests.append(self.path)
                _, internal, version, attempts, attempt_id, call = self.path.split('/')
                assert (internal, version, attempts) == ('internal', 'v1', 'attempts')
                if listener.failures_left:
                    listener.failures_left -= 1
                    self._refuse(503, 'unavailable')
                elif self.headers['authorization'] != f'Bearer {TOKEN}':
                    self._refuse(401, 'bad_token')
                elif listener.is_stale:
                    self._refuse(409, 'stale_attempt')
                elif call == 'events':
                    self._answer(200, listener.take_events(body))
                else:
                    self._answer(200, listener.give_urls(attempt_id, body))

            def do_GET(self):
                content = (listener.inputs / unquote(self.path).removeprefix('/store/inputs/')).read_bytes()
                self._send(200, content)

            def do_PUT(self):
                body = self.rfile.read(int(self.headers['content-length']))
                path = unquote(self.path)
                digest = hashlib.sha256(body).hexdigest()
                if listener._writes.get(path) != digest or self.headers['x-sha256'] != digest:
                    self._refuse(400, 'bad_digest')
                    return
                target = listener.attempts / path.removeprefix('/store/attempts/')
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(body)
                self._send(200, b'')

            def _refuse(self, status: int, code: str):
                self._answer(status, {'error': {'code': code, 'message': f'the fake says {code}'}})

            def _answer(self, status: int, content: dict):
                self._send(status, json.dumps(content).encode())

            def _send(self, status: int, content: bytes):
                self.send_response(status)
                self.send_header('content-length', str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        return Handler
