"""Lines of a JSONL file, plain or gzip, read in bounded memory."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..contract import DataErrorCode
from .data_errors import Problem, json_type, problem

MAX_LINE_BYTES = 16 * 1024**2
MAX_UNPACKED_BYTES = 64 * 1024**3
_GZIP_MAGIC = b'\x1f\x8b'
_BYTE_ORDER_MARK = b'\xef\xbb\xbf'


@dataclass(frozen=True)
class Line:
    number: int
    content: bytes  # empty for a blank line
    problem: Problem | None = None


class LineReader:
    """Iterates over the lines; `position` is how many bytes of the stored file were read."""

    def __init__(self, path: Path, max_line_bytes: int = MAX_LINE_BYTES, max_unpacked_bytes: int = MAX_UNPACKED_BYTES):
        self._path = path
        self._max_line_bytes = max_line_bytes
        self._max_unpacked_bytes = max_unpacked_bytes
        self.position = 0

    def __iter__(self) -> Iterator[Line]:
        with self._path.open('rb') as raw:
            is_gzip = raw.read(2) == _GZIP_MAGIC
            raw.seek(0)
            stream: BinaryIO = gzip.GzipFile(fileobj=raw) if is_gzip else raw
            number = 0
            try:
                for number, line in enumerate(self._lines(stream), start=1):
                    self.position = raw.tell()
                    yield line
                    if line.problem and line.problem.code == DataErrorCode.too_large:
                        return
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                yield Line(number + 1, b'', problem(DataErrorCode.gzip_corrupt, reason=str(error)))

    def _lines(self, stream: BinaryIO) -> Iterator[Line]:
        number = unpacked = 0
        while content := stream.readline(self._max_line_bytes + 1):
            number += 1
            too_long = len(content) > self._max_line_bytes
            if number == 1:
                content = content.removeprefix(_BYTE_ORDER_MARK)
            unpacked += len(content)
            rest = content
            while too_long and not rest.endswith(b'\n') and unpacked <= self._max_unpacked_bytes:
                rest = stream.readline(self._max_line_bytes)
                unpacked += len(rest)
                if not rest:
                    break
            if unpacked > self._max_unpacked_bytes:
                yield Line(number, b'', problem(DataErrorCode.too_large, limit=self._max_unpacked_bytes))
            elif too_long:
                yield Line(number, b'', problem(DataErrorCode.line_too_long, limit=self._max_line_bytes))
            else:
                yield Line(number, content.strip())


class _DuplicateKey(Exception):
    pass


def _reject_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKey(key)
            seen.add(key)
    return row


def _reject_constant(name: str) -> None:
    raise ValueError(f'{name} is not JSON')


_DECODER = json.JSONDecoder(object_pairs_hook=_reject_duplicates, parse_constant=_reject_constant)


def parse(content: bytes) -> dict[str, object] | Problem:
    """One line as a JSON object, strictly."""
    try:
        value = _DECODER.decode(content.decode())
    except UnicodeDecodeError as error:
        return problem(DataErrorCode.invalid_utf8, offset=error.start)
    except _DuplicateKey as error:
        return problem(DataErrorCode.duplicate_key, key=repr(error.args[0]))
    except json.JSONDecodeError as error:
        return problem(DataErrorCode.invalid_json, reason=f'{error.msg} at column {error.colno}')
    except ValueError as error:
        return problem(DataErrorCode.invalid_json, reason=str(error))
    except RecursionError:
        return problem(DataErrorCode.invalid_json, reason='nested too deeply')
    if not isinstance(value, dict):
        return problem(DataErrorCode.not_an_object, found=json_type(value))
    return value


def has_lone_surrogate(text: str) -> bool:
    """Such a string comes from an escape like \\ud800 and cannot be encoded."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
