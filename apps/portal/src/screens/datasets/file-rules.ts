export const ACCEPTED_FILES = '.jsonl,.json,.gz';
export const FILE_HINT = 'JSONL, one row a line: OpenAI chat or prompt and completion. Plain or .gz, up to 5 GiB.';
