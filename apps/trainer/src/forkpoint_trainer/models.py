"""Base checkpoints, tokenizers and adapters from local folders."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from .contract import TrainerErrorCode
from .failures import JobFailure
from .files import sha256_of


def device() -> torch.device:
    return torch.device('cuda' if torch.cuda.is_available() else 'cpu')


def base_hashes(base: Path) -> dict[str, str | None]:
    """What was validated is what is trained is what is served: these two hashes tie the three together."""
    template = base / 'chat_template.jinja'
    return {
        'tokenizer_sha256': sha256_of(base / 'tokenizer.json'),
        'template_sha256': sha256_of(template) if template.exists() else None,
    }


def load_tokenizer(base: Path) -> PreTrainedTokenizerBase:
    try:
        return AutoTokenizer.from_pretrained(base, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise _unusable('tokenizer', error) from error


def load_base(base: Path) -> PreTrainedModel:
    """In float32: the same numbers as the serving engine computes with."""
    try:
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise _unusable('model', error) from error
    return model.to(device())


def _unusable(part: str, error: Exception) -> JobFailure:
    return JobFailure(
        TrainerErrorCode.base_unusable,
        f'the {part} of the base checkpoint cannot be loaded: {error}'[:4000],
        'Choose another checkpoint, or ask its publisher to publish it again.',
    )
