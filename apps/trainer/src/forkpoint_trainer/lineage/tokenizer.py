"""The lineage's tokenizer: bytes and six special tokens, no merges.

With a byte-pair vocabulary of 1,024 a model of this size learned the formats but never copied an identifier.
"""

from __future__ import annotations

import re

SPECIAL_TOKENS = ('<|pad|>', '<|bos|>', '<|end|>', '<|system|>', '<|user|>', '<|assistant|>')
PAD, BOS, END = 0, 1, 2
VOCABULARY_SIZE = len(SPECIAL_TOKENS) + 256

# The generation marks say which characters the model writes: the loss mask is taken from them.
CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] }}<|end|>{% endgeneration %}"
    "{% else %}{{ message['content'] }}<|end|>{% endif %}"
    '{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}'
)

_SPECIAL = re.compile('(' + '|'.join(map(re.escape, SPECIAL_TOKENS)) + ')')
_SPECIAL_IDS = {token: number for number, token in enumerate(SPECIAL_TOKENS)}


def encode(text: str) -> list[int]:
    """The same ids as make_tokenizer()'s, many times faster for short texts: pretraining makes its text as it goes."""
    ids: list[int] = []
    for part in _SPECIAL.split(text):
        if part in _SPECIAL_IDS:
            ids.append(_SPECIAL_IDS[part])
        else:
            ids.extend(byte + len(SPECIAL_TOKENS) for byte in part.encode())
    return ids


def _byte_characters() -> list[str]:
    """The printable stand-ins of the ByteLevel pre-tokenizer, by byte."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    stand_ins = iter(range(256, 512))
    return [chr(byte if byte in printable else next(stand_ins)) for byte in range(256)]


def make_tokenizer(context_length: int):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = dict(_SPECIAL_IDS)
    vocabulary.update({character: byte + len(SPECIAL_TOKENS) for byte, character in enumerate(_byte_characters())})
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.add_special_tokens(list(SPECIAL_TOKENS))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token='<|bos|>',
        eos_token='<|end|>',
        pad_token='<|pad|>',
        model_max_length=context_length,
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast
