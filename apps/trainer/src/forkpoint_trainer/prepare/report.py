"""Counts while preparation runs; becomes report.json."""

from __future__ import annotations

from collections import Counter

from ..contract import (
    DataError,
    DataErrorCode,
    DataFormat,
    DataSource,
    Errors,
    LengthBin,
    OverLong,
    PreparationOutcome,
    PreparationPolicy,
    PreparationReport,
    RowCounts,
    Split,
    TokenCounts,
)
from ..files import SCHEMA_VERSION
from .encoding import EncodedRow

MAX_ERRORS_KEPT = 1000
MAX_LINES_KEPT = 1000
_SMALLEST_BIN_BITS = 4


class ReportBuilder:
    def __init__(self) -> None:
        self.rows = RowCounts(read=0, blank_lines=0, invalid=0, dropped=0, truncated=0, train=0, validation=0)
        self.tokens = TokenCounts(
            train=0, train_trained=0, validation=0, validation_trained=0, longest_row=0, removed=0
        )
        self.over_long = OverLong(total=0, lines=[], validation_lines=[])
        self.format: DataFormat | None = None
        self._errors: list[DataError] = []
        self._errors_by_code: Counter[DataErrorCode] = Counter()
        self._rows_by_bits: Counter[int] = Counter()

    @property
    def error_count(self) -> int:
        return self._errors_by_code.total()

    def add_errors(self, errors: list[DataError]) -> None:
        """The errors of one row, or of the file (line 0)."""
        self._errors += errors[: MAX_ERRORS_KEPT - len(self._errors)]
        self._errors_by_code.update(error.code for error in errors)

    def add_length(self, tokens: int) -> None:
        """A row as it came, before the policy."""
        self.tokens.longest_row = max(self.tokens.longest_row, tokens)
        self._rows_by_bits[max(_SMALLEST_BIN_BITS, (tokens - 1).bit_length())] += 1

    def add_over_long(self, source: DataSource, line: int) -> None:
        self.over_long.total += 1
        lines = self.over_long.lines if source == DataSource.dataset else self.over_long.validation_lines
        if len(lines) < MAX_LINES_KEPT:
            lines.append(line)

    def add_row(self, split: Split, row: EncodedRow) -> None:
        if split == Split.train:
            self.rows.train += 1
            self.tokens.train += len(row.input_ids)
            self.tokens.train_trained += row.trained_tokens
        else:
            self.rows.validation += 1
            self.tokens.validation += len(row.input_ids)
            self.tokens.validation_trained += row.trained_tokens

    def result(
        self, policy: PreparationPolicy, tokenizer_sha256: str, template_sha256: str | None
    ) -> PreparationReport:
        bins = self._rows_by_bits
        return PreparationReport(
            schema_version=SCHEMA_VERSION,
            type='preparation',
            outcome=PreparationOutcome.invalid if self.error_count else PreparationOutcome.ready,
            format=self.format,
            policy=policy,
            tokenizer_sha256=tokenizer_sha256,
            template_sha256=template_sha256,
            rows=self.rows,
            tokens=self.tokens,
            errors=Errors(total=self.error_count, by_code=dict(sorted(self._errors_by_code.items())), kept=self._errors),
            over_long=self.over_long,
            lengths=[
                LengthBin(up_to_tokens=1 << bits, rows=bins[bits])
                for bits in range(min(bins, default=0), max(bins, default=-1) + 1)
            ],
        )
