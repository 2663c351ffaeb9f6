"""In what a processor multiplies matrices fast: bfloat16 is half as fast again as float32 where there are instructions for it, and 40
times slower where there are none."""

from __future__ import annotations

import torch
from torch.overrides import TorchFunctionMode


def multiplies_bfloat16(capabilities: dict[str, object]) -> bool:
    """By what `torch.cpu.get_capabilities()` says: x86 with AVX-512 or AMX, or Arm."""
    return any(capabilities.get(name) for name in ('avx512_bf16', 'amx_bf16', 'bf16'))


class InFloat32(TorchFunctionMode):
    """Within it a tensor that is asked for as bfloat16 stays in float32: torch's Muon orthogonalizes in bfloat16, and takes no other."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function is torch.Tensor.bfloat16:
            return args[0].float().clone()  # as a conversion would: the caller may write to it
        return function(*args, **(kwargs or {}))
