"""The evaluate job as a process, against what the model says when asked directly."""

from __future__ import annotations

import json

import pytest
import torch
from transformers import Qwen3ForCausalLM

QUESTIONS = ['alpha', 'b', 'a much longer question than the others']


@pytest.fixture(scope='module')
def model(micro_base):
    return Qwen3ForCausalLM.from_pretrained(micro_base, dtype=torch.float32).eval()


def greedy(model, tokenizer, prompt: str, count: int) -> str:
    """One at a time, without a cache: the plainest way."""
    ids = tokenizer.encode(prompt, add_special_tokens=False)
    start = len(ids)
    with torch.no_grad():
        for _ in range(count):
            ids.append(int(model(torch.tensor([ids])).logits[0, -1].argmax()))
            if ids[-1] == tokenizer.eos_token_id:
                break
    return tokenizer.decode(ids[start:], skip_special_tokens=True)


def test_exact_match_of_greedy_answers(jobs, micro_base, model, tokenizer):
    prompts = [f'<|user|>{question}<|end|><|assistant|>' for question in QUESTIONS]
    answers = [greedy(model, tokenizer, prompt, 8) for prompt in prompts]
    assert 'yes' in answers
    rows = [
        {'messages': [{'role': 'user', 'content': question}], 'expected': answer}
        for question, answer in zip(QUESTIONS, answers)
    ]
    rows.append({'messages': [{'role': 'user', 'content': 'x'}], 'expected': 'surely not this'})
    suite = {'suite.jsonl': '\n'.join(map(json.dumps, rows))}
    parameters = {'metric': 'exact_match', 'max_new_tokens': 8, 'batch_size': 2}
    finished = jobs.run('evaluate', {'base': micro_base, 'suite': suite}, parameters)

    assert finished.code == 0, finished.output
    results = [json.loads(line) for line in (jobs.stored / 'output/results.jsonl').read_text().splitlines()]
    assert [result['index'] for result in results] == [0, 1, 2, 3]
    assert [result['output'] for result in results[:3]] == answers
    assert [result['score'] for result in results] == [1, 1, 1, 0]
    assert [result['prompt'] for result in results[:3]] == prompts
    summary = json.loads((jobs.stored / 'output/summary.json').read_text())
    assert summary == jobs.listener.of_type('report')[0]['report']
    assert (summary['n'], summary['score']) == (4, 0.75)
    assert summary['standard_error'] == pytest.approx(0.25)
    assert jobs.listener.events[-1]['folder']['manifest']['kind'] == 'evaluation'


def test_loss_is_the_likelihood_of_the_expected_text(jobs, micro_base, model, tokenizer):
    suite = {'suite.jsonl': '\n'.join(json.dumps({'prompt': p, 'expected': 'ok'}) for p in ('a', 'bcd'))}
    parameters = {'metric': 'loss', 'max_new_tokens': 1, 'batch_size': 2}
    finished = jobs.run('evaluate', {'base': micro_base, 'suite': suite}, parameters)

    assert finished.code == 0, finished.output
    results = [json.loads(line) for line in (jobs.stored / 'output/results.jsonl').read_text().splitlines()]
    for prompt, result in zip(('a', 'bcd'), results):
        ids = tokenizer.encode(f'{prompt}ok<|end|>', add_special_tokens=False)
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0, -4:-1]
        expected = torch.nn.functional.cross_entropy(logits, torch.tensor(ids[-3:])).item()
        assert result['loss'] == pytest.approx(expected, abs=1e-5)
        assert result['score'] == result['loss'] and 'output' not in result
    summary = json.loads((jobs.stored / 'output/summary.json').read_text())
    assert summary['score'] == pytest.approx(sum(result['loss'] for result in results) / 2)


@pytest.mark.parametrize(
    ('line', 'reason'),
    [
        ('{"prompt": "a"}', 'expected: Field required'),
        ('{"prompt": "<|end|>", "expected": "b"}', 'control token'),
        (json.dumps({'prompt': 'a' * 125, 'expected': 'b'}), 'context is 128'),
        ('', 'no rows'),
    ],
)
def test_a_suite_that_cannot_be_run_says_why(jobs, micro_base, line, reason):
    parameters = {'metric': 'contains', 'max_new_tokens': 8, 'batch_size': 2}
    finished = jobs.run('evaluate', {'base': micro_base, 'suite': {'suite.jsonl': line}}, parameters)
    assert finished.code == 70, finished.output
    error = jobs.listener.events[-1]['error']
    assert error['code'] == 'invalid_suite' and reason in error['message']
