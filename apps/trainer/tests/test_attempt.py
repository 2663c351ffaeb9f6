"""The attempt around the job: specs, transport, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

from forkpoint_trainer.contract import EndedEvent, JobSpec, PrepareSpec, TrainerExitCode, TrainSpec
from support.jobs import METHOD, POLICY, chat_line, finish

DATA = {'d.jsonl': chat_line('hi', 'yes')}


def spec(**changes) -> dict:
    file = {'path': 'a/b.json', 'bytes': 1, 'sha256': '0' * 64}
    return {
        'schema_version': 1,
        'job_id': 'cjob_1',
        'attempt_id': 'att_1',
        'attempt': 1,
        'kind': 'train',
        'api_url': 'http://127.0.0.1:1',
        'heartbeat_seconds': 5,
        'limits': {'threads': 1, 'memory_bytes': 1, 'wall_seconds': 1},
        'inputs': {'base': [file], 'prepared': [file]},
        'parameters': {'base_name': 'b', 'method': METHOD},
        **changes,
    }


def test_a_spec_survives_the_round_trip():
    parsed = JobSpec.model_validate(spec())
    assert isinstance(parsed.root, TrainSpec)
    assert json.loads(parsed.model_dump_json(exclude_none=True)) == spec()
    prepare = spec(kind='prepare', inputs={'base': spec()['inputs']['base'], 'dataset': spec()['inputs']['base']})
    assert isinstance(JobSpec.model_validate(prepare | {'parameters': {'policy': POLICY}}).root, PrepareSpec)


def test_the_names_of_outcomes_and_codes_are_those_of_the_contract():
    ended = {'number': 1, 'at': '2026-01-01T00:00:00.000Z', 'type': 'ended', 'outcome': 'stopped'}
    assert EndedEvent.model_validate(ended).model_dump(exclude_none=True) == ended
    assert {code.name: code.value for code in TrainerExitCode} == {
        'done': 0, 'bad_spec': 64, 'data_error': 65, 'internal': 70, 'resumable': 75, 'fenced': 76
    }


def test_a_spec_that_is_not_understood_ends_with_its_own_code(tmp_path):
    bad = [
        spec(schema_version=2),
        spec(kind='dream'),
        spec(inputs={'base': [{'path': '../secrets', 'bytes': 1, 'sha256': '0' * 64}], 'prepared': []}),
        spec(parameters={'base_name': 'b', 'method': METHOD | {'rank': 0}}),
        spec(extra=1),
    ]
    for number, content in enumerate(bad):
        file = tmp_path / f'{number}.json'
        file.write_text(json.dumps(content))
        command = [sys.executable, '-m', 'forkpoint_trainer', '--spec', file, '--work', tmp_path / 'work']
        finished = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert finished.returncode == 64, content
        assert 'is not a job spec' in finished.stderr


def test_it_waits_out_a_listener_that_is_down_for_a_while(jobs, micro_base):
    jobs.listener.failures_left = 4
    finished = jobs.run('prepare', {'base': micro_base, 'dataset': DATA}, {'policy': POLICY})
    assert finished.code == 0, finished.output
    assert [event['number'] for event in jobs.listener.events] == list(range(1, len(jobs.listener.events) + 1))


def test_events_are_on_disk_as_they_were_posted(jobs, micro_base):
    finished = jobs.run('prepare', {'base': micro_base, 'dataset': DATA}, {'policy': POLICY})
    assert finished.code == 0, finished.output
    log = (jobs.folder / 'work-1/events.jsonl').read_text().splitlines()
    assert [json.loads(line) for line in log] == jobs.listener.events


def test_silence_is_filled_with_heartbeats(jobs, micro_base):
    process = jobs.start('prepare', {'base': micro_base, 'dataset': DATA}, {'policy': POLICY}, heartbeat_seconds=0.005)
    assert finish(process).code == 0
    assert jobs.listener.heartbeats > 0


def test_inputs_with_other_bytes_are_refused(jobs, micro_base):
    inputs = {'base': micro_base, 'dataset': DATA}
    files = {name: jobs.give(name, source) for name, source in inputs.items()}
    files['dataset'][0]['sha256'] = '0' * 64
    finished = jobs.run('prepare', files, {'policy': POLICY})
    assert finished.code == 70, finished.output
    assert jobs.listener.events[-1]['error']['code'] == 'hash_mismatch'


def test_inputs_are_fetched_once_and_kept_by_content(jobs, micro_base):
    def reads() -> int:
        return sum(path.endswith('/urls') for path in jobs.listener.requests)

    assert jobs.run('prepare', {'base': micro_base, 'dataset': DATA}, {'policy': POLICY}).code == 0
    first = reads()
    assert jobs.run('prepare', {'base': micro_base, 'dataset': DATA}, {'policy': POLICY}).code == 0
    written = len(list((jobs.stored / 'output').iterdir()))
    assert reads() - first == written
    assert first > written


def test_a_wrong_token_ends_the_attempt(jobs, micro_base, monkeypatch):
    monkeypatch.setattr('support.jobs.TOKEN', 'another')
    finished = jobs.run('prepare', {'base': micro_base, 'dataset': DATA}, {'policy': POLICY})
    assert finished.code == 70
    assert 'bad_token' in finished.output


def test_a_stop_where_nothing_is_to_be_saved_is_resumable_at_once(jobs, micro_base):
    big = {'d.jsonl': '\n'.join(chat_line(f'question {n}', 'answer ' * 10) for n in range(200_000))}
    process = jobs.start('prepare', {'base': micro_base, 'dataset': big}, {'policy': POLICY})
    jobs.listener.wait_for(lambda: any(event.get('stage') == 'preparing' for event in jobs.listener.events))
    os.kill(process.pid, signal.SIGTERM)
    finished = finish(process)
    assert finished.code == 75, finished.output
    assert jobs.listener.events[-1]['outcome'] == 'stopped'
    assert not jobs.stored.exists()
