# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start, find and stop the simulator's process on the machine where it runs. Standard library only.

``launcher.py status DIRECTORY``
``launcher.py start DIRECTORY PLAN`` where PLAN is JSON: ``python``, ``arguments``, ``digest``, ``timeout`` (seconds)
``launcher.py stop DIRECTORY``

Each prints one JSON object. DIRECTORY has the ready file (``ready.json``, written by the simulator), the plan of the
last start (``started.json``) and the log (``simulator.log``).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any, Optional

#: Maximum number of log lines in the result.
LOG_LINES = 20
#: Seconds to wait for the process to end after each signal.
STOP_SECONDS = 3.0
#: Seconds between checks.
PAUSE = 0.05


class Paths:
    """The files of one simulator."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.ready = os.path.join(directory, "ready.json")
        self.started = os.path.join(directory, "started.json")
        self.log = os.path.join(directory, "simulator.log")
        self.app = os.path.join(directory, "app")


def read_json(path: str) -> dict[str, Any]:
    """Return the object in a JSON file; an empty one if the file has none."""
    try:
        with open(path, encoding="utf-8") as stream:
            content = json.load(stream)
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def command_line(pid: int) -> str:
    """Return the command line of a process; empty if it has ended (or is a zombie)."""
    if os.path.isdir("/proc/self"):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as stream:
                return stream.read().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            return ""
    shown = subprocess.run(["ps", "-p", str(pid), "-o", "command="], stdout=subprocess.PIPE, text=True, check=False)
    return "" if "<defunct>" in shown.stdout else shown.stdout.strip()


def own_pid(paths: Paths) -> Optional[int]:
    """Return the process id of the simulator with these paths, if it runs.

    The system may have given the id to another program since, so the command line must have the ready file.
    """
    for source in (paths.ready, paths.started):
        pid = read_json(source).get("pid")
        if isinstance(pid, int) and pid > 1:
            line = command_line(pid)
            if "sentinel_simulator" in line and paths.ready in line:
                return pid
    return None


def is_answering(url: str) -> bool:
    """Return whether the simulator answers on its URL."""
    # Use no proxy and accept any certificate: the simulator listens on the loopback interface only.
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting))
    try:
        with opener.open(url + "/openapi.json", timeout=5) as reply:
            return bool(reply.status == 200)
    except (OSError, ValueError):
        return False


def status(paths: Paths) -> dict[str, Any]:
    """Return whether the simulator is ``running``, and its process id and addresses."""
    pid = own_pid(paths)
    ready = read_json(paths.ready)
    if pid is None or ready.get("pid") != pid or not is_answering(str(ready.get("url"))):
        return {"changed": False, "running": False, "pid": pid or 0}
    known = {name: ready.get(name) for name in ("url", "api_url", "port")}
    return {"changed": False, "running": True, "pid": pid, "plan": read_json(paths.started).get("plan"), **known}


def plan_of(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a start plan that requires a restart if it changes."""
    return {name: wanted[name] for name in ("python", "arguments", "digest")}


def start(paths: Paths, wanted: dict[str, Any]) -> dict[str, Any]:
    """Start the simulator, unless it already runs with the same plan."""
    now = status(paths)
    if now["running"] and now["plan"] == plan_of(wanted):
        return now
    stop(paths)
    os.makedirs(paths.directory, exist_ok=True)
    environment = dict(os.environ, PYTHONPATH=paths.app, PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1")
    command: list[str] = [
        wanted["python"],
        "-m",
        "sentinel_simulator",
        *wanted["arguments"],
        "--ready-file",
        paths.ready,
    ]
    try:
        with open(paths.log, "wb") as log:
            # A new session and separate streams let the process outlive the task.
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=paths.directory,
                env=environment,
                start_new_session=True,
            )
    except OSError as exc:
        return failure(paths, f"{exc.filename or wanted['python']}: {exc.strerror}")
    with open(paths.started, "w", encoding="utf-8") as stream:
        json.dump({"pid": process.pid, "plan": plan_of(wanted)}, stream)
    end = time.monotonic() + float(wanted["timeout"])
    while time.monotonic() < end:
        if process.poll() is not None:
            return failure(paths, f"it ended with exit code {process.returncode}")
        if read_json(paths.ready).get("pid") == process.pid:
            now = status(paths)
            if now["running"]:
                return {**now, "changed": True}
        time.sleep(PAUSE)
    process.kill()
    process.wait()
    return failure(paths, f"it did not answer within {wanted['timeout']} seconds")


def failure(paths: Paths, why: str) -> dict[str, Any]:
    """Describe a start that failed, with the end of the log."""
    for path in (paths.ready, paths.started):
        with contextlib.suppress(OSError):
            os.unlink(path)
    try:
        with open(paths.log, encoding="utf-8", errors="replace") as stream:
            lines = stream.read().splitlines()[-LOG_LINES:]
    except OSError:
        lines = []
    return {"changed": False, "running": False, "why": why, "log": lines, "log_file": paths.log}


def stop(paths: Paths) -> dict[str, Any]:
    """Stop the simulator with these paths, and remove its state files."""
    pid = own_pid(paths)
    if pid is not None:
        end_process(paths, pid)
    for path in (paths.ready, paths.started):
        with contextlib.suppress(OSError):
            os.unlink(path)
    return {"changed": pid is not None, "running": False, "pid": pid or 0}


def end_process(paths: Paths, pid: int) -> None:
    """Terminate the process, and kill it if it does not end."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            if paths.ready not in command_line(pid):
                return
            time.sleep(PAUSE)


def main() -> int:
    """Run the action of the command line."""
    action, paths = sys.argv[1], Paths(os.path.abspath(sys.argv[2]))
    if action == "start":
        result = start(paths, json.loads(sys.argv[3]))
    elif action == "stop":
        result = stop(paths)
    else:
        result = status(paths)
    print(json.dumps(result))
    return 0 if action != "start" or result["running"] else 1


if __name__ == "__main__":
    sys.exit(main())
