"""The `train` job: supervised fine-tuning of a LoRA adapter on prepared rows. Read it from top to bottom.

    prepared rows + base (+ adapter to train on, or checkpoint to resume from)
        -> TRL's SFTTrainer over PEFT's LoRA
        -> metrics of every step, whole checkpoints on the way, the adapter at the end

A checkpoint is stored whole, its marker last; the next attempt goes on from the newest one. It holds the adapter,
optimizer, scheduler, random states and position, so that the run continues as if it had not been interrupted: the same
rows in the same order, the same dropout, the same losses.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import PreTrainedModel, TrainerCallback
from trl import SFTConfig, SFTTrainer

from .adapters import adapter_matches, linear_modules, load_adapter, save_adapter, write_model_card
from .attempt import Attempt, Outcome
from .base_tokenizer import base_hashes, load_tokenizer
from .contract import (
    ManifestKind,
    MetricName,
    MetricRow,
    PreparationOutcome,
    PreparationReport,
    SftLora,
    Split,
    Stage,
    TrainerErrorCode,
    TrainingReport,
    TrainSpec,
)
from .failures import JobFailure, Stopped
from .files import SCHEMA_VERSION, write_whole
from .models import device, load_base
from .prepare.encoding import IGNORED
from .prepare.prepared import REPORT, rows_file
from .time_left import TimeLeft

# What Transformers' Trainer needs to go on, beside the adapter; kept in resume/ of a stored checkpoint.
RESUME_FOLDER = 'resume'
RESUME_FILES = ('optimizer.pt', 'scheduler.pt', 'rng_state.pth', 'trainer_state.json')
TOTALS = 'totals.json'


@dataclass
class Totals:
    """What a job counts over its attempts."""

    tokens: int = 0
    trained_tokens: int = 0
    train_loss: float = 0.0


def run_train(attempt: Attempt, spec: TrainSpec) -> Outcome:
    method = spec.parameters.method
    base_folder, prepared = attempt.fetch('base'), attempt.fetch('prepared')
    adapter = attempt.fetch('adapter') if spec.inputs.adapter else None
    stored_checkpoint = attempt.fetch('resume') if spec.inputs.resume else None

    attempt.progress(Stage.loading, 0, 0)
    hashes = base_hashes(base_folder)
    check_prepared(prepared, hashes)
    rows, validation = (load_rows(prepared, split, attempt.new_folder(f'rows/{split}')) for split in Split)
    base = load_base(base_folder)
    targets = resolve_targets(base, method)
    checkpoint, totals = None, Totals()
    if stored_checkpoint:
        checkpoint, totals = unpack_checkpoint(stored_checkpoint, attempt.new_folder('resume-from'))
    model, lora = base, lora_config(method, targets)
    if start := (checkpoint or adapter):  # TRL makes a new adapter of a config, and trains on one that is there
        model, lora = load_adapter(base, start, trainable=True), None
        adapter_matches(model, method, targets)

    arguments = SFTConfig(
        output_dir=str(attempt.new_folder('trainer')),
        per_device_train_batch_size=method.batch_size,
        gradient_accumulation_steps=method.gradient_accumulation,
        num_train_epochs=method.n_epochs,
        max_steps=method.max_steps or -1,
        learning_rate=method.learning_rate,
        lr_scheduler_type='constant_with_warmup' if method.scheduler == 'constant' else method.scheduler.value,
        warmup_steps=method.warmup_steps,
        weight_decay=method.weight_decay,
        max_grad_norm=method.max_grad_norm,
        seed=method.seed,
        data_seed=method.seed,
        optim='adamw_torch',
        max_length=None,  # preparation has applied the policy; nothing is cut here
        dataset_kwargs={'skip_prepare_dataset': True},
        logging_steps=1,
        logging_nan_inf_filter=False,  # a loss that is no number ends the job instead of being smoothed over
        save_strategy='no',  # Follow decides
        save_total_limit=1,
        use_cpu=device().type == 'cpu',
        bf16=False,
        gradient_checkpointing=False,
        dataloader_pin_memory=device().type == 'cuda',
        report_to=[],
        disable_tqdm=True,
    )
    trainer = CountingTrainer(
        model=model,
        args=arguments,
        train_dataset=rows,
        processing_class=load_tokenizer(base_folder),
        peft_config=lora,
    )
    follow = Follow(attempt, spec, trainer, validation, totals, hashes)
    trainer.add_callback(follow)

    attempt.raise_if_stopping()
    resumed = json.loads((checkpoint / 'trainer_state.json').read_text())['global_step'] if checkpoint else None
    attempt.log(f'resuming after step {resumed}' if resumed else f'training on {len(rows)} rows, {len(targets)} kinds of modules')
    began = time.monotonic()
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    seconds = time.monotonic() - began
    state = trainer.state
    if attempt.is_stopping and state.global_step < state.max_steps:
        raise Stopped

    valid_loss = follow.validate(state.global_step, state.epoch)
    report = TrainingReport(
        schema_version=SCHEMA_VERSION,
        type='training',
        steps=state.global_step,
        epochs=round(state.epoch, 4),
        tokens=totals.tokens,
        trained_tokens=totals.trained_tokens,
        resumed_from_step=resumed,
        train_loss=totals.train_loss,
        valid_loss=valid_loss,
        seconds=round(seconds, 3),
        trainable_parameters=sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
        target_modules=targets,
    )
    output = attempt.new_folder('output')
    save_adapter(trainer.model, spec.parameters.base_name, output)
    write_model_card(output, spec, report, hashes)
    write_whole(output / 'training.json', report.model_dump_json(indent=2, exclude_none=True) + '\n')
    folder = attempt.store(output, 'output', ManifestKind.adapter, step=state.global_step, **hashes)
    attempt.report(report)
    return Outcome(folder=folder)


class CountingTrainer(SFTTrainer):
    """SFTTrainer that counts the tokens of each optimizer step."""

    step_tokens = 0
    step_trained_tokens = 0

    def training_step(self, model, inputs, num_items_in_batch=None):
        self.step_tokens += int(inputs['attention_mask'].sum())
        self.step_trained_tokens += int((inputs['labels'] != IGNORED).sum())
        return super().training_step(model, inputs, num_items_in_batch)


class Follow(TrainerCallback):
    """Reports each step, stores checkpoints, and stops when asked to."""

    def __init__(
        self,
        attempt: Attempt,
        spec: TrainSpec,
        trainer: CountingTrainer,
        validation: Dataset | None,
        totals: Totals,
        hashes: dict[str, str | None],
    ):
        self._attempt = attempt
        self._spec = spec
        self._method = spec.parameters.method
        self._trainer = trainer
        self._validation = validation
        self._totals = totals
        self._hashes = hashes

    def on_train_begin(self, args, state, control, **_):
        rows = len(self._validation) if self._validation else 0
        self._time_left = TimeLeft(
            state.max_steps,
            self._method.checkpoint_every_steps,
            rows / (self._method.batch_size * self._method.gradient_accumulation),
            state.global_step,
        )
        self._attempt.time_left = self._time_left.seconds

    def on_step_end(self, args, state, control, **_):
        is_last = state.global_step >= state.max_steps
        every = self._method.checkpoint_every_steps
        if self._attempt.is_stopping and not is_last:
            control.should_save = control.should_training_stop = True
        elif every and state.global_step % every == 0 and not is_last:  # the last step is the output itself
            control.should_save = True

    def on_log(self, args, state, control, logs=None, **_):
        if 'loss' not in logs:  # the summary at the end
            return
        if not math.isfinite(logs['loss']) or not math.isfinite(logs['grad_norm']):
            raise JobFailure(
                TrainerErrorCode.loss_not_finite,
                f'the loss of step {state.global_step} is {logs["loss"]}, its gradient norm {logs["grad_norm"]}',
                'Lower the learning rate or max_grad_norm, or lengthen the warm-up.',
            )
        trainer, totals = self._trainer, self._totals
        totals.tokens += trainer.step_tokens
        totals.trained_tokens += trainer.step_trained_tokens
        totals.train_loss = logs['loss']
        step = state.global_step
        values = {
            MetricName.train_loss: logs['loss'],
            MetricName.train_mean_token_accuracy: logs['mean_token_accuracy'],
            MetricName.learning_rate: logs['learning_rate'],
            MetricName.grad_norm: logs['grad_norm'],
            MetricName.tokens: trainer.step_tokens,
            MetricName.trained_tokens: trainer.step_trained_tokens,
        }
        trainer.step_tokens = trainer.step_trained_tokens = 0
        if step % self._method.logging_steps and step < state.max_steps:
            # Tokens are billed: every step has its own.
            values = {name: values[name] for name in (MetricName.tokens, MetricName.trained_tokens)}
        self._metrics(step, state.epoch, values)
        self._time_left.step_ended(step)
        self._attempt.progress(Stage.training, step, state.max_steps, tokens=totals.tokens)
        state.log_history.clear()  # it would be written into every checkpoint, longer each time

    def on_save(self, args, state, control, **_):
        step = state.global_step
        if not self._attempt.is_stopping:
            self.validate(step, state.epoch)
        saved = Path(args.output_dir) / f'checkpoint-{step}'
        folder = self._attempt.new_folder(f'checkpoints/step-{step}')
        save_adapter(self._trainer.model, self._spec.parameters.base_name, folder)
        (folder / RESUME_FOLDER).mkdir()
        for name in RESUME_FILES:
            shutil.copyfile(saved / name, folder / RESUME_FOLDER / name)
        write_whole(folder / RESUME_FOLDER / TOTALS, json.dumps(asdict(self._totals)) + '\n')
        stored = self._attempt.store(folder, f'checkpoints/step-{step}', ManifestKind.checkpoint, step=step, **self._hashes)
        self._attempt.checkpoint(step, stored)
        self._attempt.log(f'checkpoint of step {step} is stored')
        shutil.rmtree(folder)
        self._time_left.saved()

    @torch.no_grad()
    def validate(self, step: int, epoch: float) -> float | None:
        """Loss and accuracy per token over all validation rows. Draws nothing random, so training goes on unmoved."""
        if self._validation is None:
            return None
        began = time.monotonic()
        model = self._trainer.model
        loss, right, count = 0.0, 0, 0
        model.eval()
        for batch in self._validation_batches():
            logits = model(input_ids=batch['input_ids'], attention_mask=batch['attention_mask']).logits[:, :-1].float()
            targets = batch['labels'][:, 1:]
            is_trained = targets != IGNORED
            loss += torch.nn.functional.cross_entropy(logits[is_trained], targets[is_trained], reduction='sum').item()
            right += int((logits.argmax(-1)[is_trained] == targets[is_trained]).sum())
            count += int(is_trained.sum())
        model.train()
        self._time_left.validated(time.monotonic() - began)
        self._metrics(
            step, epoch, {MetricName.valid_loss: loss / count, MetricName.valid_mean_token_accuracy: right / count}
        )
        return loss / count

    def _validation_batches(self) -> Iterable[dict[str, torch.Tensor]]:
        for batch in self._validation.select_columns(['input_ids', 'labels']).iter(self._method.batch_size):
            rows = [{'input_ids': ids, 'labels': labels} for ids, labels in zip(batch['input_ids'], batch['labels'])]
            yield {name: tensor.to(device()) for name, tensor in self._trainer.data_collator(rows).items()}

    def _metrics(self, step: int, epoch: float, values: dict[MetricName, float]) -> None:
        self._attempt.metrics(
            [MetricRow(name=name, step=step, value=value, epoch=round(epoch, 6)) for name, value in values.items()]
        )


def load_rows(prepared: Path, split: Split, cache: Path) -> Dataset | None:
    path = prepared / rows_file(split)
    return Dataset.from_parquet(str(path), cache_dir=str(cache)) if path.exists() else None


def check_prepared(prepared: Path, hashes: dict[str, str | None]) -> None:
    """What was validated is what is trained: prepared with this very tokenizer and template."""
    report = PreparationReport.model_validate_json((prepared / REPORT).read_bytes())
    if report.outcome != PreparationOutcome.ready or not (prepared / rows_file(Split.train)).exists():
        reason = 'was refused when it was prepared'
    elif {name: getattr(report, name) for name in hashes} != hashes:
        reason = 'was prepared with another tokenizer or template than this base checkpoint has'
    else:
        return
    raise JobFailure(
        TrainerErrorCode.invalid_prepared_data, f'the data {reason}', 'Prepare the dataset for this checkpoint first.'
    )


def resolve_targets(model: PreTrainedModel, method: SftLora) -> list[str]:
    available = linear_modules(model)
    if method.target_modules == 'all-linear':
        return available
    targets = sorted(set(method.target_modules.root))
    if unknown := [target for target in targets if target not in available]:
        raise JobFailure(
            TrainerErrorCode.invalid_spec,
            f'target_modules names {", ".join(unknown)}, which this architecture has not',
            f'Choose among {", ".join(available)}, or all-linear.',
        )
    return targets


def lora_config(method: SftLora, targets: list[str]) -> LoraConfig:
    return LoraConfig(
        task_type='CAUSAL_LM',
        r=method.rank,
        lora_alpha=method.alpha,
        lora_dropout=method.dropout,
        use_rslora=method.rslora,
        target_modules=targets,
    )


def unpack_checkpoint(stored: Path, folder: Path) -> tuple[Path, Totals]:
    """A stored checkpoint in the shape that Transformers' Trainer resumes from."""
    try:
        for path in stored.iterdir():
            if path.is_file():
                os.link(path, folder / path.name)
        for name in RESUME_FILES:
            os.link(stored / RESUME_FOLDER / name, folder / name)
        totals = Totals(**json.loads((stored / RESUME_FOLDER / TOTALS).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise JobFailure(
            TrainerErrorCode.resume_unusable,
            f'the checkpoint to resume from is not whole: {error}',
            'Start the job again from the beginning.',
        ) from error
    return folder, totals
