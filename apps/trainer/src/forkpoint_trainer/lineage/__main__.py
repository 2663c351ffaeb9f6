"""Builds the base lineage, or finds it built.

    python -m forkpoint_trainer.lineage --out DIR [--threads N]

Into DIR go step-<n>/ (publishable checkpoints, optimizer state in optimizer/), log.jsonl (loss of every step), data/ (the
demonstration's training data and evaluation suites) and, last, lineage.json, which lists them. What is there is kept when
it was made by this very code and recipe; a run that was stopped goes on from its newest whole checkpoint.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

from ..files import write_whole

INDEX = 'lineage.json'
KEY_FILE = 'key'


def content_key(recipe) -> str:
    """Changes with the recipe and with any source file that the result depends on."""
    here = Path(__file__).parent
    digest = hashlib.sha256(json.dumps(asdict(recipe), sort_keys=True).encode())
    for path in sorted(here.glob('*.py')):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog='python -m forkpoint_trainer.lineage', description=__doc__.split('\n', 1)[0])
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--tokens', type=int, help='a shorter run, to try something')
    options = parser.parse_args(arguments)
    # Before torch is imported: OpenMP reads it once.
    os.environ.update(OMP_NUM_THREADS=str(options.threads), OMP_WAIT_POLICY='passive', HF_HUB_OFFLINE='1')

    started = time.monotonic()

    def say(text: str) -> None:
        print(f'[{time.monotonic() - started:5.0f}s] {text}', flush=True)

    say('loading torch and transformers')
    import torch
    import transformers

    from .demo_data import write_demo_data
    from .pretrain import Recipe, pretrain

    torch.set_num_threads(options.threads)
    transformers.utils.logging.disable_progress_bar()
    recipe = Recipe() if options.tokens is None else replace(Recipe(), tokens=options.tokens)
    out: Path = options.out
    key = content_key(recipe)
    key_file, index = out / KEY_FILE, out / INDEX
    if key_file.exists() and key_file.read_text() == key:
        if index.exists():
            say(f'the lineage is built already: {out}')
            return 0
    elif out.exists():
        if any(out.iterdir()) and not key_file.exists():
            print(f'{out} holds something else; name an empty folder', file=sys.stderr)
            return 64
        say('what is there was made by other code or another recipe; starting afresh')
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    write_whole(key_file, key)

    say(f'pretraining {recipe.family}: {recipe.steps} steps, {recipe.tokens:,} tokens, {options.threads} thread(s)')
    folders = pretrain(recipe, out, say)
    say('writing the demonstration data')
    data = write_demo_data(out / 'data')
    write_whole(
        index,
        json.dumps(
            {
                'family': recipe.family,
                'recipe': asdict(recipe),
                'checkpoints': [
                    {'folder': folder.name, **json.loads((folder / 'model_card.json').read_text())} for folder in folders
                ],
                'data': {name: path.relative_to(out).as_posix() for name, path in data.items()},
            },
            indent=2,
        )
        + '\n',
    )
    say(f'the lineage is built: {out}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
