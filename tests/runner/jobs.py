# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as an automation controller runs them: ansible-runner on a private data directory, and what it leaves there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.playbooks import assert_not_deprecated
from harness.processes import kill_family
from harness.simulators import CORP_ID, PASSWORD, TOKEN, USERNAME, Simulator

#: Automation controllers, and ansible-runner itself, empty a result whose text is longer.
LIMIT = 700_000
ACTIVATE = "Activate the fleet"

#: A job's playbook: the hosts that it is given are its fleet.
PLAY: dict[str, Any] = {
    "name": "Activate the devices of this job",
    "hosts": "all",
    "gather_facts": False,
    "tasks": [
        {"name": "Activate", "ansible.builtin.include_role": {"name": "kajeet.sentinel.fleet"}, "run_once": True}
    ],
}
#: No long waits, and no more requests than needed.
QUICK: dict[str, Any] = {
    "fleet_request_format": "batch",
    "fleet_poll_interval": 0.05,
    "fleet_poll_max_interval": 0.2,
}

Hosts = Mapping[str, Mapping[str, Any]]
#: For plays that run on the controller.
LOCALHOST: Hosts = {
    "localhost": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
}


def runner_command() -> list[str]:
    """The command ansible-runner, or what replaces it where no pseudo-terminal can be opened."""
    try:
        for descriptor in os.openpty():
            os.close(descriptor)
    except OSError:
        return [sys.executable, str(Path(__file__).with_name("without_terminal.py"))]
    return ["ansible-runner"]


def hosts_of(devices: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """An inventory's hosts, each of which is a device. Their names do not sort as the devices do."""
    return {
        f"bus-{number * 7919 % 10_007:05}": {f"sentinel_{field}": value for field, value in device.items()}
        for number, device in enumerate(devices)
    }


def sliced(hosts: Hosts, number: int, count: int) -> Hosts:
    """The hosts of a slice, from 1, as AWX deals them out: by name, each to the next slice."""
    return {name: hosts[name] for name in sorted(hosts)[number - 1 :: count]}


def by_token(simulator: Simulator) -> dict[str, str]:
    """A credential as a controller injects it: a token."""
    return {"SENTINEL_API_URL": simulator.api_url, "SENTINEL_TOKEN": TOKEN, "SENTINEL_CORP_ID": CORP_ID}


def by_login(simulator: Simulator) -> dict[str, str]:
    """A credential as a controller injects it: a user and a password."""
    return {"SENTINEL_API_URL": simulator.api_url, "SENTINEL_USERNAME": USERNAME, "SENTINEL_PASSWORD": PASSWORD}


@dataclass(frozen=True)
class Event:
    """A job event. `task`: the task's name. `result`: what it gave on one host. `size`: of that, in characters."""

    kind: str
    task: str
    result: dict[str, Any]
    size: int


class Job:
    """A job: a private data directory, processes, and what they leave.

    Args:
        directory: is made, and becomes the private data directory.
        hosts: variables by the name of the host.
        env: more environment variables, as a credential injects them.
        play: the playbook's only play; the role fleet without it.
        variables: extra variables; without them, those of a quick run.
        cmdline: more of ansible-playbook's command line.
    """

    def __init__(
        self,
        directory: Path,
        hosts: Hosts,
        env: Mapping[str, str],
        play: Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        cmdline: str = "",
    ) -> None:
        self.directory = directory
        #: Where artifacts end up: here, unless another process writes them.
        self.artifacts = directory / "artifacts"
        self._processes: list[subprocess.Popen[bytes]] = []
        # So large a result would be emptied: the tests are to see it as it is.
        known = {"MAX_EVENT_RES": "1000000000", "ANSIBLE_HOST_PATTERN_MISMATCH": "error", "no_proxy": "127.0.0.1"}
        for name, content in (
            ("env/envvars", json.dumps({**known, **env})),
            ("env/extravars", json.dumps(dict(QUICK if variables is None else variables))),
            ("env/cmdline", cmdline),
            ("project/job.yml", json.dumps([dict(PLAY if play is None else play)])),
        ):
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        _write_inventory(directory / "inventory" / "hosts", hosts)

    def start(self) -> None:
        """Starts it."""
        self._start("run", str(self.directory), "-p", "job.yml", "--ident", "job")

    def start_elsewhere(self) -> None:
        """Starts it as controllers do: a process sends the job, another one runs it, a third keeps the artifacts."""
        self.artifacts = self.directory.with_name(self.directory.name + "-processed") / "artifacts"
        node = self.directory.with_name(self.directory.name + "-node")
        sent = self._start("transmit", str(self.directory), "-p", "job.yml", "--ident", "job", stdout=subprocess.PIPE)
        done = self._start("worker", "--private-data-dir", str(node), stdin=sent.stdout, stdout=subprocess.PIPE)
        self._start("process", str(self.artifacts.parent), "--ident", "job", stdin=done.stdout)
        for process in (sent, done):
            assert process.stdout is not None
            process.stdout.close()

    def _start(self, *arguments: str, stdin: Any = subprocess.DEVNULL, stdout: Any = None) -> subprocess.Popen[bytes]:
        self.directory.with_name(self.directory.name + "-logs").mkdir(exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SENTINEL_")}
        with open(self._log(arguments[0]), "wb") as log:
            process = subprocess.Popen(
                [*runner_command(), *arguments],
                cwd=self.directory.parent,
                env={**kept, "PYTHONUNBUFFERED": "1"},
                stdin=stdin,
                stdout=stdout or log,
                stderr=log if stdout else subprocess.STDOUT,
            )
        self._processes.append(process)
        return process

    def _log(self, name: str) -> Path:
        return self.directory.with_name(self.directory.name + "-logs") / f"{name}.log"

    def finish(self, rc: int = 0, patience: float = 300.0) -> None:
        """Waits for its end, and asserts how it ended."""
        for process in self._processes:
            process.wait(patience)
        ended = self.artifacts / "job" / "rc"
        assert ended.exists(), f"the job did not run\n{self.output}"
        assert_not_deprecated(self.shown())
        assert ended.read_text() == str(rc), self.output

    def end(self) -> None:
        """Ends what still runs of it."""
        for process in self._processes:
            if process.poll() is None:
                kill_family(process)

    # -- What it left --------------------------------------------------------------------------------------------------

    @property
    def output(self) -> str:
        """What was printed."""
        logs = sorted(self._log("x").parent.iterdir())
        return "\n".join(log.read_text(encoding="utf-8", errors="replace")[-20_000:] for log in logs)

    def shown(self) -> str:
        """The job's output, as a controller shows it."""
        return (self.artifacts / "job" / "stdout").read_text(encoding="utf-8")

    def files(self) -> dict[str, str]:
        """The text of every file that the job left: artifacts, job events, output, logs; not of what it was given.

        ansible-runner keeps the environment that it was given in the artifact `command`. Of that, what the credential
        injected is left out, and all else is there.
        """
        texts = {}
        for path in (*self.artifacts.rglob("*"), *self._log("x").parent.iterdir()):
            if path.is_file():
                text = path.read_text(encoding="utf-8", errors="surrogateescape")
                if path.name == "command":
                    kept = json.loads(text)
                    given = json.loads((self.directory / "env" / "envvars").read_text(encoding="utf-8"))
                    kept["env"] = {name: value for name, value in kept["env"].items() if given.get(name) != value}
                    text = json.dumps(kept)
                texts[str(path.relative_to(self.directory.parent))] = text
        return texts

    def _events(self) -> Iterator[dict[str, Any]]:
        paths = (self.artifacts / "job" / "job_events").glob("*.json")
        for path in sorted(paths, key=lambda path: int(path.name.partition("-")[0])):
            yield json.loads(path.read_text(encoding="utf-8"))

    def published(self) -> dict[str, Any]:
        """The artifacts: what tasks gave to set_stats."""
        (found,) = (event for event in self._events() if event["event"] == "playbook_on_stats")
        artifacts: dict[str, Any] = found["event_data"]["artifact_data"]
        return artifacts

    def events(self) -> list[Event]:
        """The results of tasks, in their order."""
        found = []
        for event in self._events():
            data = event.get("event_data", {})
            if "res" in data:
                # The text is measured as ansible-runner does it, and as JSON, which is longer at times.
                size = max(len(str(data["res"])), len(json.dumps(data["res"])))
                found.append(Event(event["event"], data.get("task", ""), data["res"], size))
        return found

    def results(self, task: str) -> list[dict[str, Any]]:
        """The results of the tasks with this name that were not skipped."""
        return [event.result for event in self.events() if event.task == task and event.kind != "runner_on_skipped"]

    def largest(self) -> Event:
        """The event with the longest result."""
        return max(self.events(), key=lambda event: event.size)


def _write_inventory(path: Path, hosts: Hosts) -> None:
    """Writes an inventory as AWX does: a script that prints it."""
    listed = {"all": {"hosts": list(hosts)}, "_meta": {"hostvars": {name: dict(hosts[name]) for name in hosts}}}
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(listed)}\nEND\n", encoding="utf-8")
    path.chmod(0o700)
