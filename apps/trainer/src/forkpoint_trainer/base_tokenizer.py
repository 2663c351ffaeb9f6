"""A base checkpoint's tokenizer and template, and the hashes that name them. Nothing here imports torch."""

from __future__ import annotations

import json
from pathlib import Path

from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from .contract import TrainerErrorCode
from .failures import JobFailure
from .files import sha256_of

# Classes without behaviour beyond tokenizer.json. Loading them by name spares AutoTokenizer, whose import brings torch and
# takes longer than most datasets take to prepare.
_PLAIN_CLASSES = {'TokenizersBackend', 'PreTrainedTokenizerFast'}


def base_hashes(base: Path) -> dict[str, str | None]:
    """What was validated is what is trained is what is served: these two hashes tie the three together."""
    template = base / 'chat_template.jinja'
    return {
        'tokenizer_sha256': sha256_of(base / 'tokenizer.json'),
        'template_sha256': sha256_of(template) if template.exists() else None,
    }


def load_tokenizer(base: Path) -> PreTrainedTokenizerBase:
    try:
        config = json.loads((base / 'tokenizer_config.json').read_text())
        if config.get('tokenizer_class') in _PLAIN_CLASSES:
            return PreTrainedTokenizerFast.from_pretrained(base, local_files_only=True)
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(base, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise unusable('tokenizer', error) from error


def unusable(part: str, error: Exception) -> JobFailure:
    return JobFailure(
        TrainerErrorCode.base_unusable,
        f'the {part} of the base checkpoint cannot be loaded: {error}'[:4000],
        'Choose another checkpoint, or ask its publisher to publish it again.',
    )
