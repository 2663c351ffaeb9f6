"""How long a run will still take, on made-up steps and on those of a run of the demo beside much other work."""

from __future__ import annotations

import pytest
from forkpoint_trainer.time_left import STORE_SECONDS, TimeLeft

# Seconds of 188 steps with a save after every 47th, on two cores with eight processes that wanted them: the pace halves
# and doubles as others come and go.
RECORDED = [
    *(0.6, 0.5, 1.7, 1.1, 1.7, 1.1, 1.7, 1.7, 1.6, 1.1, 1.7, 1.7, 1.7, 1.7, 1.7, 1.6, 1.1, 1.1, 1.1, 1.0, 0.8, 0.9, 0.9, 0.9),
    *(1.4, 1.2, 1.3, 1.2, 1.9, 1.7, 1.7, 1.8, 1.2, 1.1, 1.8, 1.8, 1.2, 1.9, 1.2, 1.6, 1.9, 1.1, 2.5, 1.2, 1.7, 1.2, 1.8),
    *(1.3, 1.7, 1.8, 1.9, 1.2, 1.8, 1.1, 1.0, 1.7, 0.5, 0.6, 0.9, 0.8, 1.9, 1.9, 0.6, 1.0, 1.1, 1.1, 1.5, 1.1, 0.8, 0.8),
    *(0.9, 0.8, 0.8, 0.9, 0.8, 0.8, 1.2, 1.1, 1.0, 0.8, 0.8, 1.1, 1.1, 1.2, 1.1, 1.1, 1.1, 1.6, 1.2, 1.1, 0.8, 0.8, 1.1),
    *(0.8, 0.8, 0.8, 0.6, 0.6, 0.5, 0.6, 0.9, 0.8, 1.1, 1.2, 1.2, 2.1, 1.1, 1.7, 1.1, 1.2, 0.6, 0.6, 0.6, 0.6, 0.8, 0.9),
    *(0.6, 0.5, 0.8, 0.9, 0.6, 0.6, 0.9, 0.8, 0.6, 0.5, 1.6, 1.1, 1.6, 0.8, 0.8, 1.1, 1.6, 1.7, 0.6, 1.7, 1.6, 1.1, 2.4),
    *(1.7, 2.8, 1.6, 1.8, 1.7, 2.2, 1.6, 2.2, 1.1, 1.7, 1.1, 1.6, 1.1, 1.8, 1.6, 1.0, 0.8, 0.8, 1.1, 0.3, 0.4, 1.1, 1.0),
    *(1.7, 1.1, 1.6, 1.7, 1.1, 1.1, 1.1, 1.0, 1.1, 1.1, 1.1, 1.1, 1.7, 0.8, 0.8, 1.1, 1.7, 1.1, 0.8, 0.8, 1.1, 0.8, 0.8, 0.6),
]
SAVE_SECONDS = 3.3


class Run:
    """A run on a clock of its own."""

    def __init__(self, total_steps: int, saves_every: int | None = None, validation_steps: float = 0.0, step: int = 0):
        self.now = 100.0
        self.step = step
        self.left = TimeLeft(total_steps, saves_every, validation_steps, step, clock=lambda: self.now)

    def steps(self, *durations: float) -> Run:
        for duration in durations:
            self.now += duration
            self.step += 1
            self.left.step_ended(self.step)
        return self

    def save(self, seconds: float) -> None:
        self.now += seconds
        self.left.saved()


def test_nothing_is_said_before_there_is_a_pace():
    run = Run(10)
    assert run.left.seconds() is None
    assert run.steps(1.0, 1.0, 1.0).left.seconds() is None
    assert run.steps(1.0).left.seconds() == pytest.approx(6 + STORE_SECONDS)


def test_a_run_of_a_single_step_has_its_pace_at_once():
    assert Run(1).steps(4.0).left.seconds() == pytest.approx(STORE_SECONDS)


def test_the_first_step_does_not_count():
    assert Run(10).steps(30.0, 1.0, 1.0, 1.0).left.seconds() == pytest.approx(6 + STORE_SECONDS)


def test_a_slow_step_counts_as_a_few():
    assert Run(10).steps(1.0, 30.0, 1.0, 1.0, 1.0).left.seconds() == pytest.approx(5 * (3 + 3) / 4 + STORE_SECONDS)


def test_the_pace_is_that_of_the_latest_steps():
    assert Run(300).steps(*[5.0] * 100, *[1.0] * 100).left.seconds() == pytest.approx(100 + STORE_SECONDS)


def test_saves_stand_beside_the_steps_and_the_last_step_has_none():
    run = Run(40, saves_every=10, validation_steps=10).steps(*[1.0] * 10)
    guessed = 10 * 0.3 + STORE_SECONDS
    assert run.left.seconds() == pytest.approx(30 + 3 * guessed + guessed)
    run.left.validated(4.0)
    run.save(6.0)
    assert run.left.seconds() == pytest.approx(30 + 2 * 6 + 4 + STORE_SECONDS)
    assert run.steps(1.0).left.seconds() == pytest.approx(29 + 2 * 6 + 4 + STORE_SECONDS)


def test_time_passes_without_steps_too_and_is_never_owed():
    run = Run(3).steps(1.0, 1.0, 1.0)
    run.now += 0.2
    assert run.left.seconds() == pytest.approx(STORE_SECONDS - 0.2)
    run.now += 60
    assert run.left.seconds() == 0


def test_an_attempt_that_goes_on_counts_what_is_left():
    run = Run(100, saves_every=50, step=50).steps(1.0, 1.0, 1.0, 1.0)
    assert run.left.seconds() == pytest.approx(46 + STORE_SECONDS)


def test_a_recorded_run_is_foretold_though_its_pace_is_not_one():
    run = Run(len(RECORDED), saves_every=47)
    foretold = []
    for step, duration in enumerate(RECORDED, 1):
        run.steps(duration)
        if (left := run.left.seconds()) is not None:
            foretold.append((run.now - 100, left))
        if step % 47 == 0 and step < len(RECORDED):
            run.save(SAVE_SECONDS)
    total = run.now - 100 + STORE_SECONDS
    errors = [abs(at + left - total) / total for at, left in foretold if at >= total / 5]
    assert max(errors) < 0.2
    assert sorted(errors)[len(errors) // 2] < 0.08
