"""Processes of the trainer that begin with its libraries imported: torch and what stands on it take ten seconds of a core.

`Nursery` starts one process, which imports them once; each attempt is a fork of it, which runs the trainer's `main` as
`python -m forkpoint_trainer` does: a pid, an output, signals and an exit code of its own. Nothing here starts a thread
before it forks.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from typing import IO

LARGEST_REQUEST = 65_536


class Nursery:
    def __init__(self):
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )

    def start(self, arguments: list[str], environment: dict[str, str]) -> NurseryProcess:
        """As `subprocess.Popen`, with both streams in one."""
        output, their_output = os.pipe()
        status, their_status = os.pipe()
        request = json.dumps({'arguments': arguments, 'environment': environment}).encode()
        socket.send_fds(self._channel, [request], [their_output, their_status])
        for descriptor in (their_output, their_status):
            os.close(descriptor)
        process = NurseryProcess(os.fdopen(output), os.fdopen(status))
        process.pid = int(process.status.readline())
        return process

    def close(self) -> None:
        self._channel.close()
        self._process.wait()


@dataclass
class NurseryProcess:
    output: IO[str]
    status: IO[str]
    pid: int = field(init=False)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    def finish(self) -> tuple[int, str]:
        """Its exit code (minus the signal that ended it), and all that it printed."""
        with self.output, self.status:
            output = self.output.read()
            return int(self.status.readline()), output


def serve(channel: socket.socket) -> list[str] | None:
    """Returns in each attempt, with the arguments it was given; in the nursery when whoever asks has gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are reaped by the system
    while True:
        request, descriptors, _, _ = socket.recv_fds(channel, LARGEST_REQUEST, 2)
        if not request:
            return None
        if os.fork() == 0:
            channel.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return keep(json.loads(request), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def keep(request: dict, output: int, status: int) -> list[str]:
    """The attempt's parent, which tells its pid and how it ended. Returns in the attempt alone."""
    pid = os.fork()
    if pid == 0:
        os.dup2(output, 1)
        os.dup2(output, 2)
        for descriptor in (output, status):
            os.close(descriptor)
        os.environ.clear()
        os.environ.update(request['environment'])
        return request['arguments']
    os.close(output)
    os.write(status, f'{pid}\n'.encode())
    _, how = os.waitpid(pid, 0)
    os.write(status, f'{os.waitstatus_to_exitcode(how)}\n'.encode())
    os._exit(0)


if __name__ == '__main__':
    import forkpoint_trainer.evaluate
    import forkpoint_trainer.prepare.job
    import forkpoint_trainer.train
    from forkpoint_trainer.__main__ import leave, main
    from forkpoint_trainer.contract import TrainerExitCode

    given = serve(socket.socket(fileno=int(sys.argv[1])))
    leave(TrainerExitCode.done if given is None else main(given))
