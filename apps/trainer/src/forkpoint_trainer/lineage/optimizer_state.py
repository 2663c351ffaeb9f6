"""Optimizer state as safetensors, keyed by parameter name: readable by anyone, no pickle.

    <folder>/muon.safetensors   momentum_buffer/<parameter>
    <folder>/adamw.safetensors  exp_avg/<parameter>, exp_avg_sq/<parameter>, step/<parameter>
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file


def save_optimizers(optimizers: dict[str, torch.optim.Optimizer], model: torch.nn.Module, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    for kind, optimizer in optimizers.items():
        tensors = {
            f'{key}/{names[id(parameter)]}': torch.as_tensor(value).contiguous()
            for parameter, state in optimizer.state.items()
            for key, value in state.items()
        }
        save_file(tensors, folder / f'{kind}.safetensors')


def load_optimizers(optimizers: dict[str, torch.optim.Optimizer], model: torch.nn.Module, folder: Path) -> None:
    parameters = dict(model.named_parameters())
    for kind, optimizer in optimizers.items():
        for key_and_name, value in load_file(folder / f'{kind}.safetensors').items():
            key, name = key_and_name.split('/', 1)
            optimizer.state[parameters[name]][key] = value
