"""One pretraining run that leaves checkpoints from early to final. Read it from top to bottom.

Every batch is a pure function of (seed, step), so a run that was stopped goes on from its newest whole checkpoint without
having to know what it had drawn before.
"""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import torch
import torch.nn.functional as F
from transformers import Qwen3Config, Qwen3ForCausalLM

from ..files import COMPLETENESS_MARKER, files_under, sha256_of, write_whole
from .corpus import HELD_OUT_VOCABULARY, KNOWN_VOCABULARY, Vocabulary, declaration, pretraining_document
from .optimizer_state import load_optimizers, save_optimizers
from .precision import InFloat32, multiplies_bfloat16
from .tokenizer import BOS, END, PAD, VOCABULARY_SIZE, encode, make_tokenizer

# As many bytes: declarations are shorter, and what does not end is cut.
SAMPLE_TOKENS = 96


@dataclass(frozen=True)
class Recipe:
    """What the run is; nothing else decides the weights (but for the rounding of another machine)."""

    family: str = 'forge-1'
    tokens: int = 4_000_000
    rows_per_step: int = 16
    tokens_per_row: int = 128
    hidden_size: int = 128
    layers: int = 3
    heads: int = 4  # head size 32: the smallest that vLLM's CPU kernels serve
    feed_forward_size: int = 384
    context_length: int = 512
    matrix_learning_rate: float = 0.02  # Muon, on the matrices
    other_learning_rate: float = 3e-3  # AdamW, on embeddings and norms
    warmup_steps: int = 50
    decay_share: float = 0.25
    checkpoint_shares: tuple[float, ...] = (0.08, 0.2, 0.35, 0.55, 0.75, 1.0)
    seed: int = 0

    @property
    def steps(self) -> int:
        return self.tokens // (self.rows_per_step * self.tokens_per_row)

    @property
    def checkpoint_steps(self) -> list[int]:
        return [max(1, round(self.steps * share)) for share in self.checkpoint_shares]

    def checkpoint_name(self, step: int) -> str:
        return f'{self.family}-pretrain-{step:06d}'


def pretrain(recipe: Recipe, out: Path, say: Callable[[str], None]) -> list[Path]:
    """Runs or continues the run; returns the checkpoint folders, early to final."""
    torch.manual_seed(recipe.seed)
    tokenizer = make_tokenizer(recipe.context_length)
    model = Qwen3ForCausalLM(architecture(recipe))
    matrices = {n: p for n, p in model.named_parameters() if p.ndim == 2 and 'embed' not in n}
    others = {n: p for n, p in model.named_parameters() if n not in matrices}
    muon = torch.optim.Muon(
        list(matrices.items()), lr=recipe.matrix_learning_rate, momentum=0.95, weight_decay=0.01, adjust_lr_fn='original'
    )
    adamw = torch.optim.AdamW(list(others.items()), lr=recipe.other_learning_rate, betas=(0.9, 0.95), weight_decay=0.0)
    optimizers = {'muon': muon, 'adamw': adamw}
    peak = {'muon': recipe.matrix_learning_rate, 'adamw': recipe.other_learning_rate}

    first = 0
    for step in recipe.checkpoint_steps:
        folder = out / f'step-{step:06d}'
        if not (folder / COMPLETENESS_MARKER).exists():
            break
        first = step
    if first:
        folder = out / f'step-{first:06d}'
        model.load_state_dict(Qwen3ForCausalLM.from_pretrained(folder, dtype=torch.float32).state_dict())
        load_optimizers(optimizers, model, folder / 'optimizer')
        say(f'continuing after step {first}')

    log = _open_log(out / 'log.jsonl', first)
    in_bfloat16 = multiplies_bfloat16(torch.cpu.get_capabilities())
    update_precision = nullcontext if in_bfloat16 else InFloat32
    say(f'matrices are multiplied in {"bfloat16" if in_bfloat16 else "float32"}')
    model.train()
    started = said = time.monotonic()
    losses: list[float] = []
    durations: list[float] = []
    for step in range(first + 1, recipe.steps + 1):
        began = time.monotonic()
        tokens = batch(recipe, step)
        factor = learning_rate_factor(recipe, step)
        for name, optimizer in optimizers.items():
            for group in optimizer.param_groups:
                group['lr'] = peak[name] * factor

        with torch.autocast('cpu', torch.bfloat16, enabled=in_bfloat16):  # parameters stay in float32
            logits = model(input_ids=tokens[:, :-1], use_cache=False).logits
        loss = F.cross_entropy(logits.float().flatten(0, 1), tokens[:, 1:].flatten())
        loss.backward()
        gradient_norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        with update_precision():
            for optimizer in optimizers.values():
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)

        losses.append(loss.item())
        durations.append(time.monotonic() - began)
        record = {'step': step, 'loss': round(losses[-1], 5), 'gradient_norm': round(gradient_norm.item(), 5), 'factor': factor}
        log.write(json.dumps(record) + '\n')
        if step in recipe.checkpoint_steps:
            log.flush()
            mean_loss = sum(losses[-50:]) / len(losses[-50:])
            # What the machine gives when little else runs on it.
            pace = recipe.rows_per_step * recipe.tokens_per_row / quantiles(durations, n=10)[0]
            card = save_checkpoint(recipe, out, step, mean_loss, pace, model, tokenizer, optimizers)
            say(f'step {step}: checkpoint {card["name"]}, loss {mean_loss:.3f}, copies {card["probes"]}')
        if time.monotonic() - said > 2 or step == recipe.steps:
            said = time.monotonic()
            rate = (step - first) / (said - started)
            per_second = rate * recipe.rows_per_step * recipe.tokens_per_row
            left = (recipe.steps - step) / rate
            say(f'step {step}/{recipe.steps}  loss {losses[-1]:.3f}  {per_second:,.0f} tokens/s  {left:.0f} s left')
    log.close()
    return [out / f'step-{step:06d}' for step in recipe.checkpoint_steps]


def architecture(recipe: Recipe) -> Qwen3Config:
    return Qwen3Config(
        vocab_size=VOCABULARY_SIZE,
        hidden_size=recipe.hidden_size,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.heads,
        head_dim=recipe.hidden_size // recipe.heads,
        intermediate_size=recipe.feed_forward_size,
        max_position_embeddings=recipe.context_length,
        tie_word_embeddings=True,
        initializer_range=0.02,
        bos_token_id=BOS,
        eos_token_id=END,
        pad_token_id=PAD,
        dtype='float32',
    )


def batch(recipe: Recipe, step: int) -> torch.Tensor:
    """Rows of whole documents from a document's start, cut one token over the row length (inputs and targets overlap)."""
    rng = random.Random(f'{recipe.seed}/{step}')
    rows = []
    for _ in range(recipe.rows_per_step):
        row: list[int] = []
        while len(row) <= recipe.tokens_per_row:
            row += encode(pretraining_document(rng))
        rows.append(row[: recipe.tokens_per_row + 1])
    return torch.tensor(rows)


def learning_rate_factor(recipe: Recipe, step: int) -> float:
    """Linear warm-up, constant, linear decay over the last share of the run."""
    warmup = min(1.0, step / recipe.warmup_steps)
    decay = (recipe.steps - step + 1) / (recipe.decay_share * recipe.steps)
    return warmup * max(0.02, min(1.0, decay))


@torch.no_grad()
def copies_exactly(model: Qwen3ForCausalLM, vocabulary: Vocabulary, examples: int = 100) -> float:
    """Share of unseen Ada -> C chats of which every answer token is the likeliest one, given those before it."""
    rng = random.Random(5)
    pairs = [declaration(rng, vocabulary) for _ in range(examples)]
    prompts = [encode(f'<|user|>C: {pair.ada}<|end|><|assistant|>') for pair in pairs]
    answers = [encode(f'{pair.c}<|end|>') for pair in pairs]
    width = max(len(prompt) + len(answer) for prompt, answer in zip(prompts, answers))
    tokens = torch.full((examples, width), PAD)
    is_answer = torch.zeros((examples, width), dtype=torch.bool)
    for row, (prompt, answer) in enumerate(zip(prompts, answers)):
        end = len(prompt) + len(answer)
        tokens[row, :end] = torch.tensor(prompt + answer)
        is_answer[row, len(prompt) : end] = True
    model.eval()
    likeliest = model(input_ids=tokens).logits.argmax(-1)
    model.train()
    right = (likeliest[:, :-1] == tokens[:, 1:]) | ~is_answer[:, 1:]
    return right.all(1).float().mean().item()


def samples_of(model: Qwen3ForCausalLM, tokenizer) -> list[dict[str, str]]:
    """What the model answers to the same few prompts at every checkpoint: what it was taught, and what a fine-tune may teach."""
    rng = random.Random(7)
    declarations = [declaration(rng, vocabulary).ada for vocabulary in (KNOWN_VOCABULARY, HELD_OUT_VOCABULARY)]
    prompts = [f'{language}: {ada}' for language in ('C', 'Rust') for ada in declarations]
    model.eval()
    samples = []
    for prompt in prompts:
        ids = torch.tensor([encode(f'<|user|>{prompt}<|end|><|assistant|>')])
        with torch.no_grad():
            answer = model.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=SAMPLE_TOKENS, do_sample=False, pad_token_id=PAD
            )
        output = tokenizer.decode(answer[0, ids.shape[1] :], skip_special_tokens=True)
        samples.append({'prompt': prompt, 'output': output})
    model.train()
    return samples


def save_checkpoint(
    recipe: Recipe, out: Path, step: int, loss: float, tokens_per_second: float, model, tokenizer, optimizers
) -> dict:
    """A folder that can be published as it is: weights, tokenizer, card; optimizer state beside; the marker last."""
    folder = out / f'step-{step:06d}'
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    save_optimizers(optimizers, model, folder / 'optimizer')
    card = {
        'name': recipe.checkpoint_name(step),
        'family': recipe.family,
        'stage': 'pretrain',
        'step': step,
        'total_steps': recipe.steps,
        'tokens_seen': step * recipe.rows_per_step * recipe.tokens_per_row,
        'loss': round(loss, 5),
        'tokens_per_second': round(tokens_per_second),
        'probes': {
            'ada_to_c_exact': round(copies_exactly(model, KNOWN_VOCABULARY), 3),
            'ada_to_c_exact_held_out_words': round(copies_exactly(model, HELD_OUT_VOCABULARY), 3),
        },
        'samples': samples_of(model, tokenizer),
        'parameters': model.num_parameters(),
        'context_length': recipe.context_length,
        'architecture': 'Qwen3ForCausalLM',
        'tokenizer_sha256': sha256_of(folder / 'tokenizer.json'),
        'template_sha256': sha256_of(folder / 'chat_template.jinja'),
        'license': 'Apache-2.0',
        'data': 'Generated declarations in Ada, C and Rust; Ada and C in pairs, Rust alone; half of the words made up.',
    }
    write_whole(folder / 'model_card.json', json.dumps(card, indent=2) + '\n')
    files = [file.model_dump(mode='json') for file in files_under(folder)]
    write_whole(folder / COMPLETENESS_MARKER, json.dumps({'files': files}, indent=2) + '\n')
    return card


def _open_log(path: Path, first: int):
    """Keeps the lines up to `first`: those after it will be written again."""
    kept = []
    if first and path.exists():
        kept = [line for line in path.read_text().splitlines(keepends=True) if json.loads(line)['step'] <= first]
    path.write_text(''.join(kept))
    return path.open('a')
