"""LoRA adapters: which modules they go on, whether one fits, how they are written."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from peft import PeftModel
from transformers import PreTrainedModel

from .contract import SftLora, TrainerErrorCode, TrainingReport, TrainSpec
from .failures import JobFailure
from .files import write_whole

ADAPTER_CONFIG = 'adapter_config.json'


def linear_modules(model: PreTrainedModel) -> list[str]:
    """Names of the linear modules, the output head left out: what `all-linear` means, said explicitly."""
    head = model.get_output_embeddings()
    names = (name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear) and module is not head)
    return sorted({name.rsplit('.', 1)[-1] for name in names})


def load_adapter(model: PreTrainedModel, adapter: Path, trainable: bool) -> PeftModel:
    try:
        return PeftModel.from_pretrained(model, adapter, is_trainable=trainable, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise JobFailure(
            TrainerErrorCode.adapter_mismatch,
            f'the adapter does not fit the base checkpoint: {error}'[:4000],
            'Use an adapter that was trained on this very base checkpoint.',
        ) from error


def adapter_matches(model: PeftModel, method: SftLora, targets: list[str]) -> None:
    """Training goes on in an adapter's own shape or not at all."""
    config = model.peft_config['default']
    found = {
        'rank': config.r,
        'alpha': float(config.lora_alpha),
        'rslora': config.use_rslora,
        'target_modules': sorted(config.target_modules),
    }
    wanted = {'rank': method.rank, 'alpha': float(method.alpha), 'rslora': method.rslora, 'target_modules': targets}
    differences = [f'{name} is {found[name]}, asked for is {wanted[name]}' for name in wanted if found[name] != wanted[name]]
    if differences:
        raise JobFailure(
            TrainerErrorCode.adapter_mismatch,
            f'the adapter has another shape: {"; ".join(differences)}',
            'Ask for the same values as the adapter has, or start from its base checkpoint.',
        )


def save_adapter(model: PeftModel, base_name: str, folder: Path) -> None:
    """Safetensors and a config that names the base as the catalog does, not by a path of this machine."""
    model.save_pretrained(folder)
    (folder / 'README.md').unlink(missing_ok=True)  # PEFT's template; write_model_card has more to say
    path = folder / ADAPTER_CONFIG
    config = json.loads(path.read_text()) | {'base_model_name_or_path': base_name}
    config['target_modules'] = sorted(config['target_modules'])
    write_whole(path, json.dumps(config, indent=2, sort_keys=True) + '\n')


def write_model_card(folder: Path, spec: TrainSpec, report: TrainingReport, hashes: dict[str, str | None]) -> None:
    method = spec.parameters.method
    front = {'base_model': spec.parameters.base_name, 'library_name': 'peft', 'tags': ['lora', 'sft']}
    losses = f'train {report.train_loss:.4f}' + (f', validation {report.valid_loss:.4f}' if report.valid_loss is not None else '')
    recipe = method.model_dump(mode='json', exclude_none=True)
    lines = [
        '---',
        *(f'{key}: {json.dumps(value)}' for key, value in front.items()),
        '---',
        '',
        f'# LoRA adapter on {spec.parameters.base_name}',
        '',
        f'Supervised fine-tuning, {report.steps} steps over {report.epochs:g} epochs, {report.tokens:,} tokens of which '
        f'{report.trained_tokens:,} were trained on. Loss at the end: {losses}.',
        '',
        f'{report.trainable_parameters:,} trainable parameters on {", ".join(report.target_modules)}.',
        '',
        '| setting | value |',
        '|---|---|',
        *(f'| {name} | {json.dumps(value)} |' for name, value in recipe.items()),
        '',
        f'Tokenizer SHA-256 `{hashes["tokenizer_sha256"]}`; chat template SHA-256 `{hashes["template_sha256"] or "none"}`. '
        'The adapter answers as trained only with these two.',
        '',
    ]
    write_whole(folder / 'README.md', '\n'.join(lines))
