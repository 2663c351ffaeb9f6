"""vLLM general plugin: on a CPU, a row without an adapter is left alone by the LoRA operators.

A batch mixes requests of several adapters and of the bare base model. Each row carries the slot of its adapter, or -1 for
none. vLLM's CPU operators index the stacked weights with that number as it is, and -1 is Python's last element: with all
slots taken, a base request answers as whichever adapter sits in the last slot, and its keys and values then stay in the
prefix cache. One tenant's weights in another tenant's answer. The GPU kernels return early at -1; these do the same.

They group rows by adapter as well: one matrix product per adapter in the batch instead of a gathered copy per row.

Checked by the regression test of mixed batches, which fails with the plugin off.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import torch

NO_ADAPTER = -1


def _rows_by_slot(slots: torch.Tensor, rows: int) -> Iterator[tuple[int, torch.Tensor]]:
    """(slot, row numbers) for every adapter that the first `rows` rows use."""
    slots = slots[:rows]
    for slot in torch.unique(slots).tolist():
        if slot != NO_ADAPTER:
            yield slot, (slots == slot).nonzero(as_tuple=True)[0]


def _weight(stacked: torch.Tensor, slot: int, dtype: torch.dtype) -> torch.Tensor:
    """One adapter's (out, in) matrix; the stack is (slots, out, in) or (slots, 1, out, in)."""
    weight = stacked[slot]
    return (weight.squeeze(0) if weight.dim() == 3 else weight).to(dtype)


def bgmv_shrink(inputs, lora_b_weights, output_tensor, lora_indices_tensor, scaling=1.0):
    """Down projection. Rows without an adapter come out zero, so that an expand after it adds nothing."""
    rank = lora_b_weights.shape[-2]
    output_tensor[:, :rank] = 0
    for slot, rows in _rows_by_slot(lora_indices_tensor, inputs.shape[0]):
        weight = _weight(lora_b_weights, slot, output_tensor.dtype)
        output_tensor[rows, :rank] = scaling * (inputs[rows].to(output_tensor.dtype) @ weight.T)


def bgmv_expand(inputs, lora_b_weights, output_tensor, lora_indices_tensor, add_inputs=True):
    """Up projection into the first columns; adapter and model may pad the output differently."""
    width = min(lora_b_weights.shape[-2], output_tensor.shape[1])
    _expand(inputs, lora_b_weights, output_tensor, lora_indices_tensor, 0, width, add_inputs)


def bgmv_expand_slice(
    inputs, lora_b_weights, output_tensor, lora_indices_tensor, slice_offset, slice_size, add_inputs=True
):
    """Up projection into one slice of a fused output (q, k and v; gate and up)."""
    _expand(inputs, lora_b_weights, output_tensor, lora_indices_tensor, slice_offset, slice_size, add_inputs)


def _expand(inputs, stacked, output, slots, offset: int, width: int, add_inputs: bool) -> None:
    columns = slice(offset, offset + width)
    if not add_inputs:
        output[:, columns] = 0
    for slot, rows in _rows_by_slot(slots, min(inputs.shape[0], output.shape[0])):
        weight = _weight(stacked, slot, output.dtype)
        output[rows, columns] += (inputs[rows].to(output.dtype) @ weight.T)[:, :width]


REPLACEMENTS = (bgmv_shrink, bgmv_expand, bgmv_expand_slice)


def register() -> None:
    """Puts the operators in place everywhere vLLM has bound them; refuses a vLLM whose operators are others."""
    import vllm.lora.ops.torch_ops as package
    import vllm.lora.ops.torch_ops.lora_ops as operators
    import vllm.lora.punica_wrapper.punica_cpu as wrapper

    for replacement in REPLACEMENTS:
        name = replacement.__name__
        original = getattr(operators, name)
        if list(inspect.signature(original).parameters) != list(inspect.signature(replacement).parameters):
            raise RuntimeError(f'this vLLM has another {name}: forkpoint_serving.lora_rows must be checked against it')
        for module in (operators, package, wrapper):
            setattr(module, name, replacement)
