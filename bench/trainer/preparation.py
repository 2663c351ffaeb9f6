"""Preparation against a bare loop of the same tokenizer: rows per CPU second, ours over the loop's.

The loop parses each line and applies the chat template with tokenization, nothing else. Ours also validates every field,
finds control tokens, takes the loss mask from the template, counts, splits, previews and writes Parquet.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from forkpoint_trainer.base_tokenizer import load_tokenizer
from forkpoint_trainer.contract import DataSource, OverLongPolicy, PreparationPolicy
from forkpoint_trainer.prepare.job import Preparation


class Quiet:
    """An attempt that nobody follows."""

    def raise_if_stopping(self) -> None:
        pass

    def progress(self, *_, **__) -> None:
        pass


def bare_loop(data: Path, base: Path) -> int:
    tokenizer = load_tokenizer(base)
    tokens = 0
    with data.open() as lines:
        for line in lines:
            tokens += len(tokenizer.apply_chat_template(json.loads(line)['messages'], tokenize=True, return_dict=False))
    return tokens


def ours(data: Path, base: Path, output: Path) -> int:
    policy = PreparationPolicy(over_long=OverLongPolicy.reject, max_tokens=512, validation_fraction=0.0, seed=0)
    output.mkdir()
    report = Preparation(Quiet(), policy, load_tokenizer(base), output).run({DataSource.dataset: data})
    assert report.error_count == 0
    return report.tokens.train


def compare(base: Path, demo_rows: Path, folder: Path, repeats: int) -> dict:
    lines = demo_rows.read_text().splitlines(keepends=True)
    copies = 10
    data = folder / 'rows.jsonl'
    data.write_text(''.join(lines * copies))
    rows = len(lines) * copies
    seconds: dict[str, list[float]] = {'bare': [], 'ours': []}
    for repeat in range(repeats):
        began = time.process_time()
        expected = bare_loop(data, base)
        seconds['bare'].append(time.process_time() - began)
        began = time.process_time()
        found = ours(data, base, folder / f'prepared-{repeat}')
        seconds['ours'].append(time.process_time() - began)
        assert found == expected, 'both must count the same tokens'
    bare, own = (rows / min(seconds[name]) for name in ('bare', 'ours'))
    return {'what': 'preparation', 'unit': 'rows per CPU second', 'bare': bare, 'ours': own, 'ratio': own / bare}
