# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports Ansible once and forks for each command: warm_server.py SOCKET. It ends when its standard input does."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
import traceback
from typing import Any

import psutil

#: What the commands, their workers and this collection's plugins import: by far the most of a short run.
_MODULES = (
    *("ansible.cli.adhoc", "ansible.cli.inventory", "ansible.cli.playbook", "ansible.executor.playbook_executor"),
    *("requests", "voluptuous", "unittest.mock", "ansible_collections.ansible.builtin"),
    "ansible_collections.kajeet.sentinel.plugins.module_utils._decide.kinds",
    "ansible_collections.kajeet.sentinel.plugins.plugin_utils._in_process",
)
#: Plugins whose documentation Ansible reads before it uses them.
_PLUGINS = {
    "callback_loader": ("default",),
    "connection_loader": ("local",),
    "inventory_loader": ("host_list", "script", "auto", "yaml", "ini", "toml", "advanced_host_list"),
    "shell_loader": ("sh",),
    "strategy_loader": ("linear",),
    "action_loader": ("normal", "set_fact", "copy", "debug", "assert", "include_role", "validate_argument_spec"),
}
_MAIN = {
    "ansible": "ansible.cli.adhoc",
    "ansible-inventory": "ansible.cli.inventory",
    "ansible-playbook": "ansible.cli.playbook",
}


def main(path: str) -> None:
    """Serves until standard input ends."""
    warm_up()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path + ".new")
        listening.listen(8)
        os.rename(path + ".new", path)  # so that it is there only when it listens
        while True:
            ready = select.select([listening, sys.stdin], [], [], 1.0)[0]
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            if sys.stdin in ready:
                return
            if listening in ready:
                connection = listening.accept()[0]
                if os.fork() == 0:
                    listening.close()
                    os._exit(serve(connection))
                connection.close()


def warm_up() -> None:
    """Imports what commands need, by Ansible's own loaders. Each command then sets up its search paths itself."""
    from ansible.plugins import loader
    from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

    loader.init_plugin_loader()
    for name in _MODULES:
        importlib.import_module(name)
    for kind, names in _PLUGINS.items():
        for name in names:
            getattr(loader, kind).get(name, class_only=True)
    _AnsibleCollectionFinder._remove()


def serve(connection: socket.socket) -> int:
    """Runs the command that a client asks for, tells it the exit code; kills the command where the client is gone."""
    head, streams, _flags, _address = socket.recv_fds(connection, 4, 3)
    size = int.from_bytes(head, "big")
    body = b""
    while len(body) < size:
        body += connection.recv(size - len(body))
    pid = os.fork()
    if pid == 0:
        connection.close()
        run(json.loads(body), streams)
    for number in (0, 1, 2, *streams):
        os.close(number)
    ended = os.pidfd_open(pid)
    if ended not in select.select([ended, connection], [], [])[0]:
        kill(pid)
    status = os.waitpid(pid, 0)[1]
    with contextlib.suppress(OSError):
        connection.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))
    return 0


def kill(pid: int) -> None:
    """Kills a process with its descendants."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in [*psutil.Process(pid).children(recursive=True), psutil.Process(pid)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)


def run(request: dict[str, Any], streams: list[int]) -> None:
    """Becomes the command."""
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    tempfile.tempdir = None
    sys.argv = list(request["command"])
    # What the imports left behind is the server's, and is not to be removed by the first command that ends.
    atexit._clear()
    from ansible import constants

    # Modules that were packed for one command serve the next.
    packed = os.path.join(constants.DEFAULT_LOCAL_TMP, "ansiballz_cache")
    os.makedirs(packed, exist_ok=True)
    constants.DEFAULT_LOCAL_TMP = constants.config.get_config_value("DEFAULT_LOCAL_TMP")
    os.symlink(packed, os.path.join(constants.DEFAULT_LOCAL_TMP, "ansiballz_cache"))
    code: Any = 1
    try:
        code = importlib.import_module(_MAIN[sys.argv[0]]).main()
    except SystemExit as error:
        code = error.code
        if isinstance(code, str):
            print(code, file=sys.stderr)
            code = 1
    finally:
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(code or 0))


if __name__ == "__main__":
    main(sys.argv[1])
