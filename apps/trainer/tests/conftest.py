from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # fakes and support
os.environ.update(OMP_NUM_THREADS='1', HF_HUB_OFFLINE='1', TRANSFORMERS_VERBOSITY='error')

from fakes.internal_listener import InternalListener  # noqa: E402
from support.jobs import METHOD, POLICY, Jobs, chat_line  # noqa: E402
from support.nursery import Nursery  # noqa: E402


@pytest.fixture(scope='session')
def tokenizer():
    from forkpoint_trainer.lineage.tokenizer import make_tokenizer

    return make_tokenizer(128)


@pytest.fixture(scope='session')
def micro_base(tmp_path_factory, tokenizer) -> Path:
    """A base checkpoint of the lineage's kind, as small as it works, taught to say yes to any question."""
    import torch
    from forkpoint_trainer.lineage.pretrain import Recipe, architecture
    from forkpoint_trainer.lineage.tokenizer import encode
    from transformers import Qwen3ForCausalLM

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp('base')
    recipe = Recipe(hidden_size=32, heads=1, layers=1, feed_forward_size=64, context_length=128)
    model = Qwen3ForCausalLM(architecture(recipe))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for step in range(60):
        ids = torch.tensor([encode(f'<|user|>{chr(97 + step % 26)}<|end|><|assistant|>yes<|end|>')])
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def listener(tmp_path):
    listener = InternalListener(tmp_path)
    yield listener
    listener.close()


@pytest.fixture(scope='session')
def nursery():
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def jobs(listener, tmp_path, nursery) -> Jobs:
    return Jobs(listener, tmp_path, nursery)


@pytest.fixture(scope='session')
def prepared(micro_base, tmp_path_factory, nursery) -> Path:
    """Prepared rows: 18 to train on (4 full steps and a short one per epoch at 4 rows a step), 4 to validate on."""
    folder = tmp_path_factory.mktemp('prepared')
    listener = InternalListener(folder)
    jobs = Jobs(listener, folder, nursery)
    lines = [chat_line(f'question {n}', f'answer {n * 7}') for n in range(22)]
    inputs = {
        'base': micro_base,
        'dataset': {'train.jsonl': '\n'.join(lines[:18])},
        'validation': {'valid.jsonl': '\n'.join(lines[18:])},
    }
    finished = jobs.run('prepare', inputs, {'policy': POLICY})
    assert finished.code == 0, finished.output
    listener.close()
    return jobs.stored / 'output'


@pytest.fixture
def train_parameters() -> dict:
    return {'base_name': 'micro-pretrain-000001', 'method': METHOD}
