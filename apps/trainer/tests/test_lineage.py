"""The base lineage: its text, its data, and a pretraining run that can be stopped anywhere."""

from __future__ import annotations

import json
import random
import re
import shutil
from contextlib import nullcontext

import pytest
import torch
from forkpoint_trainer.files import COMPLETENESS_MARKER
from forkpoint_trainer.lineage.corpus import (
    HELD_OUT_VOCABULARY,
    HELD_OUT_WORDS,
    KNOWN_VOCABULARY,
    TYPES,
    WORDS,
    evaluation_pairs,
    pretraining_document,
    training_pairs,
)
from forkpoint_trainer.lineage.demo_data import write_demo_data
from forkpoint_trainer.lineage.precision import InFloat32, multiplies_bfloat16
from forkpoint_trainer.lineage.pretrain import Recipe, batch, learning_rate_factor, pretrain
from safetensors.torch import load_file

TINY = Recipe(
    tokens=12 * 2 * 32,
    rows_per_step=2,
    tokens_per_row=32,
    hidden_size=32,
    layers=1,
    heads=1,
    feed_forward_size=64,
    warmup_steps=2,
    checkpoint_shares=(0.25, 0.5, 1.0),
)


def test_nothing_held_out_is_in_the_training_data():
    training, held_out = training_pairs(1500), evaluation_pairs(200)
    assert len({pair.ada for pair in training}) == 1500
    assert not {pair.ada for pair in training} & {pair.ada for pair in held_out}

    def two_word_names(pairs) -> set[str]:
        return {name for pair in pairs for name in re.findall(r'[A-Z][a-z]+_[A-Z][a-z]+', pair.ada)} - {'Long_Integer'}

    assert not two_word_names(training) & two_word_names(held_out)
    assert not set(WORDS) & set(HELD_OUT_WORDS)
    words = {word for pair in training for word in re.findall(r'[a-z]+', pair.ada.lower())}
    assert not words & set(HELD_OUT_WORDS)
    assert len(evaluation_pairs(200, HELD_OUT_VOCABULARY)) == 200


def test_pretraining_never_shows_ada_with_rust():
    rng = random.Random(3)
    documents = [pretraining_document(rng) for _ in range(3000)]
    rust = [text for text in documents if re.search(r'\bfn |let |i32|u32|f64', text)]
    assert len(rust) > 100
    assert not [text for text in rust if ':=' in text or 'procedure' in text or text.startswith('<|user|>')]


ADA_WORDS = set('type is record end function return procedure subtype constant array of true false'.split())


def test_a_declaration_has_the_same_names_and_numbers_in_all_three():
    def flat(text: str) -> str:
        return text.lower().replace('_', '')

    types = {flat(name) for name in TYPES}
    for pair in evaluation_pairs(500, KNOWN_VOCABULARY, seed=4):
        names = {flat(name) for name in re.findall(r'[A-Za-z_]{2,}', pair.ada)} - ADA_WORDS - types
        numbers = set(re.findall(r'\d+', pair.ada.replace('1 ..', '')))
        assert names
        for other in (pair.c, pair.rust):
            assert all(part in flat(other) for part in names | numbers), pair


def test_the_demonstration_data_is_in_the_formats_of_the_contract(tmp_path):
    files = write_demo_data(tmp_path)
    train = [json.loads(line) for line in files['train'].read_text().splitlines()]
    assert len(train) == 1500 and [m['role'] for m in train[0]['messages']] == ['user', 'assistant']
    for name in ('evaluation', 'evaluation-held-out-words'):
        rows = [json.loads(line) for line in files[name].read_text().splitlines()]
        assert len(rows) == 200 and set(rows[0]) == {'messages', 'expected'}


def test_a_batch_depends_on_seed_and_step_alone():
    assert batch(TINY, 5).equal(batch(TINY, 5))
    assert not batch(TINY, 5).equal(batch(TINY, 6))
    assert batch(TINY, 5).shape == (2, 33)


def test_the_learning_rate_warms_up_holds_and_decays():
    recipe = Recipe()
    factors = [learning_rate_factor(recipe, step) for step in range(1, recipe.steps + 1)]
    assert factors[0] == 1 / 50 and max(factors) == 1.0 and factors[recipe.steps // 2] == 1.0
    assert factors[-1] == 0.02
    assert factors[-400:] == sorted(factors[-400:], reverse=True)


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path):
    whole, stopped = tmp_path / 'whole', tmp_path / 'stopped'
    whole.mkdir()
    folders = pretrain(TINY, whole, say=lambda _: None)
    assert [folder.name for folder in folders] == ['step-000003', 'step-000006', 'step-000012']
    for folder in folders:
        manifest = json.loads((folder / COMPLETENESS_MARKER).read_text())
        paths = {file['path'] for file in manifest['files']}
        assert {'model.safetensors', 'tokenizer.json', 'chat_template.jinja', 'model_card.json'} <= paths
        assert {'optimizer/muon.safetensors', 'optimizer/adamw.safetensors'} <= paths

    # As kill -9 leaves it: a checkpoint half written, the log ahead of the newest whole one.
    shutil.copytree(whole, stopped)
    (stopped / 'step-000012' / COMPLETENESS_MARKER).unlink()
    said: list[str] = []
    pretrain(TINY, stopped, say=said.append)
    assert said[0] == 'continuing after step 6'
    assert (stopped / 'log.jsonl').read_text() == (whole / 'log.jsonl').read_text()
    one, other = (load_file(root / 'step-000012/model.safetensors') for root in (whole, stopped))
    assert all(one[name].equal(other[name]) for name in one)


@pytest.mark.parametrize('state', ['built', 'of another recipe', 'foreign'])
def test_the_command_builds_once_and_never_deletes_what_is_not_its_own(tmp_path, monkeypatch, capsys, state):
    from forkpoint_trainer.lineage import __main__ as command

    monkeypatch.setattr('forkpoint_trainer.lineage.pretrain.Recipe', lambda: TINY)
    out = tmp_path / 'lineage'
    arguments = ['--out', str(out)]
    if state == 'foreign':
        out.mkdir()
        (out / 'thesis.txt').write_text('mine')
        assert command.main(arguments) == 64
        assert (out / 'thesis.txt').exists()
        return
    assert command.main(arguments) == 0
    built = (out / 'lineage.json').stat().st_mtime_ns
    index = json.loads((out / 'lineage.json').read_text())
    assert [card['step'] for card in index['checkpoints']] == [3, 6, 12]
    if state == 'of another recipe':
        (out / 'key').write_text('x')
    assert command.main(arguments) == 0
    assert ((out / 'lineage.json').stat().st_mtime_ns == built) == (state == 'built')
    assert ('is built already' in capsys.readouterr().out) == (state == 'built')


@pytest.mark.parametrize(
    ('capabilities', 'expected'),
    [
        ({'avx2': True, 'avx512_bf16': False, 'amx_bf16': False}, False),
        ({'avx512_f': True, 'avx512_bf16': True}, True),
        ({'amx_bf16': True}, True),
        ({'architecture': 'aarch64', 'bf16': True}, True),
        ({}, False),
    ],
)
def test_bfloat16_is_used_where_there_are_instructions_for_it(capabilities, expected):
    assert multiplies_bfloat16(capabilities) is expected


def test_muon_updates_by_the_same_in_either_precision():
    def updated(precision):
        torch.manual_seed(0)
        weight = torch.nn.Parameter(torch.randn(8, 16))
        weight.grad = torch.randn(8, 16)
        gradient, before = weight.grad.clone(), weight.detach().clone()
        muon = torch.optim.Muon([weight], lr=1.0, weight_decay=0.0, adjust_lr_fn='original')
        with precision:
            muon.step()
        assert torch.equal(weight.grad, gradient)
        return weight.detach() - before

    in_bfloat16, in_float32 = updated(nullcontext()), updated(InFloat32())
    assert not torch.equal(in_bfloat16, in_float32)
    assert (in_bfloat16 - in_float32).abs().max() < 0.03
