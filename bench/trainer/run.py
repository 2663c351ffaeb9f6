"""Ratios of the trainer to the bare minimum on the same machine. Prints a table; --json prints the figures.

    .venv/bin/python bench/trainer/run.py [--lineage .forkpoint/lineage] [--repeats 3] [--json]

One thread. CPU time, so that what else the machine does hardly moves it; each figure is the best of the repeats, the two
sides taking turns.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.update(OMP_NUM_THREADS='1', RAYON_NUM_THREADS='1', OMP_WAIT_POLICY='passive', HF_HUB_OFFLINE='1')

import preparation  # noqa: E402
import training  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('--lineage', type=Path, default=Path('.forkpoint/lineage'))
    parser.add_argument('--repeats', type=int, default=3)
    parser.add_argument('--json', action='store_true')
    options = parser.parse_args()
    index = options.lineage / 'lineage.json'
    if not index.exists():
        print(f'{index} is missing: build it with `python -m forkpoint_trainer.lineage --out {options.lineage}`', file=sys.stderr)
        return 1
    base = options.lineage / json.loads(index.read_text())['checkpoints'][-1]['folder']
    results = []
    for comparison in (preparation, training):
        print(f'measuring {comparison.__name__} ...', file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            data = options.lineage / 'data/train.jsonl'
            results.append(comparison.compare(base.resolve(), data, Path(folder), options.repeats))
    if options.json:
        print(json.dumps(results, indent=2))
        return 0
    print('| what | unit | bare | ours | ratio |\n|---|---|---|---|---|')
    for result in results:
        print(f'| {result["what"]} | {result["unit"]} | {result["bare"]:,.1f} | {result["ours"]:,.1f} | {result["ratio"]:.2f} |')
    return 0


if __name__ == '__main__':
    sys.exit(main())
