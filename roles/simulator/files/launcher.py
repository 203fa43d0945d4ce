# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start, find and stop the simulator's process on the machine where it runs. Standard library only.

``launcher.py status DIRECTORY``
``launcher.py start DIRECTORY PLAN`` where PLAN is JSON: ``python``, ``arguments``, ``digest``, ``timeout`` (seconds)
``launcher.py stop DIRECTORY``

Each prints one JSON object. DIRECTORY holds the ready file (``ready.json``, written by the simulator), what it was
started with (``started.json``) and its log (``simulator.log``).
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

LOG_LINES = 20
STOP_SECONDS = 3.0
PAUSE = 0.05


class Place:
    """The files of one simulator."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.ready = os.path.join(directory, "ready.json")
        self.started = os.path.join(directory, "started.json")
        self.log = os.path.join(directory, "simulator.log")
        self.app = os.path.join(directory, "app")


def read_json(path: str) -> dict[str, Any]:
    """Return the object in a JSON file; an empty one when there is none."""
    try:
        with open(path, encoding="utf-8") as stream:
            content = json.load(stream)
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def command_line(pid: int) -> str:
    """Return the command line of a process; empty when it has ended (or only waits to be buried)."""
    if os.path.isdir("/proc/self"):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as stream:
                return stream.read().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            return ""
    shown = subprocess.run(["ps", "-p", str(pid), "-o", "command="], stdout=subprocess.PIPE, text=True, check=False)
    return "" if "<defunct>" in shown.stdout else shown.stdout.strip()


def own_pid(place: Place) -> Optional[int]:
    """Return the process id of this place's simulator, if it runs.

    A process id can have been given to another program since. Ours has this place's ready file on its command line.
    """
    for source in (place.ready, place.started):
        pid = read_json(source).get("pid")
        if isinstance(pid, int) and pid > 1:
            line = command_line(pid)
            if "sentinel_simulator" in line and place.ready in line:
                return pid
    return None


def answers(url: str) -> bool:
    """Tell whether the simulator answers on its URL."""
    # It listens on the loopback interface alone: a proxy must not be asked, and its test certificate not be judged.
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting))
    try:
        with opener.open(url + "/openapi.json", timeout=5) as reply:
            return bool(reply.status == 200)
    except (OSError, ValueError):
        return False


def status(place: Place) -> dict[str, Any]:
    """Return what is known of the simulator: ``running``, and where."""
    pid = own_pid(place)
    ready = read_json(place.ready)
    if pid is None or ready.get("pid") != pid or not answers(str(ready.get("url"))):
        return {"changed": False, "running": False, "pid": pid or 0}
    known = {name: ready.get(name) for name in ("url", "api_url", "port")}
    return {"changed": False, "running": True, "pid": pid, "plan": read_json(place.started).get("plan"), **known}


def plan_of(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what makes one simulator differ from another."""
    return {name: wanted[name] for name in ("python", "arguments", "digest")}


def start(place: Place, wanted: dict[str, Any]) -> dict[str, Any]:
    """Start the simulator, unless it runs just as it is wanted."""
    now = status(place)
    if now["running"] and now["plan"] == plan_of(wanted):
        return now
    stop(place)
    os.makedirs(place.directory, exist_ok=True)
    environment = dict(os.environ, PYTHONPATH=place.app, PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1")
    command: list[str] = [
        wanted["python"],
        "-m",
        "sentinel_simulator",
        *wanted["arguments"],
        "--ready-file",
        place.ready,
    ]
    try:
        with open(place.log, "wb") as log:
            # A session of its own lets it survive the play; none of its streams may be the task's.
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=place.directory,
                env=environment,
                start_new_session=True,
            )
    except OSError as exc:
        return failure(place, f"{exc.filename or wanted['python']}: {exc.strerror}")
    with open(place.started, "w", encoding="utf-8") as stream:
        json.dump({"pid": process.pid, "plan": plan_of(wanted)}, stream)
    end = time.monotonic() + float(wanted["timeout"])
    while time.monotonic() < end:
        if process.poll() is not None:
            return failure(place, f"it ended with exit code {process.returncode}")
        if read_json(place.ready).get("pid") == process.pid:
            now = status(place)
            if now["running"]:
                return {**now, "changed": True}
        time.sleep(PAUSE)
    process.kill()
    process.wait()
    return failure(place, f"it did not answer within {wanted['timeout']} seconds")


def failure(place: Place, why: str) -> dict[str, Any]:
    """Describe a start that failed, with the end of the log."""
    for path in (place.ready, place.started):
        with contextlib.suppress(OSError):
            os.unlink(path)
    try:
        with open(place.log, encoding="utf-8", errors="replace") as stream:
            lines = stream.read().splitlines()[-LOG_LINES:]
    except OSError:
        lines = []
    return {"changed": False, "running": False, "why": why, "log": lines, "log_file": place.log}


def stop(place: Place) -> dict[str, Any]:
    """End exactly this place's simulator, and remove what it left."""
    pid = own_pid(place)
    if pid is not None:
        end_process(place, pid)
    for path in (place.ready, place.started):
        with contextlib.suppress(OSError):
            os.unlink(path)
    return {"changed": pid is not None, "running": False, "pid": pid or 0}


def end_process(place: Place, pid: int) -> None:
    """Ask the process to end, then make it end."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            if place.ready not in command_line(pid):
                return
            time.sleep(PAUSE)


def main() -> int:
    """Do what the command line says."""
    action, place = sys.argv[1], Place(os.path.abspath(sys.argv[2]))
    if action == "start":
        result = start(place, json.loads(sys.argv[3]))
    elif action == "stop":
        result = stop(place)
    else:
        result = status(place)
    print(json.dumps(result))
    return 0 if action != "start" or result["running"] else 1


if __name__ == "__main__":
    sys.exit(main())
