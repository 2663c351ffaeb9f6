"""What transformers and PEFT make of the requests that were sent to an engine: `python reference.py BASE < REQUESTS > ANSWERS`.

In: {"greedy": [{"adapter": DIR or null, "messages": [...], "max_tokens": N}],
     "score": [{"adapter": DIR or null, "prompt_token_ids": [...], "token_ids": [...]}]}
Out: {"greedy": [{"text": ..., "prompt_token_ids": [...]}], "score": [[log-probability of each token of token_ids]]}
"""

from __future__ import annotations

import json
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BATCH = 25


def by_adapter(requests: list[dict]):
    """(adapter, positions, requests) in groups of one adapter, at most BATCH at a time."""
    for adapter in dict.fromkeys(request['adapter'] for request in requests):
        positions = [i for i, request in enumerate(requests) if request['adapter'] == adapter]
        for start in range(0, len(positions), BATCH):
            part = positions[start : start + BATCH]
            yield adapter, part, [requests[i] for i in part]


class Reference:
    def __init__(self, base: str):
        self.base = base
        self.tokenizer = AutoTokenizer.from_pretrained(base, padding_side='left')
        self.models: dict[str | None, torch.nn.Module] = {}

    def model(self, adapter: str | None) -> torch.nn.Module:
        if adapter not in self.models:
            model = AutoModelForCausalLM.from_pretrained(self.base, dtype=torch.float32)
            self.models[adapter] = (PeftModel.from_pretrained(model, adapter) if adapter else model).eval()
        return self.models[adapter]

    def greedy(self, requests: list[dict]) -> list[dict]:
        answers: list[dict] = [{}] * len(requests)
        for adapter, positions, group in by_adapter(requests):
            chats = [request['messages'] for request in group]
            texts = self.tokenizer.apply_chat_template(chats, tokenize=False, add_generation_prompt=True)
            encoded = self.tokenizer(texts, return_tensors='pt', padding=True, add_special_tokens=False)
            longest = max(request['max_tokens'] for request in group)
            generated = self.model(adapter).generate(
                input_ids=encoded['input_ids'],
                attention_mask=encoded['attention_mask'],
                max_new_tokens=longest,
                do_sample=False,
                pad_token_id=self.tokenizer.pad_token_id,
            )
            for i, row, text in zip(positions, generated[:, encoded['input_ids'].shape[1] :], texts, strict=True):
                kept = row[: requests[i]['max_tokens']]
                answers[i] = {
                    'text': self.tokenizer.decode(kept, skip_special_tokens=True),
                    'prompt_token_ids': self.tokenizer(text, add_special_tokens=False)['input_ids'],
                }
        return answers

    def score(self, requests: list[dict]) -> list[list[float]]:
        answers: list[list[float]] = [[]] * len(requests)
        for adapter, positions, group in by_adapter(requests):
            rows = [request['prompt_token_ids'] + request['token_ids'] for request in group]
            width = max(map(len, rows))
            # Padded on the right: a causal model's earlier positions don't see it.
            ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
            logprobs = self.model(adapter)(input_ids=ids).logits.log_softmax(-1)
            for i, request, row, distribution in zip(positions, group, ids, logprobs, strict=True):
                start, count = len(request['prompt_token_ids']), len(request['token_ids'])
                at = torch.arange(start, start + count)
                answers[i] = distribution[at - 1, row[at]].tolist()
        return answers


def main() -> None:
    torch.set_num_threads(1)
    requests = json.load(sys.stdin)
    reference = Reference(sys.argv[1])
    with torch.inference_mode():
        answers = {'greedy': reference.greedy(requests['greedy']), 'score': reference.score(requests['score'])}
    json.dump(answers, sys.stdout)


main()
