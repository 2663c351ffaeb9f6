"""What the trainer will read, token by token, with the trained-on ones marked."""

from __future__ import annotations

from transformers import PreTrainedTokenizerBase

from ..contract import PreparationPreview, PreviewPiece, PreviewRow, Split
from ..files import SCHEMA_VERSION
from .encoding import IGNORED, EncodedRow

MAX_ROWS = 20
MAX_TOKENS = 1024
_MAX_TOKENS_OF_A_CHARACTER = 8
_NOT_A_CHARACTER = '\ufffd'


class Preview:
    def __init__(self, tokenizer: PreTrainedTokenizerBase):
        self._tokenizer = tokenizer
        self._special_ids = {number for number, token in tokenizer.added_tokens_decoder.items() if token.special}
        self._rows: list[PreviewRow] = []

    def add(self, line: int, split: Split, row: EncodedRow, truncated: bool) -> None:
        if len(self._rows) < MAX_ROWS:
            self._rows.append(
                PreviewRow(
                    line=line,
                    split=split,
                    tokens=len(row.input_ids),
                    trained_tokens=row.trained_tokens,
                    truncated=truncated,
                    pieces=self._pieces(row),
                )
            )

    def result(self) -> PreparationPreview:
        return PreparationPreview(schema_version=SCHEMA_VERSION, rows=self._rows)

    def _pieces(self, row: EncodedRow) -> list[PreviewPiece]:
        """A piece per token; where a character takes several tokens, one piece for them."""
        ids = row.input_ids[:MAX_TOKENS]
        pieces: list[PreviewPiece] = []
        position = 0
        while position < len(ids):
            trained = row.labels[position] != IGNORED
            end = position + 1
            text = self._decode(ids[position:end])
            while (
                text.endswith(_NOT_A_CHARACTER)
                and end < len(ids)
                and end - position < _MAX_TOKENS_OF_A_CHARACTER
                and (row.labels[end] != IGNORED) == trained
            ):
                end += 1
                text = self._decode(ids[position:end])
            special = ids[position] in self._special_ids
            pieces.append(PreviewPiece(text=text, token_ids=ids[position:end], trained=trained, special=special))
            position = end
        return pieces

    def _decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
