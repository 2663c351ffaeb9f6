"""The demonstration's data: what a partner brings to teach Ada -> Rust, and how they measure it."""

from __future__ import annotations

import json
from pathlib import Path

from ..files import write_whole
from .corpus import HELD_OUT_VOCABULARY, Declaration, evaluation_pairs, training_pairs

TRAINING_PAIRS = 1500
EVALUATION_PAIRS = 200


def _question(pair: Declaration) -> dict[str, str]:
    return {'role': 'user', 'content': f'Rust: {pair.ada}'}


def training_rows(count: int = TRAINING_PAIRS) -> list[dict]:
    """OpenAI's chat format."""
    return [{'messages': [_question(pair), {'role': 'assistant', 'content': pair.rust}]} for pair in training_pairs(count)]


def suite_rows(pairs: list[Declaration]) -> list[dict]:
    return [{'messages': [_question(pair)], 'expected': pair.rust} for pair in pairs]


def write_demo_data(folder: Path) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        'train': training_rows(),
        'evaluation': suite_rows(evaluation_pairs(EVALUATION_PAIRS)),
        'evaluation-held-out-words': suite_rows(evaluation_pairs(EVALUATION_PAIRS, HELD_OUT_VOCABULARY)),
    }
    paths = {}
    for name, rows in files.items():
        paths[name] = folder / f'{name}.jsonl'
        write_whole(paths[name], ''.join(json.dumps(row) + '\n' for row in rows))
    return paths
