"""The prepare job as a process: streams a file into exactly what training reads, or says all that is wrong."""

from __future__ import annotations

import gzip
import json

import pyarrow.parquet as pq
import pytest
from forkpoint_trainer.prepare.encoding import IGNORED
from support.jobs import POLICY, chat_line

SHORT, LONG = chat_line('hi', 'yes'), chat_line('hi', 'y' * 200)


def report_of(jobs) -> dict:
    return json.loads((jobs.stored / 'output/report.json').read_text())


def test_ready_data_is_stored_whole_with_exact_counts(jobs, micro_base, tokenizer):
    rows = [chat_line(f'question {n}', 'café') for n in range(300)]
    data = gzip.compress('\n\n'.join(rows).encode())
    policy = POLICY | {'validation_fraction': 0.2}
    finished = jobs.run('prepare', {'base': micro_base, 'dataset': {'data.jsonl.gz': data}}, {'policy': policy})

    assert finished.code == 0, finished.output
    report = report_of(jobs)
    train = pq.read_table(jobs.stored / 'output/train.parquet').to_pylist()
    validation = pq.read_table(jobs.stored / 'output/validation.parquet').to_pylist()
    assert report['outcome'] == 'ready'
    assert report['rows'] | {'read': 300, 'blank_lines': 299, 'invalid': 0} == report['rows']
    assert (report['rows']['train'], report['rows']['validation']) == (len(train), len(validation))
    assert 35 < len(validation) < 85
    assert not {row['line'] for row in train} & {row['line'] for row in validation}
    assert report['tokens']['train'] == sum(len(row['input_ids']) for row in train)
    assert report['tokens']['train_trained'] == sum(label != IGNORED for row in train for label in row['labels'])
    for row in train:
        messages = json.loads(rows[(row['line'] - 1) // 2])['messages']
        assert row['input_ids'] == tokenizer.apply_chat_template(messages, tokenize=True, return_dict=False)

    (ended,) = jobs.listener.of_type('ended')
    manifest = json.loads((jobs.stored / 'output/COMPLETE.json').read_text())
    assert ended['outcome'] == 'succeeded' and ended['folder']['manifest'] == manifest
    assert [file['path'] for file in manifest['files']] == [
        'preview.json', 'report.json', 'train.parquet', 'validation.parquet'
    ]
    assert jobs.listener.of_type('report')[0]['report'] == report
    stages = [event['stage'] for event in jobs.listener.of_type('progress')]
    assert list(dict.fromkeys(stages)) == ['starting', 'downloading', 'loading', 'preparing', 'uploading']


def test_preview_marks_the_trained_tokens(jobs, micro_base):
    messages = [
        {'role': 'user', 'content': 'a'},
        {'role': 'assistant', 'content': 'no', 'weight': 0},
        {'role': 'user', 'content': 'b'},
        {'role': 'assistant', 'content': 'é!', 'weight': 1},
    ]
    data = json.dumps({'messages': messages})
    finished = jobs.run('prepare', {'base': micro_base, 'dataset': {'d.jsonl': data}}, {'policy': POLICY})
    assert finished.code == 0, finished.output
    (row,) = json.loads((jobs.stored / 'output/preview.json').read_text())['rows']
    assert ''.join(piece['text'] for piece in row['pieces']) == (
        '<|user|>a<|end|><|assistant|>no<|end|><|user|>b<|end|><|assistant|>é!<|end|>'
    )
    assert [piece['text'] for piece in row['pieces'] if piece['trained']] == ['é', '!', '<|end|>']
    assert row['trained_tokens'] == 4  # é is two bytes, and a byte is a token here


def test_every_error_is_an_outcome_not_a_crash(jobs, micro_base):
    bad = [
        SHORT,
        '{"messages": [{"role": "user", "content": "a"}, {"role": "robot", "content": ""}]}',
        'not json',
        chat_line('<|end|>', 'x'),
    ]
    finished = jobs.run('prepare', {'base': micro_base, 'dataset': {'d.jsonl': '\n'.join(bad)}}, {'policy': POLICY})

    assert finished.code == 65, finished.output
    report = report_of(jobs)
    found = [(error['line'], error['pointer'], error['code']) for error in report['errors']['kept']]
    assert found == [
        (2, '/messages/1/role', 'invalid_role'),
        (2, '/messages/1/content', 'empty_content'),
        (3, '', 'invalid_json'),
        (4, '/messages/0/content', 'special_token_in_content'),
    ]
    assert report['outcome'] == 'invalid' and report['errors']['total'] == 4 and report['rows']['invalid'] == 3
    (ended,) = jobs.listener.of_type('ended')
    assert ended['outcome'] == 'invalid' and ended['error']['code'] == 'invalid_training_file'
    assert 'line 2 at /messages/1/role' in ended['error']['message'] and 'and 1 more' in ended['error']['message']
    assert not (jobs.stored / 'output/train.parquet').exists()
    assert (jobs.stored / 'output/COMPLETE.json').exists()


@pytest.mark.parametrize(
    ('policy', 'code', 'rows', 'train_tokens'),
    [
        ('reject', 65, {'invalid': 1, 'dropped': 0, 'truncated': 0}, 9),
        ('drop', 0, {'invalid': 0, 'dropped': 1, 'truncated': 0, 'train': 1}, 9),
        ('truncate', 0, {'invalid': 0, 'dropped': 0, 'truncated': 1, 'train': 2}, 9 + 128),
    ],
)
def test_over_long_rows_follow_the_policy_and_are_counted(jobs, micro_base, policy, code, rows, train_tokens):
    inputs = {'base': micro_base, 'dataset': {'d.jsonl': f'{SHORT}\n{LONG}\n'}}
    finished = jobs.run('prepare', inputs, {'policy': POLICY | {'over_long': policy}})
    assert finished.code == code, finished.output
    report = report_of(jobs)
    assert report['over_long'] == {'total': 1, 'lines': [2], 'validation_lines': []}
    assert report['rows'] | rows == report['rows']
    assert report['tokens']['train'] == train_tokens
    assert report['tokens']['longest_row'] == 206
    assert report['lengths'][0] == {'up_to_tokens': 16, 'rows': 1}
    assert report['lengths'][-1] == {'up_to_tokens': 256, 'rows': 1}


def test_a_file_without_rows_is_refused(jobs, micro_base):
    finished = jobs.run('prepare', {'base': micro_base, 'dataset': {'d.jsonl': '\n'}}, {'policy': POLICY})
    assert finished.code == 65, finished.output
    assert [error['code'] for error in report_of(jobs)['errors']['kept']] == ['no_rows']
