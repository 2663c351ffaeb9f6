"""The `evaluate` job: a checkpoint, or an adapter on one, over a suite. Greedy answers in batches, and the loss of the
expected ones; every example's result is kept, so that two checkpoints can be compared row by row.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import ValidationError
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

from .adapters import load_adapter
from .attempt import Attempt, Outcome
from .base_tokenizer import base_hashes, load_tokenizer
from .contract import (
    ChatSuiteRow,
    EvaluateParameters,
    EvaluateSpec,
    EvaluationMetric,
    EvaluationResult,
    EvaluationSummary,
    ManifestKind,
    PromptSuiteRow,
    Stage,
    TrainerErrorCode,
)
from .failures import JobFailure
from .files import SCHEMA_VERSION, write_whole
from .models import load_base
from .prepare.data_errors import Problem
from .prepare.encoding import IGNORED, EncodedRow, RowEncoder
from .prepare.lines import Line, LineReader, parse
from .prepare.rows import ChatRow, CompletionRow, Row, RowValidator

RESULTS, SUMMARY = 'results.jsonl', 'summary.json'


@dataclass(frozen=True)
class Example:
    index: int
    expected: str
    text: str  # the prompt as the model is given it
    prompt_ids: list[int]
    answered: EncodedRow  # prompt and expected answer, labels on the answer


def run_evaluate(attempt: Attempt, spec: EvaluateSpec) -> Outcome:
    parameters = spec.parameters
    base_folder = attempt.fetch('base')
    suite = attempt.fetch('suite') / spec.inputs.suite[0].path
    adapter = attempt.fetch('adapter') if spec.inputs.adapter else None

    attempt.progress(Stage.loading, 0, 0)
    tokenizer = load_tokenizer(base_folder)
    model = load_base(base_folder)
    examples = list(read_suite(suite, tokenizer))
    check_context(examples, model, parameters)
    if adapter:
        # Not merged: the serving engine computes base and adapter apart as well.
        model = load_adapter(model, adapter, trainable=False)
    model.eval()

    attempt.log(f'evaluating {len(examples)} examples by {parameters.metric.value}')
    began = time.monotonic()
    results: list[EvaluationResult] = []
    tokens = 0
    attempt.progress(Stage.evaluating, 0, len(examples))
    for batch in batches_by_length(examples, parameters.batch_size):
        attempt.raise_if_stopping()
        losses = losses_of(model, tokenizer, batch)
        answers: list[Answer | None] = [None] * len(batch)
        if parameters.metric != EvaluationMetric.loss:
            answers = greedy_answers(model, tokenizer, batch, parameters.max_new_tokens)
        results += [result_of(parameters.metric, *of) for of in zip(batch, losses, answers)]
        tokens += sum(len(example.prompt_ids) for example in batch)
        attempt.progress(Stage.evaluating, len(results), len(examples), tokens=tokens)
    results.sort(key=lambda result: result.index)
    summary = summarize(parameters.metric, results, tokens, time.monotonic() - began)

    output = attempt.new_folder('output')
    write_whole(output / RESULTS, ''.join(result.model_dump_json(exclude_none=True) + '\n' for result in results))
    write_whole(output / SUMMARY, summary.model_dump_json(indent=2) + '\n')
    folder = attempt.store(output, 'output', ManifestKind.evaluation, **base_hashes(base_folder))
    attempt.report(summary)
    return Outcome(folder=folder)


# --- the suite ---------------------------------------------------------------------------------------------------------


def read_suite(path: Path, tokenizer: PreTrainedTokenizerBase) -> Iterator[Example]:
    encoder = RowEncoder(tokenizer)
    validator = RowValidator(encoder.special_tokens)
    index = 0
    for line in LineReader(path):
        if not line.content and not line.problem:
            continue
        row, text, expected = _suite_row(line, tokenizer, validator)
        (answered,) = encoder.encode([row])
        if isinstance(answered, Problem):
            raise _invalid(line.number, answered.describe()[0])
        yield Example(index, expected, text, _prompt_ids(answered), answered)
        index += 1
    if not index:
        raise _invalid(0, 'the suite has no rows')


def _suite_row(line: Line, tokenizer: PreTrainedTokenizerBase, validator: RowValidator) -> tuple[Row, str, str]:
    """The row with its expected answer filled in, the prompt's text, and the expected text."""
    parsed = line.problem or parse(line.content)
    if isinstance(parsed, Problem):
        raise _invalid(line.number, parsed.describe()[0])
    try:
        row = (ChatSuiteRow if 'messages' in parsed else PromptSuiteRow).model_validate(parsed)
    except ValidationError as error:
        first = error.errors()[0]
        raise _invalid(line.number, f'{"/".join(map(str, first["loc"]))}: {first["msg"]}') from error
    texts = [message.content for message in row.messages] if isinstance(row, ChatSuiteRow) else [row.prompt]
    for text in (*texts, row.expected):
        if problems := validator.text_problems(text):
            raise _invalid(line.number, problems[0].describe()[0])
    if not isinstance(row, ChatSuiteRow):
        return CompletionRow(row.prompt, row.expected), row.prompt, row.expected
    if not tokenizer.chat_template:
        raise _invalid(line.number, 'this checkpoint has no chat template; use rows with prompt and expected')
    messages = [{'role': message.role.value, 'content': message.content} for message in row.messages]
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    earlier = [0 for message in messages if message['role'] == 'assistant']
    answer = {'role': 'assistant', 'content': row.expected}
    return ChatRow([*messages, answer], [*earlier, 1]), text, row.expected


def _prompt_ids(answered: EncodedRow) -> list[int]:
    first = next(position for position, label in enumerate(answered.labels) if label != IGNORED)
    return answered.input_ids[:first]


def check_context(examples: list[Example], model: PreTrainedModel, parameters: EvaluateParameters) -> None:
    """Nothing is cut: an example that does not fit is an error."""
    limit = model.config.max_position_embeddings
    for example in examples:
        new = 0 if parameters.metric == EvaluationMetric.loss else parameters.max_new_tokens
        needed = max(len(example.answered.input_ids), len(example.prompt_ids) + new)
        if needed > limit:
            raise _invalid(
                0, f'example {example.index} needs {needed} tokens with its answer, the checkpoint’s context is {limit}'
            )


def batches_by_length(examples: list[Example], size: int) -> Iterator[list[Example]]:
    """Like lengths together: less padding."""
    ordered = sorted(examples, key=lambda example: len(example.answered.input_ids))
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


# --- the model ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    text: str
    tokens: int  # the end token included, where one came
    is_cut: bool


@torch.no_grad()
def greedy_answers(model, tokenizer: PreTrainedTokenizerBase, batch: list[Example], max_new_tokens: int) -> list[Answer]:
    ends = _end_tokens(model, tokenizer)
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    width = max(len(example.prompt_ids) for example in batch)
    tokens = torch.full((len(batch), width), pad)
    attention = torch.zeros_like(tokens)
    for row, example in enumerate(batch):  # padded on the left, so that every answer begins at the same place
        tokens[row, width - len(example.prompt_ids) :] = torch.tensor(example.prompt_ids)
        attention[row, width - len(example.prompt_ids) :] = 1
    config = GenerationConfig(max_new_tokens=max_new_tokens, do_sample=False, eos_token_id=ends, pad_token_id=pad)
    tokens, attention = tokens.to(model.device), attention.to(model.device)
    generated = model.generate(input_ids=tokens, attention_mask=attention, generation_config=config)
    answers = []
    for row in generated[:, width:].tolist():
        end = next((position for position, token in enumerate(row) if token in ends), None)
        ids = row if end is None else row[: end + 1]
        text = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        answers.append(Answer(text, len(ids), is_cut=end is None))
    return answers


def _end_tokens(model, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """As the serving engine stops: at the tokenizer's end token and at those of the generation config."""
    configured = model.generation_config.eos_token_id
    configured = configured if isinstance(configured, list) else [configured]
    return sorted({tokenizer.eos_token_id, *(token for token in configured if token is not None)})


@torch.no_grad()
def losses_of(model, tokenizer: PreTrainedTokenizerBase, batch: list[Example]) -> list[tuple[float, int]]:
    """Summed negative log-likelihood of each expected answer, and its number of tokens."""
    width = max(len(example.answered.input_ids) for example in batch)
    tokens = torch.full((len(batch), width), tokenizer.eos_token_id)
    labels = torch.full((len(batch), width), IGNORED)
    attention = torch.zeros_like(tokens)
    for row, example in enumerate(batch):
        length = len(example.answered.input_ids)
        tokens[row, :length] = torch.tensor(example.answered.input_ids)
        labels[row, :length] = torch.tensor(example.answered.labels)
        attention[row, :length] = 1
    logits = model(input_ids=tokens.to(model.device), attention_mask=attention.to(model.device)).logits
    losses = torch.nn.functional.cross_entropy(
        logits[:, :-1].float().transpose(1, 2), labels[:, 1:].to(model.device), ignore_index=IGNORED, reduction='none'
    )
    counts = (labels[:, 1:] != IGNORED).sum(1)
    return list(zip(losses.sum(1).tolist(), counts.tolist()))


# --- scores ------------------------------------------------------------------------------------------------------------


def result_of(
    metric: EvaluationMetric, example: Example, loss: tuple[float, int], answer: Answer | None
) -> EvaluationResult:
    summed, count = loss
    if answer is None:
        score = summed / count
    elif metric == EvaluationMetric.exact_match:
        score = float(answer.text == example.expected)
    else:
        score = float(example.expected in answer.text)
    return EvaluationResult(
        index=example.index,
        prompt=example.text,
        expected=example.expected,
        output=answer.text if answer else None,
        score=score,
        loss=summed / count,
        expected_tokens=count,
        output_tokens=answer.tokens if answer else 0,
        cut=answer.is_cut if answer else False,
    )


def summarize(
    metric: EvaluationMetric, results: list[EvaluationResult], prompt_tokens: int, seconds: float
) -> EvaluationSummary:
    scores = [result.score for result in results]
    expected_tokens = sum(result.expected_tokens for result in results)
    mean_loss = sum(result.loss * result.expected_tokens for result in results) / expected_tokens
    return EvaluationSummary(
        schema_version=SCHEMA_VERSION,
        type='evaluation',
        metric=metric,
        n=len(results),
        score=mean_loss if metric == EvaluationMetric.loss else statistics.fmean(scores),
        standard_error=statistics.stdev(scores) / math.sqrt(len(scores)) if len(scores) > 1 else 0.0,
        mean_loss=mean_loss,
        prompt_tokens=prompt_tokens,
        output_tokens=sum(result.output_tokens for result in results),
        cut=sum(result.cut for result in results),
        seconds=round(seconds, 3),
    )


def _invalid(line: int, reason: str) -> JobFailure:
    return JobFailure(
        TrainerErrorCode.invalid_suite,
        f'line {line} of the suite: {reason}' if line else f'the suite: {reason}',
        'Correct the suite and create a new one; suites are immutable.',
    )
