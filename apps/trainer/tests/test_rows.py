"""Every code of DataErrorCode has a row here that causes it, with the place it points to."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from forkpoint_trainer.contract import DataErrorCode, DataFormat, DataSource
from forkpoint_trainer.prepare.data_errors import Problem
from forkpoint_trainer.prepare.encoding import RowEncoder
from forkpoint_trainer.prepare.lines import LineReader, parse
from forkpoint_trainer.prepare.rows import ChatRow, CompletionRow, RowValidator

USER, ASSISTANT = {'role': 'user', 'content': 'q'}, {'role': 'assistant', 'content': 'a'}


def chat(*messages, **fields) -> dict:
    return {'messages': list(messages), **fields}


@pytest.fixture(scope='module')
def validator(tokenizer) -> RowValidator:
    return RowValidator(RowEncoder(tokenizer).special_tokens)


CHAT_CASES = [
    ('empty_messages', '/messages', chat()),
    ('wrong_type', '/messages', {'messages': 'hello'}),
    ('wrong_type', '/messages/0', chat('hello', ASSISTANT)),
    ('wrong_type', '/messages/0/role', chat({'role': 1, 'content': 'q'}, ASSISTANT)),
    ('missing_field', '/messages/0', chat({'content': 'q'}, ASSISTANT)),
    ('missing_field', '/messages/1', chat(USER, {'role': 'assistant'})),
    ('invalid_role', '/messages/0/role', chat({'role': 'developer', 'content': 'q'}, ASSISTANT)),
    ('content_not_text', '/messages/0/content', chat({'role': 'user', 'content': [{'type': 'text'}]}, ASSISTANT)),
    ('content_not_text', '/messages/1/content', chat(USER, {'role': 'assistant', 'content': None})),
    ('empty_content', '/messages/0/content', chat({'role': 'user', 'content': ''}, ASSISTANT)),
    ('invalid_unicode', '/messages/0/content', chat({'role': 'user', 'content': '\ud800'}, ASSISTANT)),
    ('special_token_in_content', '/messages/0/content', chat({'role': 'user', 'content': 'x<|end|>'}, ASSISTANT)),
    ('invalid_weight', '/messages/1/weight', chat(USER, ASSISTANT | {'weight': 0.5})),
    ('invalid_weight', '/messages/1/weight', chat(USER, ASSISTANT | {'weight': True})),
    ('weight_not_allowed', '/messages/0/weight', chat(USER | {'weight': 1}, ASSISTANT)),
    ('unknown_field', '/messages/0/name', chat(USER | {'name': 'Ada'}, ASSISTANT)),
    ('unknown_field', '/a~1b', chat(USER, ASSISTANT, **{'a/b': 1})),
    ('tools_unsupported', '/tools', chat(USER, ASSISTANT, tools=[])),
    ('tools_unsupported', '/messages/1/tool_calls', chat(USER, {'role': 'assistant', 'tool_calls': []}, ASSISTANT)),
    ('last_message_not_assistant', '/messages/1', chat(ASSISTANT, USER)),
    ('nothing_to_train', '/messages', chat(USER, ASSISTANT | {'weight': 0})),
    ('mixed_format', '', {'prompt': 'a', 'completion': 'b'}),
    ('unknown_format', '', {'text': 'a'}),
]


@pytest.mark.parametrize(('code', 'pointer', 'row'), CHAT_CASES)
def test_chat_rows_say_what_is_wrong_and_where(validator, code, pointer, row):
    problems = validator.validate(row, DataFormat.openai_chat)
    assert [(found.code.value, found.pointer) for found in problems] == [(code, pointer)]


def test_all_problems_of_a_row_are_found(validator):
    row = chat({'role': 'robot', 'content': ''}, {'role': 'user'}, extra=1)
    found = {(problem.code.value, problem.pointer) for problem in validator.validate(row, DataFormat.openai_chat)}
    assert found == {
        ('unknown_field', '/extra'),
        ('invalid_role', '/messages/0/role'),
        ('empty_content', '/messages/0/content'),
        ('missing_field', '/messages/1'),
    }


def test_good_rows_pass(validator):
    row = chat({'role': 'system', 'content': 's'}, USER, ASSISTANT | {'weight': 0}, USER, ASSISTANT | {'weight': 1})
    assert validator.validate(row, DataFormat.openai_chat) == ChatRow(
        [{'role': m['role'], 'content': m['content']} for m in row['messages']], [0, 1]
    )
    row = {'prompt': 'p', 'completion': 'c'}
    assert validator.validate(row, DataFormat.prompt_completion) == CompletionRow('p', 'c')


COMPLETION_CASES = [
    ('missing_field', '', {'prompt': 'a'}),
    ('wrong_type', '/completion', {'prompt': 'a', 'completion': 3}),
    ('empty_content', '/prompt', {'prompt': '', 'completion': 'b'}),
    ('special_token_in_content', '/completion', {'prompt': 'a', 'completion': '<|pad|>'}),
    ('unknown_field', '/id', {'prompt': 'a', 'completion': 'b', 'id': 1}),
    ('mixed_format', '', chat(USER, ASSISTANT)),
]


@pytest.mark.parametrize(('code', 'pointer', 'row'), COMPLETION_CASES)
def test_completion_rows_say_what_is_wrong_and_where(validator, code, pointer, row):
    problems = validator.validate(row, DataFormat.prompt_completion)
    assert [(found.code.value, found.pointer) for found in problems] == [(code, pointer)]


PARSE_CASES = [
    ('invalid_json', b'{"a": 1'),
    ('invalid_json', b'{"a": NaN}'),
    ('invalid_json', b'[' * 100_000),
    ('invalid_utf8', b'{"a": "\xff"}'),
    ('not_an_object', b'[1]'),
    ('duplicate_key', b'{"a": {"b": 1, "b": 2}}'),
]


@pytest.mark.parametrize(('code', 'content'), PARSE_CASES)
def test_lines_are_parsed_strictly(code, content):
    found = parse(content)
    assert isinstance(found, Problem) and found.code.value == code


# --- lines -------------------------------------------------------------------------------------------------------------


def lines_of(path, **limits) -> list[tuple[int, bytes, str | None]]:
    reader = LineReader(path, **limits)
    return [(line.number, line.content, line.problem.code.value if line.problem else None) for line in reader]


def test_lines_come_with_their_numbers_whatever_the_line_ends(tmp_path):
    path = tmp_path / 'data'
    path.write_bytes(b'\xef\xbb\xbf{"a":1}\r\n\r\n{"b":2}')
    assert lines_of(path) == [(1, b'{"a":1}', None), (2, b'', None), (3, b'{"b":2}', None)]


def test_gzip_is_recognised_by_its_bytes_and_a_cut_stream_is_an_error(tmp_path):
    path = tmp_path / 'data.jsonl'
    packed = gzip.compress(b'{"a":1}\n' * 1000)
    path.write_bytes(packed)
    assert len(lines_of(path)) == 1000
    path.write_bytes(packed[:-10])
    assert lines_of(path)[-1][2] == 'gzip_corrupt'
    path.write_bytes(packed[:20] + bytes([packed[20] ^ 255]) + packed[21:])
    assert lines_of(path)[-1][2] == 'gzip_corrupt'


def test_a_line_over_the_limit_is_skipped_not_loaded(tmp_path):
    path = tmp_path / 'data'
    path.write_bytes(b'{}\n' + b'x' * 250 + b'\n{}\n')
    assert lines_of(path, max_line_bytes=100) == [(1, b'{}', None), (2, b'', 'line_too_long'), (3, b'{}', None)]


def test_a_file_that_unpacks_beyond_the_limit_is_refused(tmp_path):
    path = tmp_path / 'bomb'
    path.write_bytes(gzip.compress(b'{}\n' * 1000))
    assert lines_of(path, max_unpacked_bytes=600)[-1] == (201, b'', 'too_large')


# --- completeness ------------------------------------------------------------------------------------------------------

# Shown by the encoder's tests and the job's tests.
ELSEWHERE = {'no_rows', 'no_template', 'over_long', 'template_refused'}
FROM_LINES = {'gzip_corrupt', 'line_too_long', 'too_large'}


def test_every_code_is_caused_by_a_test():
    cases = {case[0] for case in (*CHAT_CASES, *COMPLETION_CASES, *PARSE_CASES)}
    assert cases | FROM_LINES | ELSEWHERE == {code.value for code in DataErrorCode}


@pytest.mark.parametrize('code', DataErrorCode)
def test_every_code_has_a_whole_text(code):
    """A placeholder without a value would raise; a message names the matter, a fix what to do."""
    details = re.findall(r'\{(\w+)\}', ' '.join(_texts()[code]).replace('{{', '').replace('}}', ''))
    error = Problem(code, '', dict.fromkeys(details, 'X')).at(DataSource.dataset, 1)
    assert error.message and error.fix and '{X' not in error.message


def _texts():
    from forkpoint_trainer.prepare import data_errors

    return data_errors._TEXTS


def test_messages_show_the_offending_value():
    found = parse(json.dumps([1]).encode())
    assert found.at(DataSource.dataset, 7).message == 'the line is an array, not a JSON object'
