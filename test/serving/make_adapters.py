"""Trains the adapters of the serving tests: `python make_adapters.py BASE TRAIN_JSONL OUT`.

Two partners' adapters on one base, of different shapes and with different tasks, so that an answer tells whose weights gave
it: `rust` (rank 16 on all linear layers) is taught the data's own answers, `upper` (rank 8, rank-stabilised, queries and
values only, one module with a rank of its own) the same answers in capitals. A third, `dora`, has a shape no engine takes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

STEPS, BATCH, LEARNING_RATE = 60, 16, 5e-3
ALL_LINEAR = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj']
SHAPES = {
    'rust': LoraConfig(r=16, lora_alpha=32, target_modules=ALL_LINEAR, task_type='CAUSAL_LM'),
    'upper': LoraConfig(
        r=8,
        lora_alpha=32,
        use_rslora=True,
        rank_pattern={'layers.0.self_attn.v_proj': 4},
        target_modules=['q_proj', 'v_proj'],
        task_type='CAUSAL_LM',
    ),
    'dora': LoraConfig(r=8, lora_alpha=16, use_dora=True, target_modules=['q_proj'], task_type='CAUSAL_LM'),
}


def rows_of(path: Path, capitals: bool) -> list[list[dict]]:
    rows = [json.loads(line)['messages'] for line in path.read_text().splitlines()]
    if capitals:
        for messages in rows:
            messages[-1]['content'] = messages[-1]['content'].upper()
    return rows


def batch_of(tokenizer, rows: list[list[dict]]) -> dict[str, torch.Tensor]:
    encoded = tokenizer.apply_chat_template(
        rows, tokenize=True, return_dict=True, return_assistant_tokens_mask=True, padding=True, return_tensors='pt'
    )
    trained = torch.as_tensor(encoded['assistant_masks']).bool()
    labels = encoded['input_ids'].masked_fill(~trained, -100)
    return {'input_ids': encoded['input_ids'], 'attention_mask': encoded['attention_mask'], 'labels': labels}


def train(base: Path, shape: LoraConfig, rows: list[list[dict]], out: Path, steps: int) -> None:
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), shape)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=0.0)
    for step in range(steps):
        batch = batch_of(tokenizer, rows[step * BATCH : (step + 1) * BATCH])
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(out)
    print(f'{out.name}: loss {loss.item():.3f} after {steps} steps', flush=True)


def main() -> None:
    base, data, out = map(Path, sys.argv[1:])
    torch.set_num_threads(1)
    for name, shape in SHAPES.items():
        train(base, shape, rows_of(data, capitals=name == 'upper'), out / name, 1 if name == 'dora' else STEPS)


main()
