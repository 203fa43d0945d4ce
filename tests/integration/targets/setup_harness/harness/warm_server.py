# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports once what many processes need, and forks for each of them: warm_server.py SOCKET commands|modules.

"commands" runs ansible-playbook and its like; "modules" stands for the Python that Ansible pipes its modules to. The
server ends when its standard input does.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import tempfile
import traceback
import types
from collections.abc import Callable
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


Run = Callable[[], Any]
#: What modules import, besides the module_utils of this collection.
_OF_MODULES = (
    *("ansible.module_utils.basic", "ansible.module_utils._internal._ansiballz._loader", "ansible.module_utils.urls"),
    *("base64", "openpyxl", "requests", "runpy", "shutil", "uuid", "voluptuous", "yaml", "zipfile"),
)
_MODULE_UTILS = "ansible_collections.kajeet.sentinel.plugins.module_utils"


def main(path: str, kind: str) -> None:
    """Serves until standard input ends."""
    warm_up, run = _KINDS[kind]
    warm_up()
    # What was imported stays: no process that is forked has to look at it for garbage, and so to copy it.
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path + ".new")
        listening.listen(8)
        os.rename(path + ".new", path)  # so that it is there only when it listens
        serve(listening, run)


def serve(listening: socket.socket, run: Run) -> None:
    """Forks for each client and sends it the exit code; kills what runs for a client that is gone."""
    pids: dict[int, int] = {}  # by the descriptor of the process
    clients: dict[int, socket.socket] = {}
    while True:
        connections = {client.fileno(): process for process, client in clients.items()}
        ready = select.select([listening, sys.stdin, *pids, *connections], [], [])[0]
        if sys.stdin in ready:
            return
        for process in ready:
            if process in connections and connections[process] not in ready:
                kill(pids[connections[process]])
            elif process in pids:
                status = os.waitpid(pids.pop(process), 0)[1]
                os.close(process)
                with clients.pop(process) as client, contextlib.suppress(OSError):
                    client.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))
        if listening in ready:
            client = listening.accept()[0]
            request, streams = receive(client)
            pid = os.fork()
            if pid == 0:
                listening.close()
                for other in (client, *clients.values()):
                    other.close()
                become(request, streams, run)
            for stream in streams:
                os.close(stream)
            process = os.pidfd_open(pid)
            pids[process], clients[process] = pid, client


def receive(client: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """A client's request, and the descriptors of its standard streams."""
    head, streams, _flags, _address = socket.recv_fds(client, 4, 3)
    size = int.from_bytes(head, "big")
    body = b""
    while len(body) < size:
        body += client.recv(size - len(body))
    return json.loads(body), streams


def warm_up_commands() -> None:
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


def warm_up_modules() -> None:
    """Imports what modules need. The collection's packages above module_utils are left to each module's own archive."""
    sys.path[:] = [entry for entry in sys.path if entry != os.path.dirname(os.path.abspath(__file__))]
    for path in os.environ["ANSIBLE_COLLECTIONS_PATH"].split(os.pathsep):
        sys.path.append(path)
    for name in _OF_MODULES:
        with contextlib.suppress(ImportError):  # some are there in some releases of ansible-core only
            importlib.import_module(name)
    package = importlib.import_module(_MODULE_UTILS)
    for found in pkgutil.walk_packages(package.__path__, _MODULE_UTILS + "."):
        importlib.import_module(found.name)
    parent = _MODULE_UTILS
    while "." in parent:
        parent = parent.rpartition(".")[0]
        sys.modules.pop(parent, None)
    del sys.path[-len(os.environ["ANSIBLE_COLLECTIONS_PATH"].split(os.pathsep)) :]


def kill(pid: int) -> None:
    """Kills a process with its descendants."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in [*psutil.Process(pid).children(recursive=True), psutil.Process(pid)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)


def become(request: dict[str, Any], streams: list[int], run: Run) -> None:
    """Turns this process into the one that the client asks for, and ends it."""
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
    code: Any = 1
    try:
        code = run()
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


def run_command() -> Any:
    """Runs one of Ansible's commands; returns its exit code."""
    from ansible import constants

    # Modules that were packed for one command serve the next.
    packed = os.path.join(constants.DEFAULT_LOCAL_TMP, "ansiballz_cache")
    os.makedirs(packed, exist_ok=True)
    constants.DEFAULT_LOCAL_TMP = constants.config.get_config_value("DEFAULT_LOCAL_TMP", variables=vars(constants))
    os.symlink(packed, os.path.join(constants.DEFAULT_LOCAL_TMP, "ansiballz_cache"))
    return importlib.import_module(_MAIN[sys.argv[0]]).main()


def run_module() -> None:
    """Runs the code that standard input has, as Python does."""
    sys.argv = [""]
    sys.modules["__main__"] = main_module = types.ModuleType("__main__")
    exec(compile(sys.stdin.read(), "<stdin>", "exec"), main_module.__dict__)


_KINDS: dict[str, tuple[Callable[[], None], Run]] = {
    "commands": (warm_up_commands, run_command),
    "modules": (warm_up_modules, run_module),
}

if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
