# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as an automation controller runs them: by ansible-runner in a private data directory, and their artifacts."""

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

#: Maximum characters of a result. Automation controllers and ansible-runner empty longer ones.
LIMIT = 700_000
ACTIVATE = "Activate the fleet"

#: A job's play: its hosts are the fleet.
PLAY: dict[str, Any] = {
    "name": "Activate the devices of this job",
    "hosts": "all",
    "gather_facts": False,
    "tasks": [
        {"name": "Activate", "ansible.builtin.include_role": {"name": "kajeet.sentinel.fleet"}, "run_once": True}
    ],
}
#: Variables for short waits and few requests.
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
    """The command ansible-runner, or its replacement on machines without pseudo-terminals."""
    try:
        for descriptor in os.openpty():
            os.close(descriptor)
    except OSError:
        return [sys.executable, str(Path(__file__).with_name("without_terminal.py"))]
    return ["ansible-runner"]


def hosts_of(devices: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Hosts of an inventory, one per device. Their names sort in a different order than the devices."""
    return {
        f"bus-{number * 7919 % 10_007:05}": {f"sentinel_{field}": value for field, value in device.items()}
        for number, device in enumerate(devices)
    }


def sliced(hosts: Hosts, number: int, count: int) -> Hosts:
    """The hosts of slice `number`, from 1, distributed as in AWX: by name, one to each slice in turn."""
    return {name: hosts[name] for name in sorted(hosts)[number - 1 :: count]}


def by_token(simulator: Simulator) -> dict[str, str]:
    """Environment variables that a controller injects for a credential with a token."""
    return {"SENTINEL_API_URL": simulator.api_url, "SENTINEL_TOKEN": TOKEN, "SENTINEL_CORP_ID": CORP_ID}


def by_login(simulator: Simulator) -> dict[str, str]:
    """Environment variables that a controller injects for a credential with username and password."""
    return {"SENTINEL_API_URL": simulator.api_url, "SENTINEL_USERNAME": USERNAME, "SENTINEL_PASSWORD": PASSWORD}


@dataclass(frozen=True)
class Event:
    """A job event. `task`: the task's name. `result`: its result on a host. `size`: of the result, in characters."""

    kind: str
    task: str
    result: dict[str, Any]
    size: int


class Job:
    """A job: its private data directory, its processes and its artifacts.

    Args:
        directory: created as the private data directory.
        hosts: host name → variables.
        env: additional environment variables, as injected for a credential.
        play: the playbook's only play; default: the role fleet.
        variables: extra variables; default: QUICK.
        cmdline: additional arguments of ansible-playbook.
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
        #: Folder of the artifacts: this one, unless another process writes them.
        self.artifacts = directory / "artifacts"
        self._processes: list[subprocess.Popen[bytes]] = []
        # Keep ansible-runner from emptying large results, so that tests can measure them.
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
        """Starts the job."""
        self._start("run", str(self.directory), "-p", "job.yml", "--ident", "job")

    def start_elsewhere(self) -> None:
        """Starts the job as controllers do: one process sends it, a second runs it, a third stores the artifacts."""
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
        """Waits until the job ends, and asserts its exit code."""
        for process in self._processes:
            process.wait(patience)
        ended = self.artifacts / "job" / "rc"
        assert ended.exists(), f"the job did not run\n{self.output}"
        assert_not_deprecated(self.shown())
        assert ended.read_text() == str(rc), self.output

    def end(self) -> None:
        """Ends the processes that still run."""
        for process in self._processes:
            if process.poll() is None:
                kill_family(process)

    # -- Artifacts -----------------------------------------------------------------------------------------------------

    @property
    def output(self) -> str:
        """The output of ansible-runner."""
        logs = sorted(self._log("x").parent.iterdir())
        return "\n".join(log.read_text(encoding="utf-8", errors="replace")[-20_000:] for log in logs)

    def shown(self) -> str:
        """The output of the job, as a controller shows it."""
        return (self.artifacts / "job" / "stdout").read_text(encoding="utf-8")

    def files(self) -> dict[str, str]:
        """The text of all files that the job has written: artifacts, job events, output, logs. Not its input.

        The artifact `command` contains the environment. It is returned without the variables of the credential.
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
        """The job's artifacts: the data of set_stats."""
        (stats,) = (event for event in self._events() if event["event"] == "playbook_on_stats")
        artifacts: dict[str, Any] = stats["event_data"]["artifact_data"]
        return artifacts

    def events(self) -> list[Event]:
        """The results of tasks, in order."""
        results = []
        for event in self._events():
            data = event.get("event_data", {})
            if "res" in data:
                # ansible-runner measures the result as text. JSON may be longer.
                size = max(len(str(data["res"])), len(json.dumps(data["res"])))
                results.append(Event(event["event"], data.get("task", ""), data["res"], size))
        return results

    def results(self, task: str) -> list[dict[str, Any]]:
        """The results of tasks with this name that were not skipped."""
        return [event.result for event in self.events() if event.task == task and event.kind != "runner_on_skipped"]

    def largest(self) -> Event:
        """The event with the longest result."""
        return max(self.events(), key=lambda event: event.size)


def _write_inventory(path: Path, hosts: Hosts) -> None:
    """Writes an inventory script, as AWX does."""
    listed = {"all": {"hosts": list(hosts)}, "_meta": {"hostvars": {name: dict(hosts[name]) for name in hosts}}}
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(listed)}\nEND\n", encoding="utf-8")
    path.chmod(0o700)
