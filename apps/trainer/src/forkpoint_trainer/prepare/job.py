"""The `prepare` job: raw files in; prepared rows, report and preview out. Streams: memory does not grow with the file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from ..attempt import Attempt, Outcome
from ..base_tokenizer import base_hashes, load_tokenizer
from ..contract import (
    DataError,
    DataErrorCode,
    DataSource,
    ManifestKind,
    OverLongPolicy,
    PreparationPolicy,
    PreparationReport,
    PrepareSpec,
    Split,
    Stage,
    TrainerError,
    TrainerErrorCode,
)
from ..failures import JobFailure
from ..files import write_whole
from .data_errors import Problem, problem
from .encoding import EncodedRow, RowEncoder
from .lines import Line, LineReader, parse
from .prepared import PREVIEW, REPORT, RowWriter, rows_file
from .preview import Preview
from .report import ReportBuilder
from .rows import Row, RowValidator, detect_format

ROWS_PER_BATCH = 256
BYTES_PER_BATCH = 4 * 1024**2
ERRORS_IN_EVENT = 20


def run_prepare(attempt: Attempt, spec: PrepareSpec) -> Outcome:
    policy = spec.parameters.policy
    if spec.inputs.validation and policy.validation_fraction:
        raise JobFailure(
            TrainerErrorCode.invalid_spec,
            'a validation file and a validation fraction exclude each other',
            'Set validation_fraction to 0, or leave the validation file out.',
        )
    base = attempt.fetch('base')
    sources = {DataSource.dataset: attempt.fetch('dataset') / spec.inputs.dataset[0].path}
    if spec.inputs.validation:
        sources[DataSource.validation] = attempt.fetch('validation') / spec.inputs.validation[0].path

    attempt.progress(Stage.loading, 0, 0)
    output = attempt.new_folder('output')
    preparation = Preparation(attempt, policy, load_tokenizer(base), output)
    report = preparation.run(sources)
    hashes = base_hashes(base)
    report = report.result(policy, **hashes)
    write_whole(output / REPORT, report.model_dump_json(indent=2, exclude_none=True) + '\n')
    write_whole(output / PREVIEW, preparation.preview.result().model_dump_json(indent=2, exclude_none=True) + '\n')

    folder = attempt.store(output, 'output', ManifestKind.preparation, **hashes)
    shown = report.model_copy(deep=True)
    shown.errors.kept = shown.errors.kept[:ERRORS_IN_EVENT]
    attempt.report(shown)
    return Outcome(folder=folder, invalid=_refusal(report) if report.errors.total else None)


def _refusal(report: PreparationReport) -> TrainerError:
    """The one message that stands for all errors: it names the first lines and what is wrong there."""
    shown = report.errors.kept[:3]
    listed = '; '.join(f'{_place(error)}: {error.message}' for error in shown)
    more = f'; and {report.errors.total - len(shown)} more' if report.errors.total > len(shown) else ''
    return TrainerError(
        code=TrainerErrorCode.invalid_training_file,
        message=f'{report.errors.total} error(s) in the data. {listed}{more}'[:4000],
        fix=f'{shown[0].fix} All errors are in the report, with line and JSON pointer.'[:1000],
        retryable=False,
    )


def _place(error: DataError) -> str:
    file = 'validation file, ' if error.source == DataSource.validation else ''
    return f'{file}line {error.line}{f" at {error.pointer}" if error.pointer else ""}' if error.line else f'{file}whole file'


class Preparation:
    def __init__(self, attempt: Attempt, policy: PreparationPolicy, tokenizer, output: Path):
        self.preview = Preview(tokenizer)
        self._attempt = attempt
        self._policy = policy
        self._encoder = RowEncoder(tokenizer)
        self._validator = RowValidator(self._encoder.special_tokens)
        self._report = ReportBuilder()
        self._output = output
        self._writers = {split: RowWriter(output / rows_file(split)) for split in Split}

    def run(self, sources: dict[DataSource, Path]) -> ReportBuilder:
        total_bytes = sum(path.stat().st_size for path in sources.values())
        bytes_before = 0
        for source, path in sources.items():
            reader = LineReader(path)
            for batch in _batches(reader):
                self._attempt.raise_if_stopping()
                self._batch(source, batch)
                done = bytes_before + reader.position
                self._attempt.progress(Stage.preparing, done, total_bytes, tokens=self._tokens())
            bytes_before += path.stat().st_size
        self._refuse_emptiness(with_validation=DataSource.validation in sources)
        for writer in self._writers.values():
            writer.close()
        if self._report.error_count:  # rows of a refused file are not to be trained on
            for split in Split:
                (self._output / rows_file(split)).unlink(missing_ok=True)
        return self._report

    def _batch(self, source: DataSource, lines: list[Line]) -> None:
        """Validates, encodes and writes; errors are reported in the order of lines."""
        judged = [(line.number, self._judge(line)) for line in lines if line.content or line.problem]
        self._report.rows.blank_lines += len(lines) - len(judged)
        encoded = iter(self._encoder.encode([row for _, row in judged if not isinstance(row, list)]))
        for number, row in judged:
            self._report.rows.read += 1
            problems = row if isinstance(row, list) else self._take(source, number, next(encoded))
            if problems:
                self._report.rows.invalid += 1
                self._report.add_errors([found.at(source, number) for found in problems])

    def _judge(self, line: Line) -> Row | list[Problem]:
        if line.problem:
            return [line.problem]
        row = parse(line.content)
        if isinstance(row, Problem):
            return [row]
        if self._report.format is None:
            self._report.format = detect_format(row)
            if self._report.format is None:
                return [problem(DataErrorCode.unknown_format)]
        return self._validator.validate(row, self._report.format)

    def _take(self, source: DataSource, line: int, row: EncodedRow | Problem) -> list[Problem]:
        """Applies the policy to an encoded row and writes it, or says what is wrong with it."""
        if isinstance(row, Problem):
            return [row]
        tokens, limit = len(row.input_ids), self._policy.max_tokens
        self._report.add_length(tokens)
        truncated = False
        if tokens > limit:
            self._report.add_over_long(source, line)
            if self._policy.over_long == OverLongPolicy.reject:
                return [problem(DataErrorCode.over_long, tokens=tokens, limit=limit)]
            cut = row.truncated(limit)
            # A row of which the cut would leave nothing to train on is dropped: training on it would be a no-op.
            if self._policy.over_long == OverLongPolicy.drop or not cut.trained_tokens:
                self._report.rows.dropped += 1
                self._report.tokens.removed += tokens
                return []
            self._report.rows.truncated += 1
            self._report.tokens.removed += tokens - limit
            row, truncated = cut, True
        if not row.trained_tokens:
            return [problem(DataErrorCode.nothing_to_train, reason='the template left no token of the answer')]
        split = self._split(source, line)
        self._writers[split].add(line, row)
        self._report.add_row(split, row)
        self.preview.add(line, split, row, truncated)
        return []

    def _split(self, source: DataSource, line: int) -> Split:
        """Decided by seed and line alone: the same row falls on the same side, whatever the other rows are."""
        if source == DataSource.validation:
            return Split.validation
        if not self._policy.validation_fraction:
            return Split.train
        digest = hashlib.sha256(f'{self._policy.seed}/{line}'.encode()).digest()[:8]
        share = int.from_bytes(digest) / 2**64
        return Split.validation if share < self._policy.validation_fraction else Split.train

    def _refuse_emptiness(self, with_validation: bool) -> None:
        """Only where no error explains it already."""
        if self._report.error_count:
            return
        rows = self._report.rows
        if not rows.train:
            fix = 'Upload a file with at least one row.'
            if rows.read:
                fix = 'Allow more tokens per row, choose another policy, or set less apart for validation.'
            empty = problem(DataErrorCode.no_rows, purpose='train on', fix=fix)
            self._report.add_errors([empty.at(DataSource.dataset, 0)])
        if with_validation and not rows.validation:
            empty = problem(DataErrorCode.no_rows, purpose='validate on', fix='Fill the validation file or leave it out.')
            self._report.add_errors([empty.at(DataSource.validation, 0)])

    def _tokens(self) -> int:
        return self._report.tokens.train + self._report.tokens.validation


def _batches(reader: LineReader) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for line in reader:
        batch.append(line)
        size += len(line.content)
        if len(batch) == ROWS_PER_BATCH or size >= BYTES_PER_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
