"""The files that preparation writes and training reads: one row of token ids and labels per example."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from .encoding import EncodedRow

REPORT, PREVIEW = 'report.json', 'preview.json'
ROWS_PER_GROUP = 2048

SCHEMA = pa.schema(
    [
        pa.field('line', pa.int64(), nullable=False),
        pa.field('input_ids', pa.list_(pa.int32()), nullable=False),
        pa.field('labels', pa.list_(pa.int32()), nullable=False),
    ]
)


def rows_file(split: str) -> str:
    return f'{split}.parquet'


class RowWriter:
    """Writes row groups as they fill; makes no file when there is no row."""

    def __init__(self, path: Path):
        self._path = path
        self._writer: pq.ParquetWriter | None = None
        self._rows: list[tuple[int, list[int], list[int]]] = []

    def add(self, line: int, row: EncodedRow) -> None:
        self._rows.append((line, row.input_ids, row.labels))
        if len(self._rows) == ROWS_PER_GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        if self._writer:
            self._writer.close()

    def _flush(self) -> None:
        if not self._rows:
            return
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, SCHEMA, compression='zstd')
        columns = [pa.array(column, field.type) for column, field in zip(zip(*self._rows), SCHEMA)]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))
        self._rows = []
