"""Is a row what it claims to be? Validation of the two formats; all problems of a row are found, not the first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..contract import DataErrorCode, DataFormat
from .data_errors import Problem, json_type, pointer, problem
from .lines import has_lone_surrogate

ROLES = ('system', 'user', 'assistant')
_TOOL_FIELDS = ('tools', 'functions', 'parallel_tool_calls')
_TOOL_MESSAGE_FIELDS = ('tool_calls', 'tool_call_id', 'function_call')


@dataclass(frozen=True)
class ChatRow:
    messages: list[dict[str, str]]  # role and content alone, as the template gets them
    weights: list[int]  # of the assistant messages, in order


@dataclass(frozen=True)
class CompletionRow:
    prompt: str
    completion: str


Row = ChatRow | CompletionRow


def detect_format(row: dict[str, object]) -> DataFormat | None:
    if 'messages' in row:
        return DataFormat.openai_chat
    if 'prompt' in row or 'completion' in row:
        return DataFormat.prompt_completion
    return None


class RowValidator:
    """Knows the checkpoint's control tokens; turns parsed rows into ChatRow and CompletionRow."""

    def __init__(self, special_tokens: list[str]):
        alternatives = '|'.join(map(re.escape, sorted(special_tokens, key=len, reverse=True)))
        self._special = re.compile(alternatives) if special_tokens else None

    def validate(self, row: dict[str, object], expected: DataFormat) -> Row | list[Problem]:
        found = detect_format(row)
        if found is None:
            return [problem(DataErrorCode.unknown_format)]
        if found != expected:
            return [problem(DataErrorCode.mixed_format, found=found.value, expected=expected.value)]
        return self._chat(row) if expected == DataFormat.openai_chat else self._completion(row)

    # --- prompt and completion ---------------------------------------------------------------------------------------

    def _completion(self, row: dict[str, object]) -> CompletionRow | list[Problem]:
        problems = _unknown_fields(row, {'prompt', 'completion'})
        for field in ('prompt', 'completion'):
            if field not in row:
                problems.append(problem(DataErrorCode.missing_field, field=field))
            else:
                problems += self._text(row[field], DataErrorCode.wrong_type, field)
        if problems:
            return problems
        return CompletionRow(str(row['prompt']), str(row['completion']))

    # --- OpenAI chat -------------------------------------------------------------------------------------------------

    def _chat(self, row: dict[str, object]) -> ChatRow | list[Problem]:
        problems = _unknown_fields(row, {'messages', *_TOOL_FIELDS})
        problems += [problem(DataErrorCode.tools_unsupported, pointer(f), field=f) for f in _TOOL_FIELDS if f in row]
        messages = row['messages']
        if not isinstance(messages, list):
            wrong = problem(
                DataErrorCode.wrong_type, '/messages', field='messages', found=json_type(messages), expected='an array'
            )
            return [*problems, wrong]
        if not messages:
            return [*problems, problem(DataErrorCode.empty_messages, '/messages')]
        for index, message in enumerate(messages):
            problems += self._message(message, index)
        if problems:
            return problems

        if messages[-1]['role'] != 'assistant':
            last = pointer('messages', len(messages) - 1)
            return [problem(DataErrorCode.last_message_not_assistant, last, found=messages[-1]['role'])]
        weights = [message.get('weight', 1) for message in messages if message['role'] == 'assistant']
        if not any(weights):
            reason = 'every assistant message has a weight of 0'
            return [problem(DataErrorCode.nothing_to_train, '/messages', reason=reason)]
        return ChatRow([{'role': m['role'], 'content': m['content']} for m in messages], weights)

    def _message(self, message: object, index: int) -> list[Problem]:
        at = ('messages', index)
        if not isinstance(message, dict):
            found = json_type(message)
            return [problem(DataErrorCode.wrong_type, pointer(*at), field='message', found=found, expected='an object')]
        problems = _unknown_fields(message, {'role', 'content', 'weight', *_TOOL_MESSAGE_FIELDS}, *at)
        problems += [
            problem(DataErrorCode.tools_unsupported, pointer(*at, field), field=field)
            for field in _TOOL_MESSAGE_FIELDS
            if field in message
        ]
        role = message.get('role')
        if 'role' not in message:
            problems.append(problem(DataErrorCode.missing_field, pointer(*at), field='role'))
        elif not isinstance(role, str):
            where = pointer(*at, 'role')
            problems.append(
                problem(DataErrorCode.wrong_type, where, field='role', found=json_type(role), expected='a string')
            )
        elif role not in ROLES:
            problems.append(problem(DataErrorCode.invalid_role, pointer(*at, 'role'), found=repr(role)))

        if 'content' in message:
            problems += self._text(message['content'], DataErrorCode.content_not_text, *at, 'content')
        elif not any(field in message for field in _TOOL_MESSAGE_FIELDS):
            problems.append(problem(DataErrorCode.missing_field, pointer(*at), field='content'))
        if 'weight' in message:
            problems += _weight(message['weight'], role, *at, 'weight')
        return problems

    # --- both --------------------------------------------------------------------------------------------------------

    def _text(self, value: object, wrong_type: DataErrorCode, *at: str | int) -> list[Problem]:
        where, field = pointer(*at), at[-1]
        if not isinstance(value, str):
            return [problem(wrong_type, where, field=field, found=json_type(value), expected='a string')]
        if not value:
            return [problem(DataErrorCode.empty_content, where, field=field)]
        return self.text_problems(value, where)

    def text_problems(self, text: str, where: str = '') -> list[Problem]:
        """What no text may hold, whoever wrote it."""
        if has_lone_surrogate(text):
            return [problem(DataErrorCode.invalid_unicode, where)]
        if self._special and (match := self._special.search(text)):
            return [problem(DataErrorCode.special_token_in_content, where, token=match.group())]
        return []


def _unknown_fields(row: dict[str, object], known: set[str], *at: str | int) -> list[Problem]:
    return [problem(DataErrorCode.unknown_field, pointer(*at, f), field=repr(f)) for f in row if f not in known]


def _weight(weight: object, role: object, *at: str | int) -> list[Problem]:
    if isinstance(weight, bool) or weight not in (0, 1):
        return [problem(DataErrorCode.invalid_weight, pointer(*at), found=repr(weight))]
    if role in ROLES and role != 'assistant':
        return [problem(DataErrorCode.weight_not_allowed, pointer(*at), found=role)]
    return []
