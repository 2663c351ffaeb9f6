"""Rows to token ids and labels, with the checkpoint's own tokenizer and template.

A label is the token's id where the loss is taken and IGNORED elsewhere. In chats it is taken on what the template marks as
written by the model ({% generation %}), for the assistant messages of weight 1; in completions on the completion and the
end token. The first token of a row has nothing before it to be predicted from, so it is never trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jinja2
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast
from transformers.utils.chat_template_utils import render_jinja_template

from ..contract import DataErrorCode, TrainerErrorCode
from ..failures import JobFailure
from .data_errors import Problem, problem
from .rows import ChatRow, CompletionRow, Row

IGNORED = -100


@dataclass(frozen=True)
class EncodedRow:
    input_ids: list[int]
    labels: list[int]

    @property
    def trained_tokens(self) -> int:
        return len(self.labels) - self.labels.count(IGNORED)

    def truncated(self, max_tokens: int) -> EncodedRow:
        return EncodedRow(self.input_ids[:max_tokens], self.labels[:max_tokens])


class RowEncoder:
    def __init__(self, tokenizer: PreTrainedTokenizerBase):
        if not isinstance(tokenizer, PreTrainedTokenizerFast):
            raise _unusable('has no tokenizer.json of the tokenizers library')
        if tokenizer.eos_token_id is None:
            raise _unusable('has a tokenizer without an end token (eos_token)')
        self._tokenizer = tokenizer
        self._backend = tokenizer.backend_tokenizer
        self._special_tokens_map = tokenizer.special_tokens_map  # templates may use them; derived anew at each access
        # What tokenizer.json may carry of an earlier use must not cut or pad rows.
        self._backend.no_truncation()
        self._backend.no_padding()
        self.special_tokens = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]

    def encode(self, rows: Sequence[Row]) -> list[EncodedRow | Problem]:
        """In order. All rows of a call go through the tokenizer at once, which is what makes it fast."""
        if not rows:
            return []
        if isinstance(rows[0], ChatRow):
            return self._chats(rows)
        return self._completions(rows)

    def _completions(self, rows: Sequence[CompletionRow]) -> list[EncodedRow | Problem]:
        # The prompt as the serving engine encodes it (with what the tokenizer adds by itself), the rest apart from it.
        prompts = self._backend.encode_batch([row.prompt for row in rows], add_special_tokens=True)
        completions = self._backend.encode_batch([row.completion for row in rows], add_special_tokens=False)
        end = self._tokenizer.eos_token_id
        encoded: list[EncodedRow | Problem] = []
        for prompt, completion in zip(prompts, completions):
            answer = [*completion.ids, end]
            encoded.append(EncodedRow(prompt.ids + answer, [IGNORED] * len(prompt.ids) + answer))
        return encoded

    def _chats(self, rows: Sequence[ChatRow]) -> list[EncodedRow | Problem]:
        if not self._tokenizer.chat_template:
            return [problem(DataErrorCode.no_template)] * len(rows)
        rendered = [self._render(row) for row in rows]
        texts = [result[0] for result in rendered if not isinstance(result, Problem)]
        encodings = iter(self._backend.encode_batch(texts, add_special_tokens=False))
        encoded: list[EncodedRow | Problem] = []
        for row, result in zip(rows, rendered):
            if isinstance(result, Problem):
                encoded.append(result)
                continue
            encoding = next(encodings)
            labels = [IGNORED] * len(encoding.ids)
            for weight, (start, end) in zip(row.weights, result[1]):
                if weight:
                    tokens = _tokens_of(encoding, start, end)
                    labels[tokens] = encoding.ids[tokens]
            if labels:
                labels[0] = IGNORED
            encoded.append(EncodedRow(encoding.ids, labels))
        return encoded

    def _render(self, row: ChatRow) -> tuple[str, list[tuple[int, int]]] | Problem:
        """The text and the character spans of the assistant messages."""
        try:
            (text,), (spans,) = render_jinja_template(
                conversations=[row.messages],
                chat_template=self._tokenizer.chat_template,
                return_assistant_tokens_mask=True,
                **self._special_tokens_map,
            )
        except jinja2.exceptions.TemplateError as error:
            return problem(DataErrorCode.template_refused, '/messages', reason=str(error))
        if len(spans) != len(row.weights):
            raise _unusable('has a chat template that does not mark what the model writes ({% generation %})')
        return text, spans


def _tokens_of(encoding, start: int, end: int) -> slice:
    """The tokens that begin within the characters [start, end). Most often two look-ups; some characters have no token."""
    first = _token_at(encoding, start, end)
    if first is None:
        return slice(0, 0)
    if encoding.token_to_chars(first)[0] < start:
        first += 1  # it begins in the prompt and reaches over: serving would have encoded the prompt alone
    after = _token_at(encoding, end, end + 1)
    if after is not None and encoding.token_to_chars(after)[0] >= end:
        return slice(first, after)
    # The text ends here, or a token reaches over the end: go by offsets.
    offsets = encoding.offsets
    last = first
    while last < len(offsets) and offsets[last][0] < end:
        last += 1
    return slice(first, last)


def _token_at(encoding, start: int, end: int) -> int | None:
    for character in range(start, end):
        if (token := encoding.char_to_token(character)) is not None:
            return token
    return None


def _unusable(reason: str) -> JobFailure:
    return JobFailure(
        TrainerErrorCode.base_unusable,
        f'the base checkpoint {reason}',
        'Choose another checkpoint, or ask its publisher to publish it with a usable tokenizer and template.',
    )
