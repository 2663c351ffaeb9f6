"""The weights of a base checkpoint."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from .base_tokenizer import unusable


def device() -> torch.device:
    return torch.device('cuda' if torch.cuda.is_available() else 'cpu')


def load_base(base: Path) -> PreTrainedModel:
    """In float32: the same numbers as the serving engine computes with."""
    try:
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise unusable('model', error) from error
    return model.to(device())
