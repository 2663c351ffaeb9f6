# Generated from libs/messages/src/trainer by `npm run generate`; do not edit.
from __future__ import annotations

from enum import Enum, StrEnum
from typing import Annotated, Any, Dict, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel
from typing_extensions import TypeAliasType


class TrainerContract(RootModel[Any]):
    root: Annotated[Any, Field(title='TrainerContract')]


class AttemptOutcome(StrEnum):
    """
    invalid: the data is at fault, said in the report; stopped: saved and resumable
    """

    succeeded = 'succeeded'
    invalid = 'invalid'
    failed = 'failed'
    stopped = 'stopped'


class Role(StrEnum):
    system = 'system'
    user = 'user'
    assistant = 'assistant'


class ChatMessage(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    role: Role
    content: Annotated[str, Field(min_length=1)]


class ChatSuiteRow(BaseModel):
    """
    A chat up to the answer, and the expected answer
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    expected: Annotated[str, Field(min_length=1)]


class DataErrorCode(StrEnum):
    content_not_text = 'content_not_text'
    duplicate_key = 'duplicate_key'
    empty_content = 'empty_content'
    empty_messages = 'empty_messages'
    gzip_corrupt = 'gzip_corrupt'
    invalid_json = 'invalid_json'
    invalid_role = 'invalid_role'
    invalid_unicode = 'invalid_unicode'
    invalid_utf8 = 'invalid_utf8'
    invalid_weight = 'invalid_weight'
    last_message_not_assistant = 'last_message_not_assistant'
    line_too_long = 'line_too_long'
    missing_field = 'missing_field'
    mixed_format = 'mixed_format'
    no_rows = 'no_rows'
    no_template = 'no_template'
    not_an_object = 'not_an_object'
    nothing_to_train = 'nothing_to_train'
    over_long = 'over_long'
    special_token_in_content = 'special_token_in_content'
    template_refused = 'template_refused'
    too_large = 'too_large'
    tools_unsupported = 'tools_unsupported'
    unknown_field = 'unknown_field'
    unknown_format = 'unknown_format'
    weight_not_allowed = 'weight_not_allowed'
    wrong_type = 'wrong_type'


class DataFormat(StrEnum):
    openai_chat = 'openai_chat'
    prompt_completion = 'prompt_completion'


class DataSource(StrEnum):
    dataset = 'dataset'
    validation = 'validation'


class EvaluationMetric(StrEnum):
    """
    exact_match and contains: greedy output against expected (1 or 0); loss: mean negative log-likelihood of expected
    """

    exact_match = 'exact_match'
    contains = 'contains'
    loss = 'loss'


class EvaluationResult(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    index: Annotated[int, Field(description='Row of the suite, from 0', ge=0)]
    prompt: Annotated[
        str, Field(description='The text the model was given, template included')
    ]
    expected: str
    output: Annotated[
        str | None, Field(description='Greedy answer; absent for the metric loss')
    ] = None
    score: float
    loss: Annotated[
        float,
        Field(
            description='Mean negative log-likelihood per token of expected and its end token'
        ),
    ]
    expected_tokens: Annotated[int, Field(ge=0)]
    output_tokens: Annotated[int, Field(ge=0)]
    cut: Annotated[
        bool,
        Field(description='The answer reached max_new_tokens without an end token'),
    ]


class EvaluationSummary(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    schema_version: Literal[1]
    type: Literal['evaluation']
    metric: EvaluationMetric
    n: Annotated[int, Field(ge=1)]
    score: Annotated[
        float,
        Field(
            description='Mean of the scores; for loss the mean over tokens, lower is better'
        ),
    ]
    standard_error: Annotated[float, Field(ge=0.0)]
    mean_loss: Annotated[
        float, Field(description='Per expected token, over all examples', ge=0.0)
    ]
    prompt_tokens: Annotated[int, Field(ge=0)]
    output_tokens: Annotated[int, Field(ge=0)]
    cut: Annotated[int, Field(ge=0)]
    seconds: Annotated[float, Field(ge=0.0)]


class Directive(StrEnum):
    """
    stop: save, report stopped, exit resumable
    """

    continue_ = 'continue'
    stop = 'stop'


class EventsResponse(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    acknowledged: Annotated[
        int, Field(description='Every event up to this number is durable', ge=0)
    ]
    directive: Annotated[
        Directive | None,
        Field(description='stop: save, report stopped, exit resumable'),
    ] = None


class InputName(StrEnum):
    base = 'base'
    adapter = 'adapter'
    dataset = 'dataset'
    validation = 'validation'
    prepared = 'prepared'
    suite = 'suite'
    resume = 'resume'


class JobLimits(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    threads: Annotated[
        int, Field(description='Compute threads the trainer starts', ge=1)
    ]
    memory_bytes: Annotated[
        int, Field(description='Held by the driver; stated here for the record', ge=1)
    ]
    wall_seconds: Annotated[
        int, Field(description='Held by the driver; stated here for the record', ge=1)
    ]


class LearningRateScheduler(StrEnum):
    """
    Shape after warm-up; linear and cosine end at 0
    """

    constant = 'constant'
    linear = 'linear'
    cosine = 'cosine'


class LengthBin(BaseModel):
    """
    Rows longer than the bin before and not over up_to_tokens
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    up_to_tokens: Annotated[int, Field(ge=1)]
    rows: Annotated[int, Field(ge=0)]


class Level(StrEnum):
    info = 'info'
    warn = 'warn'
    error = 'error'


class LogEvent(BaseModel):
    """
    For the person who follows the job
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    number: Annotated[int, Field(ge=1)]
    at: Annotated[
        str,
        Field(
            description='Trainer’s clock, UTC; for people, never for ordering',
            pattern='^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))T(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?(?:Z))$',
        ),
    ]
    type: Literal['log']
    level: Level
    message: Annotated[str, Field(max_length=4000, min_length=1)]


class ManifestKind(StrEnum):
    """
    preparation: prepared rows and report; checkpoint: intermediate adapter with resume state; adapter: final adapter; evaluation: results
    """

    preparation = 'preparation'
    checkpoint = 'checkpoint'
    adapter = 'adapter'
    evaluation = 'evaluation'


class MetricName(StrEnum):
    """
    tokens and trained_tokens are of this step alone, padding left out: their sum over steps is what is billed
    """

    train_loss = 'train_loss'
    train_mean_token_accuracy = 'train_mean_token_accuracy'
    learning_rate = 'learning_rate'
    grad_norm = 'grad_norm'
    tokens = 'tokens'
    trained_tokens = 'trained_tokens'
    valid_loss = 'valid_loss'
    valid_mean_token_accuracy = 'valid_mean_token_accuracy'


class MetricRow(BaseModel):
    """
    A later attempt that runs the step again replaces the row (name, step)
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    name: MetricName
    step: Annotated[int, Field(ge=1)]
    value: float
    epoch: Annotated[float | None, Field(ge=0.0)] = None


class MetricsEvent(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    number: Annotated[int, Field(ge=1)]
    at: Annotated[
        str,
        Field(
            description='Trainer’s clock, UTC; for people, never for ordering',
            pattern='^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))T(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?(?:Z))$',
        ),
    ]
    type: Literal['metrics']
    rows: Annotated[list[MetricRow], Field(max_length=1000, min_length=1)]


class OverLongPolicy(StrEnum):
    """
    What happens to a row over max_tokens: reject = a data error, drop and truncate = done and counted
    """

    reject = 'reject'
    drop = 'drop'
    truncate = 'truncate'


class PreparationOutcome(StrEnum):
    ready = 'ready'
    invalid = 'invalid'


class PreparationPolicy(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    over_long: OverLongPolicy
    max_tokens: Annotated[
        int, Field(description='Longest row in tokens, template included', ge=2)
    ]
    validation_fraction: Annotated[
        float,
        Field(
            description='Share of rows set apart for validation; 0 when a validation file is given',
            ge=0.0,
            le=0.5,
        ),
    ]
    seed: Annotated[
        int, Field(description='Chooses the validation rows', ge=0, le=2147483647)
    ]


ByCodeAdditionalProperty = TypeAliasType(
    "ByCodeAdditionalProperty", Annotated[int, Field(ge=0)]
)


class OverLong(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    total: Annotated[int, Field(ge=0)]
    lines: Annotated[
        list[int],
        Field(description='Lines of the dataset, first ones', max_length=1000),
    ]
    validation_lines: Annotated[list[int], Field(max_length=1000)]


class PrepareParameters(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    policy: PreparationPolicy


class PreviewPiece(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    text: Annotated[str, Field(description='Readable text of the tokens')]
    token_ids: Annotated[
        list[int], Field(description='More than one where a character needs them all')
    ]
    trained: Annotated[bool, Field(description='The loss is taken on these tokens')]
    special: Annotated[
        bool, Field(description='A control token that the template wrote')
    ]


class Split(StrEnum):
    train = 'train'
    validation = 'validation'


class PreviewRow(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    line: Annotated[int, Field(ge=1)]
    split: Split
    tokens: Annotated[int, Field(ge=0)]
    trained_tokens: Annotated[int, Field(ge=0)]
    truncated: bool
    pieces: Annotated[
        list[PreviewPiece], Field(description='The first MAX_PREVIEW_TOKENS tokens')
    ]


class Stage(StrEnum):
    starting = 'starting'
    downloading = 'downloading'
    loading = 'loading'
    preparing = 'preparing'
    training = 'training'
    evaluating = 'evaluating'
    uploading = 'uploading'


class ProgressEvent(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    number: Annotated[int, Field(ge=1)]
    at: Annotated[
        str,
        Field(
            description='Trainer’s clock, UTC; for people, never for ordering',
            pattern='^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))T(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?(?:Z))$',
        ),
    ]
    type: Literal['progress']
    stage: Stage
    step: Annotated[
        int,
        Field(
            description='Bytes for downloading, uploading and preparing; examples; optimizer steps',
            ge=0,
        ),
    ]
    total_steps: Annotated[int, Field(ge=0)]
    tokens: Annotated[int, Field(description='Tokens read so far by the job', ge=0)]
    seconds_left: Annotated[
        float | None,
        Field(description='Absent until there is a rate to tell from', ge=0.0),
    ] = None


class PromptSuiteRow(BaseModel):
    """
    A plain prompt, and the expected continuation
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    prompt: Annotated[str, Field(min_length=1)]
    expected: Annotated[str, Field(min_length=1)]


class ReadUrl(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
        regex_engine="python-re",
    )
    input: InputName
    path: Annotated[
        str,
        Field(
            description='Relative path of portable characters, `/` between segments, no `.` or `..` segment',
            max_length=512,
            min_length=1,
            pattern='^(?!\\.{1,2}(?:\\/|$))[A-Za-z0-9_.@+=-]+(?:\\/(?!\\.{1,2}(?:\\/|$))[A-Za-z0-9_.@+=-]+)*$',
        ),
    ]
    url: str


class RowCounts(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    read: Annotated[
        int, Field(description='Rows in the files, blank lines left out', ge=0)
    ]
    blank_lines: Annotated[int, Field(ge=0)]
    invalid: Annotated[int, Field(description='Rows with at least one error', ge=0)]
    dropped: Annotated[
        int, Field(description='Over-long rows left out by the policy', ge=0)
    ]
    truncated: Annotated[
        int, Field(description='Over-long rows cut by the policy', ge=0)
    ]
    train: Annotated[int, Field(ge=0)]
    validation: Annotated[int, Field(ge=0)]


class TargetModules(RootModel[list[str]]):
    root: Annotated[list[str], Field(min_length=1)]


class SftLora(BaseModel):
    """
    Supervised fine-tuning of a LoRA adapter (TRL SFTTrainer + PEFT)
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['sft_lora']
    rank: Annotated[int, Field(ge=1, le=512)]
    alpha: Annotated[float, Field(gt=0.0)]
    target_modules: Literal['all-linear'] | TargetModules
    dropout: Annotated[float, Field(ge=0.0, lt=1.0)]
    rslora: Annotated[
        bool, Field(description='Scale by alpha / sqrt(rank) instead of alpha / rank')
    ]
    learning_rate: Annotated[float, Field(gt=0.0)]
    scheduler: LearningRateScheduler
    warmup_steps: Annotated[int, Field(ge=0)]
    batch_size: Annotated[int, Field(description='Rows per forward pass', ge=1)]
    gradient_accumulation: Annotated[
        int, Field(description='Forward passes per optimizer step', ge=1)
    ]
    n_epochs: Annotated[float, Field(gt=0.0, le=100.0)]
    max_steps: Annotated[
        int | None, Field(description='Ends training early when reached', ge=1)
    ] = None
    seed: Annotated[int, Field(ge=0, le=2147483647)]
    weight_decay: Annotated[float, Field(ge=0.0)]
    max_grad_norm: Annotated[float, Field(gt=0.0)]
    logging_steps: Annotated[
        int,
        Field(description='Metrics are reported at every n-th step and the last', ge=1),
    ]
    checkpoint_every_steps: Annotated[
        int | None,
        Field(
            description='Whole intermediate checkpoints; absent: only when stopped',
            ge=1,
        ),
    ] = None


class SuiteRow(RootModel[ChatSuiteRow | PromptSuiteRow]):
    root: ChatSuiteRow | PromptSuiteRow


class TokenCounts(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    train: Annotated[
        int,
        Field(
            description='Tokens of one epoch, template included: what training reads and what is billed',
            ge=0,
        ),
    ]
    train_trained: Annotated[
        int, Field(description='Of these, tokens the loss is taken on', ge=0)
    ]
    validation: Annotated[int, Field(ge=0)]
    validation_trained: Annotated[int, Field(ge=0)]
    longest_row: Annotated[
        int, Field(description='Longest row before the policy was applied', ge=0)
    ]
    removed: Annotated[
        int, Field(description='Tokens that dropping and truncation took away', ge=0)
    ]


class TrainParameters(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    base_name: Annotated[
        str,
        Field(
            description='Checkpoint name, for adapter_config.json and the model card',
            min_length=1,
        ),
    ]
    method: Annotated[
        SftLora,
        Field(description='The only method so far; others will join by their `type`'),
    ]


class TrainerErrorCode(StrEnum):
    adapter_mismatch = 'adapter_mismatch'
    base_unusable = 'base_unusable'
    download_failed = 'download_failed'
    hash_mismatch = 'hash_mismatch'
    internal_error = 'internal_error'
    invalid_prepared_data = 'invalid_prepared_data'
    invalid_spec = 'invalid_spec'
    invalid_suite = 'invalid_suite'
    invalid_training_file = 'invalid_training_file'
    loss_not_finite = 'loss_not_finite'
    resume_unusable = 'resume_unusable'
    upload_failed = 'upload_failed'


class TrainerExitCode(Enum):
    """
    done: outcome succeeded; data_error: outcome invalid; resumable: saved, run again; fenced: nothing reported
    """

    done = 0
    bad_spec = 64
    data_error = 65
    internal = 70
    resumable = 75
    fenced = 76


class TrainerFile(BaseModel):
    """
    One immutable file, named by path and content
    """

    model_config = ConfigDict(
        extra='forbid',
        regex_engine="python-re",
    )
    path: Annotated[
        str,
        Field(
            description='Relative path of portable characters, `/` between segments, no `.` or `..` segment',
            max_length=512,
            min_length=1,
            pattern='^(?!\\.{1,2}(?:\\/|$))[A-Za-z0-9_.@+=-]+(?:\\/(?!\\.{1,2}(?:\\/|$))[A-Za-z0-9_.@+=-]+)*$',
        ),
    ]
    bytes: Annotated[int, Field(ge=0, le=5368709120)]
    sha256: Annotated[
        str,
        Field(
            description='SHA-256 of the bytes, lower-case hex', pattern='^[0-9a-f]{64}$'
        ),
    ]


class Error(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    __annotations__ = {
        '__pydantic_extra__': Dict[str, Any],
    }
    code: str
    message: str


class TrainerRefusal(BaseModel):
    """
    Any answer of 400 and above; code stale_attempt comes with 409
    """

    model_config = ConfigDict(
        extra='allow',
    )
    __annotations__ = {
        '__pydantic_extra__': Dict[str, Any],
    }
    error: Error


class TrainingReport(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    schema_version: Literal[1]
    type: Literal['training']
    steps: Annotated[int, Field(ge=0)]
    epochs: Annotated[float, Field(ge=0.0)]
    tokens: Annotated[
        int,
        Field(
            description='Tokens read over all steps of the job, padding left out', ge=0
        ),
    ]
    trained_tokens: Annotated[int, Field(ge=0)]
    resumed_from_step: Annotated[
        int | None, Field(description='Absent: this attempt began at step 0', ge=1)
    ] = None
    train_loss: Annotated[float, Field(description='Loss of the last step')]
    valid_loss: float | None = None
    seconds: Annotated[
        float, Field(description='Training loop of this attempt', ge=0.0)
    ]
    trainable_parameters: Annotated[int, Field(ge=0)]
    target_modules: Annotated[
        list[str], Field(description='As resolved on this architecture')
    ]


class UrlRead(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
        regex_engine="python-re",
    )
    input: InputName
    path: Annotated[
        str,
        Field(
            description='Relative path of portable characters, `/` between segments, no `.` or `..` segment',
            max_length=512,
            min_length=1,
            pattern='^(?!\\.{1,2}(?:\\/|$))[A-Za-z0-9_.@+=-]+(?:\\/(?!\\.{1,2}(?:\\/|$))[A-Za-z0-9_.@+=-]+)*$',
        ),
    ]


class UrlRequest(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    reads: Annotated[list[UrlRead], Field(max_length=200)]
    writes: Annotated[
        list[TrainerFile],
        Field(description='Paths under the attempt’s own prefix', max_length=200),
    ]


class WriteUrl(BaseModel):
    """
    PUT the bytes to url with exactly these headers
    """

    model_config = ConfigDict(
        extra='forbid',
        regex_engine="python-re",
    )
    path: Annotated[
        str,
        Field(
            description='Relative path of portable characters, `/` between segments, no `.` or `..` segment',
            max_length=512,
            min_length=1,
            pattern='^(?!\\.{1,2}(?:\\/|$))[A-Za-z0-9_.@+=-]+(?:\\/(?!\\.{1,2}(?:\\/|$))[A-Za-z0-9_.@+=-]+)*$',
        ),
    ]
    url: str
    headers: dict[str, str]


class DataError(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    source: DataSource
    line: Annotated[
        int, Field(description='From 1; 0 when the whole file is meant', ge=0)
    ]
    pointer: Annotated[
        str,
        Field(
            description='JSON Pointer (RFC 6901) into the line; empty for the whole line'
        ),
    ]
    code: DataErrorCode
    message: Annotated[str, Field(description='What is wrong')]
    fix: Annotated[str, Field(description='What to do about it')]


class EvaluateInputs(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    base: Annotated[list[TrainerFile], Field(min_length=1)]
    adapter: Annotated[list[TrainerFile] | None, Field(min_length=1)] = None
    suite: Annotated[
        list[TrainerFile],
        Field(description='JSONL of SuiteRow', max_length=1, min_length=1),
    ]


class EvaluateParameters(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    metric: EvaluationMetric
    max_new_tokens: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]


class EvaluateSpec(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    schema_version: Literal[1]
    job_id: Annotated[str, Field(min_length=1)]
    attempt_id: Annotated[str, Field(min_length=1)]
    attempt: Annotated[
        int, Field(description='Number of the attempt: the fencing token', ge=1)
    ]
    api_url: Annotated[str, Field(description='Origin of the internal listener')]
    heartbeat_seconds: Annotated[
        float, Field(description='Longest silence between two posts of events', gt=0.0)
    ]
    limits: JobLimits
    kind: Literal['evaluate']
    inputs: EvaluateInputs
    parameters: EvaluateParameters


class Manifest(BaseModel):
    """
    Content of COMPLETE.json: all of the folder’s other files are stored
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    schema_version: Literal[1]
    kind: ManifestKind
    job_id: str
    attempt: Annotated[int, Field(ge=1)]
    step: Annotated[
        int | None,
        Field(description='Optimizer step, for checkpoint and adapter', ge=1),
    ] = None
    tokenizer_sha256: Annotated[
        str | None,
        Field(
            description='SHA-256 of the base checkpoint’s tokenizer.json',
            pattern='^[0-9a-f]{64}$',
        ),
    ] = None
    template_sha256: Annotated[
        str | None,
        Field(
            description='SHA-256 of the base checkpoint’s chat_template.jinja',
            pattern='^[0-9a-f]{64}$',
        ),
    ] = None
    files: Annotated[
        list[TrainerFile],
        Field(
            description='Every file of the folder but the marker, sorted by path',
            min_length=1,
        ),
    ]


class PreparationPreview(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    schema_version: Literal[1]
    rows: list[PreviewRow]


class Errors(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    total: Annotated[int, Field(ge=0)]
    by_code: dict[DataErrorCode, ByCodeAdditionalProperty]
    kept: Annotated[
        list[DataError],
        Field(description='In order of source and line', max_length=1000),
    ]


class PreparationReport(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    schema_version: Literal[1]
    type: Literal['preparation']
    outcome: PreparationOutcome
    format: Annotated[DataFormat | None, Field(description='Absent if no row told')] = (
        None
    )
    policy: PreparationPolicy
    tokenizer_sha256: Annotated[
        str,
        Field(
            description='SHA-256 of the bytes, lower-case hex', pattern='^[0-9a-f]{64}$'
        ),
    ]
    template_sha256: Annotated[
        str | None,
        Field(
            description='SHA-256 of the bytes, lower-case hex', pattern='^[0-9a-f]{64}$'
        ),
    ] = None
    rows: RowCounts
    tokens: TokenCounts
    errors: Errors
    over_long: OverLong
    lengths: list[LengthBin]


class PrepareInputs(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    base: Annotated[
        list[TrainerFile],
        Field(
            description='Of the base checkpoint at least tokenizer.json and tokenizer_config.json',
            min_length=1,
        ),
    ]
    dataset: Annotated[
        list[TrainerFile],
        Field(description='JSONL, plain or gzip', max_length=1, min_length=1),
    ]
    validation: Annotated[
        list[TrainerFile] | None,
        Field(description='JSONL, plain or gzip', max_length=1, min_length=1),
    ] = None


class PrepareSpec(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    schema_version: Literal[1]
    job_id: Annotated[str, Field(min_length=1)]
    attempt_id: Annotated[str, Field(min_length=1)]
    attempt: Annotated[
        int, Field(description='Number of the attempt: the fencing token', ge=1)
    ]
    api_url: Annotated[str, Field(description='Origin of the internal listener')]
    heartbeat_seconds: Annotated[
        float, Field(description='Longest silence between two posts of events', gt=0.0)
    ]
    limits: JobLimits
    kind: Literal['prepare']
    inputs: PrepareInputs
    parameters: PrepareParameters


class StoredFolder(BaseModel):
    """
    A whole folder: its marker is stored, so everything in the manifest is
    """

    model_config = ConfigDict(
        extra='forbid',
        regex_engine="python-re",
    )
    prefix: Annotated[
        str,
        Field(
            description='Folder under the attempt’s prefix: `output` or `checkpoints/step-<n>`',
            max_length=512,
            min_length=1,
            pattern='^(?!\\.{1,2}(?:\\/|$))[A-Za-z0-9_.@+=-]+(?:\\/(?!\\.{1,2}(?:\\/|$))[A-Za-z0-9_.@+=-]+)*$',
        ),
    ]
    manifest: Manifest
    manifest_sha256: Annotated[
        str,
        Field(
            description='SHA-256 of the stored COMPLETE.json', pattern='^[0-9a-f]{64}$'
        ),
    ]


class TrainInputs(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    base: Annotated[list[TrainerFile], Field(min_length=1)]
    prepared: Annotated[
        list[TrainerFile],
        Field(description='The files of a preparation’s manifest', min_length=1),
    ]
    adapter: Annotated[
        list[TrainerFile] | None,
        Field(
            description='Adapter to train on: same rank, targets and scaling as asked for',
            min_length=1,
        ),
    ] = None
    resume: Annotated[
        list[TrainerFile] | None,
        Field(
            description='Newest whole intermediate checkpoint of an earlier attempt of this job; wins over adapter',
            min_length=1,
        ),
    ] = None


class TrainSpec(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    schema_version: Literal[1]
    job_id: Annotated[str, Field(min_length=1)]
    attempt_id: Annotated[str, Field(min_length=1)]
    attempt: Annotated[
        int, Field(description='Number of the attempt: the fencing token', ge=1)
    ]
    api_url: Annotated[str, Field(description='Origin of the internal listener')]
    heartbeat_seconds: Annotated[
        float, Field(description='Longest silence between two posts of events', gt=0.0)
    ]
    limits: JobLimits
    kind: Literal['train']
    inputs: TrainInputs
    parameters: TrainParameters


class TrainerError(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    code: TrainerErrorCode
    message: Annotated[str, Field(max_length=4000, min_length=1)]
    fix: Annotated[str, Field(description='What to do about it', max_length=1000)]
    retryable: Annotated[
        bool, Field(description='Another attempt may succeed unchanged')
    ]


class UrlResponse(BaseModel):
    """
    In the order asked for
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    reads: list[ReadUrl]
    writes: list[WriteUrl]


class CheckpointEvent(BaseModel):
    """
    An intermediate checkpoint is stored whole: it can be served and resumed from
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    number: Annotated[int, Field(ge=1)]
    at: Annotated[
        str,
        Field(
            description='Trainer’s clock, UTC; for people, never for ordering',
            pattern='^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))T(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?(?:Z))$',
        ),
    ]
    type: Literal['checkpoint']
    step: Annotated[int, Field(ge=1)]
    folder: StoredFolder


class EndedEvent(BaseModel):
    """
    The last event of an attempt
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    number: Annotated[int, Field(ge=1)]
    at: Annotated[
        str,
        Field(
            description='Trainer’s clock, UTC; for people, never for ordering',
            pattern='^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))T(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?(?:Z))$',
        ),
    ]
    type: Literal['ended']
    outcome: AttemptOutcome
    folder: Annotated[
        StoredFolder | None,
        Field(
            description='The output folder: always for succeeded and invalid preparations'
        ),
    ] = None
    error: Annotated[
        TrainerError | None, Field(description='Always for invalid and failed')
    ] = None


class JobSpec(RootModel[PrepareSpec | TrainSpec | EvaluateSpec]):
    root: Annotated[
        PrepareSpec | TrainSpec | EvaluateSpec,
        Field(
            description='One attempt of one compute job, as given to the trainer in a file',
            discriminator='kind',
        ),
    ]


class ReportEvent(BaseModel):
    """
    The result in figures; for a preparation with the first errors only
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    number: Annotated[int, Field(ge=1)]
    at: Annotated[
        str,
        Field(
            description='Trainer’s clock, UTC; for people, never for ordering',
            pattern='^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))T(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?(?:Z))$',
        ),
    ]
    type: Literal['report']
    report: Annotated[
        PreparationReport | TrainingReport | EvaluationSummary,
        Field(discriminator='type'),
    ]


class EventsRequest(BaseModel):
    model_config = ConfigDict(
        extra='forbid',
    )
    first_number: Annotated[
        int,
        Field(
            description='Number of the first event, or of the next one when there are none',
            ge=1,
        ),
    ]
    events: Annotated[
        list[Annotated[LogEvent | ProgressEvent | MetricsEvent | CheckpointEvent | ReportEvent | EndedEvent, Field(discriminator='type')]],
        Field(
            description='Consecutive numbers from first_number; none: a heartbeat',
            max_length=500,
        ),
    ]
