"""How long a training run will still take, by its own clock, until its trainer has nothing left to do.

    left = steps left x pace + saves left x a save + the ending (final validation, export and upload)

The pace is the mean of the latest steps, for a sum is wanted and a mean of parts gives sums. The first one, whose warm-up does
not come again, is none of them; one far slower than its neighbours, beside a burst of other work, counts no more than a few.
Saves with their validation stand between steps and are counted by themselves. Until one was seen, a validation is taken
for so many steps as it has rows to run forward only, and the storing of what came out for a moment.

What the platform does after that, and what it thinks before the first step, is in libs/fine-tuning/src/finish-estimate.ts.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from statistics import fmean, median

LATEST_STEPS = 64
# Not before a few steps are there to tell an outlier from.
FEWEST_STEPS = 3
# A step counts for at most so many times the median one.
SLOWEST_SHARE = 3.0
# Forward alone, beside forward, backward and the optimizer.
FORWARD_SHARE = 0.3
STORE_SECONDS = 0.5


class TimeLeft:
    def __init__(
        self,
        total_steps: int,
        saves_every: int | None,
        validation_steps: float,
        step: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ):
        """From now on. `validation_steps`: the rows to validate on, in steps of as many rows; `step`: where it goes on."""
        self._total_steps = total_steps
        self._saves_every = saves_every
        self._validation_steps = validation_steps
        self._clock = clock
        self._first_seconds: float | None = None
        self._durations: deque[float] = deque(maxlen=LATEST_STEPS)
        self._validation_seconds: float | None = None
        self._save_seconds: float | None = None
        self._step = self._saved_step = step
        self._mark = clock()

    def step_ended(self, step: int) -> None:
        passed = self._passed()
        if self._first_seconds is None:
            self._first_seconds = passed
        else:
            self._durations.append(passed)
        self._step = step

    def validated(self, seconds: float) -> None:
        self._validation_seconds = seconds

    def saved(self) -> None:
        """After a step: its validation and the storing of its checkpoint are over."""
        self._save_seconds = self._passed()
        self._saved_step = self._step

    def seconds(self) -> float | None:
        """None until there is a pace to tell from."""
        pace = self._pace()
        if pace is None:
            return None
        since_step = self._clock() - self._mark
        left = (self._total_steps - self._step) * pace + self._saves_left() * self._save(pace) + self._ending(pace)
        return max(0.0, left - since_step)

    def _passed(self) -> float:
        now = self._clock()
        passed, self._mark = now - self._mark, now
        return passed

    def _pace(self) -> float | None:
        if len(self._durations) < FEWEST_STEPS and self._step < self._total_steps:
            return None
        if not self._durations:
            return self._first_seconds
        longest = SLOWEST_SHARE * median(self._durations)
        return fmean(min(duration, longest) for duration in self._durations)

    def _saves_left(self) -> int:
        """The last step is the output itself."""
        if not self._saves_every:
            return 0
        return max(0, (self._total_steps - 1) // self._saves_every - self._saved_step // self._saves_every)

    def _validation(self, pace: float) -> float:
        if self._validation_seconds is not None:
            return self._validation_seconds
        return self._validation_steps * pace * FORWARD_SHARE

    def _save(self, pace: float) -> float:
        return self._save_seconds if self._save_seconds is not None else self._ending(pace)

    def _ending(self, pace: float) -> float:
        return self._validation(pace) + STORE_SECONDS
