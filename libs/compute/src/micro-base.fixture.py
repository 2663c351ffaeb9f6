"""A base checkpoint of the lineage's kind, as small as it works, with random weights: micro-base.fixture.py FOLDER"""

import sys

import torch
from forkpoint_trainer.lineage.pretrain import Recipe, architecture
from forkpoint_trainer.lineage.tokenizer import make_tokenizer
from transformers import Qwen3ForCausalLM

torch.manual_seed(0)
recipe = Recipe(hidden_size=32, heads=1, layers=1, feed_forward_size=64, context_length=128)
Qwen3ForCausalLM(architecture(recipe)).save_pretrained(sys.argv[1])
make_tokenizer(128).save_pretrained(sys.argv[1])
