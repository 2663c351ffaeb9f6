"""The train job as a process: killed, stopped, resumed and fenced as it happens in life."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

import pytest
from safetensors.torch import load_file
from support.jobs import METHOD, Jobs, finish

STEPS = 10  # two epochs of 18 rows, 4 rows a step
PER_STEP = ('train_loss', 'train_mean_token_accuracy', 'learning_rate', 'grad_norm', 'tokens', 'trained_tokens')
PER_CHECKPOINT = ('valid_loss', 'valid_mean_token_accuracy')


class Uninterrupted:
    """One run that nothing disturbed: what the others must equal."""

    def __init__(self, jobs: Jobs):
        self.stored = jobs.stored
        self.events = list(jobs.listener.events)
        self.metrics = {name: jobs.listener.metrics(name) for name in PER_STEP + PER_CHECKPOINT}


@pytest.fixture(scope='module')
def uninterrupted(tmp_path_factory, micro_base, prepared, nursery) -> Uninterrupted:
    from fakes.internal_listener import InternalListener

    folder = tmp_path_factory.mktemp('uninterrupted')
    listener = InternalListener(folder)
    jobs = Jobs(listener, folder, nursery)
    finished = jobs.run('train', {'base': micro_base, 'prepared': prepared}, {'base_name': 'micro', 'method': METHOD})
    assert finished.code == 0, finished.output
    listener.close()
    return Uninterrupted(jobs)


def same_weights(one: Path, other: Path) -> None:
    first, second = (load_file(folder / 'adapter_model.safetensors') for folder in (one, other))
    assert first.keys() == second.keys()
    for name in first:
        assert (first[name] - second[name]).abs().max() <= 1e-6, name


def test_metrics_checkpoints_and_output(uninterrupted, micro_base, prepared):
    metrics = uninterrupted.metrics
    for name in PER_STEP:
        assert list(metrics[name]) == list(range(1, STEPS + 1)), name
    assert list(metrics['valid_loss']) == [3, 6, 9, STEPS]
    report = json.loads((prepared / 'report.json').read_text())
    assert sum(metrics['tokens'].values()) == 2 * report['tokens']['train']
    assert sum(metrics['trained_tokens'].values()) == 2 * report['tokens']['train_trained']
    assert metrics['train_loss'][STEPS] < metrics['train_loss'][1]

    checkpoints = [event for event in uninterrupted.events if event['type'] == 'checkpoint']
    assert [event['step'] for event in checkpoints] == [3, 6, 9]
    for event in checkpoints:
        folder = uninterrupted.stored / event['folder']['prefix']
        manifest = json.loads((folder / 'COMPLETE.json').read_text())
        assert manifest == event['folder']['manifest'] and manifest['kind'] == 'checkpoint'
        paths = {file['path'] for file in manifest['files']}
        assert {'adapter_model.safetensors', 'adapter_config.json', 'resume/optimizer.pt'} <= paths

    output = uninterrupted.stored / 'output'
    ended = uninterrupted.events[-1]
    assert ended['outcome'] == 'succeeded' and ended['folder']['manifest']['step'] == STEPS
    assert {path.name for path in output.iterdir()} == {
        'COMPLETE.json', 'README.md', 'adapter_config.json', 'adapter_model.safetensors', 'training.json'
    }
    config = json.loads((output / 'adapter_config.json').read_text())
    assert config['base_model_name_or_path'] == 'micro' and config['r'] == METHOD['rank']
    training = json.loads((output / 'training.json').read_text())
    assert training['steps'] == STEPS and training['tokens'] == 2 * report['tokens']['train']
    assert training['valid_loss'] == metrics['valid_loss'][STEPS]
    assert str(uninterrupted.stored) not in (output / 'adapter_config.json').read_text()


def test_after_kill_9_in_mid_epoch_the_curve_is_the_uninterrupted_one(
    uninterrupted, jobs, micro_base, prepared, train_parameters
):
    inputs = {'base': micro_base, 'prepared': prepared}
    process = jobs.start('train', inputs, train_parameters)
    # Step 3 of 5 in the first epoch is stored; it dies somewhere after step 4.
    jobs.listener.wait_for(lambda: 4 in jobs.listener.metrics('train_loss'))
    process.kill()
    assert finish(process).code == -signal.SIGKILL
    before = jobs.listener.metrics('train_loss')
    newest = max(
        (folder for folder in (jobs.stored / 'checkpoints').iterdir() if (folder / 'COMPLETE.json').exists()),
        key=lambda folder: int(folder.name.removeprefix('step-')),
    )
    resumed_from = int(newest.name.removeprefix('step-'))
    assert resumed_from in (3, 6, 9)
    resume = jobs.folder / 'resume'
    shutil.copytree(newest, resume)

    finished = jobs.run('train', inputs | {'resume': resume}, train_parameters)
    assert finished.code == 0, finished.output
    for name in PER_STEP:
        after = jobs.listener.metrics(name)
        assert list(after) == list(range(resumed_from + 1, STEPS + 1)), name
        for step, value in after.items():
            assert value == pytest.approx(uninterrupted.metrics[name][step], abs=1e-6), (name, step)
    for step, value in before.items():
        assert value == pytest.approx(uninterrupted.metrics['train_loss'][step], abs=1e-6)
    for name in PER_CHECKPOINT:
        assert jobs.listener.metrics(name)[STEPS] == pytest.approx(uninterrupted.metrics[name][STEPS], abs=1e-6)
    same_weights(jobs.stored / 'output', uninterrupted.stored / 'output')
    (report,) = jobs.listener.of_type('report')
    assert report['report']['resumed_from_step'] == resumed_from
    assert report['report']['tokens'] == sum(uninterrupted.metrics['tokens'].values())


@pytest.mark.parametrize('by', ['signal', 'directive'])
def test_when_stopped_it_saves_and_says_resumable(uninterrupted, jobs, micro_base, prepared, train_parameters, by):
    method = {name: value for name, value in METHOD.items() if name != 'checkpoint_every_steps'}
    parameters = train_parameters | {'method': method | {'n_epochs': 40}}
    process = jobs.start('train', {'base': micro_base, 'prepared': prepared}, parameters)
    jobs.listener.wait_for(lambda: jobs.listener.metrics('train_loss'))
    if by == 'signal':
        process.terminate()
    else:
        jobs.listener.directive = 'stop'
    finished = finish(process)
    assert finished.code == 75, finished.output
    (checkpoint,) = jobs.listener.of_type('checkpoint')
    assert checkpoint['step'] == max(jobs.listener.metrics('train_loss'))
    assert jobs.listener.events[-1]['outcome'] == 'stopped'

    resume = jobs.folder / 'resume'
    shutil.copytree(jobs.stored / checkpoint['folder']['prefix'], resume)
    inputs = {'base': micro_base, 'prepared': prepared, 'resume': resume}
    short = parameters | {'method': parameters['method'] | {'max_steps': checkpoint['step'] + 2}}
    finished = jobs.run('train', inputs, short)
    assert finished.code == 0, finished.output
    assert list(jobs.listener.metrics('train_loss')) == [checkpoint['step'] + 1, checkpoint['step'] + 2]


def test_a_fenced_attempt_stops_at_once_and_stores_nothing_more(jobs, micro_base, prepared, train_parameters):
    parameters = train_parameters | {'method': METHOD | {'n_epochs': 100, 'checkpoint_every_steps': 1000}}
    process = jobs.start('train', {'base': micro_base, 'prepared': prepared}, parameters)
    jobs.listener.wait_for(lambda: jobs.listener.metrics('train_loss'))
    jobs.listener.is_stale = True
    finished = finish(process)
    assert finished.code == 76, finished.output
    assert 'another attempt has this job' in finished.output
    assert not jobs.stored.exists()
    assert not jobs.listener.of_type('ended')


def test_it_trains_an_adapter_on_in_its_own_shape_only(uninterrupted, jobs, micro_base, prepared, train_parameters):
    inputs = {'base': micro_base, 'prepared': prepared, 'adapter': uninterrupted.stored / 'output'}
    finished = jobs.run('train', inputs, train_parameters)
    assert finished.code == 0, finished.output
    first, last = uninterrupted.metrics['train_loss'][1], uninterrupted.metrics['train_loss'][STEPS]
    assert abs(jobs.listener.metrics('train_loss')[1] - last) < abs(jobs.listener.metrics('train_loss')[1] - first)

    finished = jobs.run('train', inputs, train_parameters | {'method': METHOD | {'rank': 8}})
    assert finished.code == 70, finished.output
    ended = jobs.listener.events[-1]
    assert ended['error']['code'] == 'adapter_mismatch' and 'rank is 4, asked for is 8' in ended['error']['message']


def test_rows_prepared_for_another_tokenizer_are_refused(jobs, micro_base, prepared, train_parameters, tmp_path):
    other = tmp_path / 'other'
    shutil.copytree(prepared, other)
    report = json.loads((other / 'report.json').read_text()) | {'template_sha256': '0' * 64}
    (other / 'report.json').write_text(json.dumps(report))
    finished = jobs.run('train', {'base': micro_base, 'prepared': other}, train_parameters)
    assert finished.code == 70, finished.output
    assert jobs.listener.events[-1]['error']['code'] == 'invalid_prepared_data'


def test_a_loss_that_is_no_number_ends_the_job(jobs, micro_base, prepared, train_parameters):
    method = METHOD | {'learning_rate': 1e30, 'max_grad_norm': 1e30, 'warmup_steps': 0}
    finished = jobs.run('train', {'base': micro_base, 'prepared': prepared}, train_parameters | {'method': method})
    assert finished.code == 70, finished.output
    assert jobs.listener.events[-1]['error']['code'] == 'loss_not_finite'
