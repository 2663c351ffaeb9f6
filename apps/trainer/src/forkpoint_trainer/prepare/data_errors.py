"""What can be wrong with a row, in the words its owner reads: one line per code."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract import DataError, DataErrorCode, DataSource

# code -> (what is wrong, what to do about it); both are formatted with the problem's details
_TEXTS: dict[DataErrorCode, tuple[str, str]] = {
    DataErrorCode.content_not_text: (
        'content is {found}, not a string',
        'Give the whole content as one string; parts, images and audio cannot be trained on here.',
    ),
    DataErrorCode.duplicate_key: (
        'the key {key} occurs more than once in one object',
        'Keep one of them; JSON readers would silently use the last.',
    ),
    DataErrorCode.empty_content: ('{field} is empty', 'Fill it in, or remove the row.'),
    DataErrorCode.empty_messages: ('messages is empty', 'Give at least one user and one assistant message.'),
    DataErrorCode.gzip_corrupt: (
        'the gzip stream is damaged or cut off from here on: {reason}',
        'Compress the file again and check it with `gzip -t`; then upload it again.',
    ),
    DataErrorCode.invalid_json: (
        'not valid JSON: {reason}',
        'Write one whole JSON object per line, with no line breaks inside it.',
    ),
    DataErrorCode.invalid_role: (
        'the role {found} is not known',
        'Use system, user or assistant (instructions of a developer go into system).',
    ),
    DataErrorCode.invalid_unicode: (
        'the text holds half of a surrogate pair, which is no character',
        'Write the character itself or both halves of its \\u escape.',
    ),
    DataErrorCode.invalid_utf8: ('not valid UTF-8 at byte {offset} of the line', 'Save the file as UTF-8.'),
    DataErrorCode.invalid_weight: ('weight is {found}', 'Use 1 to train on the message or 0 to only show it.'),
    DataErrorCode.last_message_not_assistant: (
        'the last message is from {found}',
        'End the row with the assistant message to learn; what follows it would train nothing.',
    ),
    DataErrorCode.line_too_long: (
        'the line is over {limit} bytes',
        'Split the row; no context is long enough for it.',
    ),
    DataErrorCode.missing_field: ('{field} is missing', 'Add it.'),
    DataErrorCode.mixed_format: (
        'the row is {found}, but the file began as {expected}',
        'Keep one format per file.',
    ),
    DataErrorCode.no_rows: ('there is no row to {purpose}', '{fix}'),
    DataErrorCode.no_template: (
        'this checkpoint has no chat template, so chat rows cannot be rendered',
        'Use prompt and completion rows, or a checkpoint with a chat template.',
    ),
    DataErrorCode.not_an_object: ('the line is {found}, not a JSON object', 'Write one JSON object per line.'),
    DataErrorCode.nothing_to_train: (
        'no token of the row is trained on: {reason}',
        'Give at least one assistant message a weight of 1 (or none, which means 1), or remove the row.',
    ),
    DataErrorCode.over_long: (
        'the row has {tokens} tokens, {limit} are allowed',
        'Shorten it, or choose the policy drop or truncate.',
    ),
    DataErrorCode.special_token_in_content: (
        'the text contains the control token {token}',
        'Remove it or write it differently: inside content it would act as the template’s own mark.',
    ),
    DataErrorCode.template_refused: (
        'the checkpoint’s chat template refuses these messages: {reason}',
        'Order the messages as the template wants them.',
    ),
    DataErrorCode.too_large: (
        'the file unpacks to more than {limit} bytes',
        'Split it into several datasets.',
    ),
    DataErrorCode.tools_unsupported: (
        'tools and function calls are not supported by this checkpoint’s template',
        'Remove {field}, or write the call out as text.',
    ),
    DataErrorCode.unknown_field: (
        'the field {field} is not known',
        'Remove it: it would be ignored, and nothing is ignored in silence.',
    ),
    DataErrorCode.unknown_format: (
        'the row has neither messages nor prompt and completion',
        'Write {{"messages": [...]}} (OpenAI chat) or {{"prompt": "...", "completion": "..."}}.',
    ),
    DataErrorCode.weight_not_allowed: (
        'a {found} message has a weight',
        'Only assistant messages are trained on; remove the weight.',
    ),
    DataErrorCode.wrong_type: ('{field} is {found}, not {expected}', 'Write {expected}.'),
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong within a row; it becomes a DataError once source and line are known."""

    code: DataErrorCode
    pointer: str
    details: dict[str, object]

    def describe(self) -> tuple[str, str]:
        """What is wrong, and what to do about it."""
        message, fix = _TEXTS[self.code]
        return message.format(**self.details), fix.format(**self.details)

    def at(self, source: DataSource, line: int) -> DataError:
        message, fix = self.describe()
        return DataError(
            source=source,
            line=line,
            pointer=self.pointer,
            code=self.code,
            message=message,
            fix=fix,
        )


def problem(code: DataErrorCode, pointer: str = '', **details: object) -> Problem:
    return Problem(code, pointer, details)


def pointer(*segments: str | int) -> str:
    """A JSON Pointer (RFC 6901)."""
    return ''.join(f'/{str(segment).replace("~", "~0").replace("/", "~1")}' for segment in segments)


def json_type(value: object) -> str:
    """A value's JSON type as one would say it."""
    if value is None:
        return 'null'
    if isinstance(value, bool):
        return 'a boolean'
    if isinstance(value, (int, float)):
        return 'a number'
    if isinstance(value, str):
        return 'a string'
    return 'an array' if isinstance(value, list) else 'an object'
