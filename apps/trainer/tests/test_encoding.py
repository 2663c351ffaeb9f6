"""Token ids and labels: what the loss is taken on, token by token."""

from __future__ import annotations

import pytest
from forkpoint_trainer.contract import DataErrorCode
from forkpoint_trainer.failures import JobFailure
from forkpoint_trainer.lineage.tokenizer import encode as encode_bytes
from forkpoint_trainer.lineage.tokenizer import make_tokenizer
from forkpoint_trainer.prepare.encoding import IGNORED, RowEncoder
from forkpoint_trainer.prepare.rows import ChatRow, CompletionRow

CONVERSATION = [
    {'role': 'system', 'content': 'be brief'},
    {'role': 'user', 'content': 'naïve?'},
    {'role': 'assistant', 'content': 'yes ✓'},
    {'role': 'user', 'content': 'sure?'},
    {'role': 'assistant', 'content': 'no'},
]


def trained_text(tokenizer, row) -> str:
    return tokenizer.decode([label for label in row.labels if label != IGNORED])


@pytest.mark.parametrize(
    ('weights', 'trained'),
    [([1, 1], 'yes ✓<|end|>no<|end|>'), ([0, 1], 'no<|end|>'), ([1, 0], 'yes ✓<|end|>')],
)
def test_only_the_weighted_assistant_messages_are_trained_on(tokenizer, weights, trained):
    (row,) = RowEncoder(tokenizer).encode([ChatRow(CONVERSATION, weights)])
    assert row.input_ids == tokenizer.apply_chat_template(CONVERSATION, tokenize=True, return_dict=False)
    assert trained_text(tokenizer, row) == trained
    assert row.trained_tokens == len(encode_bytes(trained))


def test_the_mask_is_the_one_of_transformers(tokenizer):
    (row,) = RowEncoder(tokenizer).encode([ChatRow(CONVERSATION, [1, 1])])
    theirs = tokenizer.apply_chat_template(CONVERSATION, return_dict=True, return_assistant_tokens_mask=True)
    assert [int(label != IGNORED) for label in row.labels] == theirs['assistant_masks']


def test_completions_are_trained_with_their_end_token(tokenizer):
    (row,) = RowEncoder(tokenizer).encode([CompletionRow('2+2=', '4')])
    assert tokenizer.decode(row.input_ids) == '2+2=4<|end|>'
    assert trained_text(tokenizer, row) == '4<|end|>'


def test_the_fast_encoder_of_the_lineage_is_its_tokenizer(tokenizer):
    text = '<|user|>Größe ✓\n<|end|><|assistant|>\x00~<|end|>'
    assert encode_bytes(text) == tokenizer.encode(text, add_special_tokens=False)


def merging_tokenizer():
    """One that merges across the border of prompt and answer: 'a:' + 'b' may become ' :b'."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    vocabulary = {'<e>': 0, 'a': 1, ':': 2, 'b': 3, 'c': 4, ':b': 5, 'cc': 6}
    backend = Tokenizer(models.BPE(vocab=vocabulary, merges=[(':', 'b'), ('c', 'c')]))
    backend.add_special_tokens(['<e>'])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token='<e>')
    tokenizer.chat_template = (
        "{% for m in messages %}{% if m['role'] == 'assistant' %}{% generation %}{{ m['content'] }}{% endgeneration %}"
        "{% else %}{{ m['content'] }}:{% endif %}{% endfor %}"
    )
    return tokenizer


@pytest.mark.parametrize(
    ('answer', 'ids', 'labels'),
    [
        ('cc', [1, 2, 6], [IGNORED, IGNORED, 6]),
        # ':b' begins in the prompt: the model never gets to write it, so it is not trained on.
        ('bc', [1, 5, 4], [IGNORED, IGNORED, 4]),
    ],
)
def test_tokens_that_reach_over_the_border_are_not_trained_on(answer, ids, labels):
    messages = [{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': answer}]
    (row,) = RowEncoder(merging_tokenizer()).encode([ChatRow(messages, [1])])
    assert (row.input_ids, row.labels) == (ids, labels)


def test_a_template_may_refuse_a_conversation():
    tokenizer = make_tokenizer(64)
    tokenizer.chat_template = "{{ raise_exception('roles must alternate') }}"
    (problem,) = RowEncoder(tokenizer).encode([ChatRow(CONVERSATION, [1, 1])])
    assert problem.code == DataErrorCode.template_refused and 'roles must alternate' in problem.describe()[0]


def test_no_template_is_an_error_of_every_chat_row():
    tokenizer = make_tokenizer(64)
    tokenizer.chat_template = None
    problems = RowEncoder(tokenizer).encode([ChatRow(CONVERSATION, [1, 1])] * 2)
    assert [problem.code for problem in problems] == [DataErrorCode.no_template] * 2


def test_a_template_without_marks_makes_the_checkpoint_unusable():
    tokenizer = make_tokenizer(64)
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    with pytest.raises(JobFailure, match='does not mark'):
        RowEncoder(tokenizer).encode([ChatRow(CONVERSATION, [1, 1])])
