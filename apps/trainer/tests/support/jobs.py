"""Runs the trainer as the platform does: a process of its own, a spec in a file, the token in the environment. Its libraries
are imported before it begins (`nursery.py`); the whole command is run by the specs of `libs/compute`."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from forkpoint_trainer.files import files_under

from fakes.internal_listener import TOKEN, InternalListener

from .nursery import Nursery, NurseryProcess

POLICY = {'over_long': 'reject', 'max_tokens': 128, 'validation_fraction': 0, 'seed': 1}

METHOD = {
    'type': 'sft_lora',
    'rank': 4,
    'alpha': 8,
    'target_modules': 'all-linear',
    'dropout': 0.1,  # so that a resume must restore the random states
    'rslora': False,
    'learning_rate': 0.01,
    'scheduler': 'cosine',
    'warmup_steps': 2,
    'batch_size': 2,
    'gradient_accumulation': 2,
    'n_epochs': 2,
    'seed': 3,
    'weight_decay': 0.01,
    'max_grad_norm': 1.0,
    'logging_steps': 1,
    'checkpoint_every_steps': 3,
}


def chat_line(question: str, answer: str) -> str:
    messages = [{'role': 'user', 'content': question}, {'role': 'assistant', 'content': answer}]
    return json.dumps({'messages': messages})


@dataclass
class Finished:
    code: int
    output: str


class Jobs:
    """Attempts of one job against one listener."""

    def __init__(self, listener: InternalListener, folder: Path, nursery: Nursery):
        self.listener = listener
        self.folder = folder
        self.nursery = nursery
        self.attempt = 0

    def give(self, name: str, source: Path | dict[str, bytes | str]) -> list[dict]:
        """Puts files where the listener reads the input from; returns them as the spec names them."""
        target = self.listener.inputs / name
        shutil.rmtree(target, ignore_errors=True)
        if isinstance(source, Path):
            shutil.copytree(source, target)
        else:
            target.mkdir(parents=True)
            for path, content in source.items():
                (target / path).write_bytes(content.encode() if isinstance(content, str) else content)
        return [file.model_dump() for file in files_under(target)]

    def start(self, kind: str, inputs: dict, parameters: dict, **changes) -> NurseryProcess:
        self.attempt += 1
        self.listener.new_attempt()
        spec = {
            'schema_version': 1,
            'job_id': 'cjob_test',
            'attempt_id': f'att_{self.attempt}',
            'attempt': self.attempt,
            'kind': kind,
            'api_url': self.listener.url,
            'heartbeat_seconds': 0.5,
            'limits': {'threads': 1, 'memory_bytes': 2**31, 'wall_seconds': 600},
            'inputs': {name: s if isinstance(s, list) else self.give(name, s) for name, s in inputs.items()},
            'parameters': parameters,
            **changes,
        }
        work = self.folder / f'work-{self.attempt}'
        work.mkdir()
        (work / 'spec.json').write_text(json.dumps(spec))
        environment = os.environ | {'FORKPOINT_ATTEMPT_TOKEN': TOKEN, 'FORKPOINT_CACHE': str(self.folder / 'cache')}
        return self.nursery.start(['--spec', str(work / 'spec.json'), '--work', str(work)], environment)

    def run(self, kind: str, inputs: dict, parameters: dict, **changes) -> Finished:
        process = self.start(kind, inputs, parameters, **changes)
        return finish(process)

    @property
    def stored(self) -> Path:
        """What the newest attempt has stored."""
        return self.listener.attempts / f'att_{self.attempt}'


def finish(process: NurseryProcess) -> Finished:
    return Finished(*process.finish())
