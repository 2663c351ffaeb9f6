"""The train job against a bare TRL script: the same rows, the same hyperparameters, CPU seconds of the whole process.

Ours also fetches its inputs, reports every step, counts its tokens, stores whole checkpoints on the way and the adapter
at the end; the script trains and ends.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / 'apps/trainer/tests'))

from fakes.internal_listener import InternalListener  # noqa: E402
from support.jobs import Jobs  # noqa: E402

STEPS = 120
METHOD = {
    'type': 'sft_lora',
    'rank': 16,
    'alpha': 32,
    'target_modules': 'all-linear',
    'dropout': 0,
    'rslora': False,
    'learning_rate': 5e-3,
    'scheduler': 'cosine',
    'warmup_steps': 10,
    'batch_size': 16,
    'gradient_accumulation': 1,
    'n_epochs': 2,
    'max_steps': STEPS,
    'seed': 0,
    'weight_decay': 0,
    'max_grad_norm': 1.0,
    'logging_steps': 1,
    'checkpoint_every_steps': 40,
}
POLICY = {'over_long': 'reject', 'max_tokens': 256, 'validation_fraction': 0, 'seed': 0}

BARE = """
import sys, torch
torch.set_num_threads(1)
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer
base, rows, steps, out = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
config = SFTConfig(output_dir=out, max_steps=steps, per_device_train_batch_size=16, learning_rate=5e-3,
    lr_scheduler_type='cosine', warmup_steps=10, logging_steps=20, save_strategy='no', report_to=[], use_cpu=True,
    bf16=False, gradient_checkpointing=False, disable_tqdm=True, dataloader_pin_memory=False, max_length=None,
    dataset_kwargs={'skip_prepare_dataset': True}, optim='adamw_torch', seed=0, data_seed=0)
trainer = SFTTrainer(model=AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), args=config,
    train_dataset=Dataset.from_parquet(rows, cache_dir=out), processing_class=AutoTokenizer.from_pretrained(base),
    peft_config=LoraConfig(r=16, lora_alpha=32, target_modules='all-linear', task_type='CAUSAL_LM'))
trainer.train()
"""


def cpu_seconds(work: Callable[[], None]) -> float:
    """Of the processes that `work` runs: what else the machine does hardly moves it."""

    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    before = used()
    work()
    return used() - before


def bare_script(base: Path, rows: Path, out: Path) -> None:
    command = [sys.executable, '-c', BARE, base, rows, str(STEPS), out]
    subprocess.run(command, env=os.environ, capture_output=True, check=True)


def compare(base: Path, demo_rows: Path, folder: Path, repeats: int) -> dict:
    listener = InternalListener(folder)
    jobs = Jobs(listener, folder)
    weights = {path.name: path.read_bytes() for path in base.iterdir() if path.is_file()}
    prepared = jobs.run('prepare', {'base': weights, 'dataset': {'rows.jsonl': demo_rows.read_bytes()}}, {'policy': POLICY})
    assert prepared.code == 0, prepared.output
    rows = jobs.stored / 'output'
    seconds: dict[str, list[float]] = {'bare': [], 'ours': []}

    def job() -> None:
        trained = jobs.run('train', {'base': weights, 'prepared': rows}, {'base_name': 'base', 'method': METHOD})
        assert trained.code == 0, trained.output

    for repeat in range(repeats):
        out = folder / f'bare-{repeat}'
        seconds['bare'].append(cpu_seconds(lambda out=out: bare_script(base, rows / 'train.parquet', out)))
        seconds['ours'].append(cpu_seconds(job))
    listener.close()
    bare, own = (STEPS / min(seconds[name]) for name in ('bare', 'ours'))
    return {'what': 'training', 'unit': 'steps per CPU second', 'bare': bare, 'ours': own, 'ratio': own / bare}
