# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example rulebook, run by ansible-rulebook.

Its rule engine needs Java 17. Without Java, these tests only check the error of ansible-rulebook. The source itself is
tested without it in test_source.py.
"""

from __future__ import annotations

import functools
import importlib
import importlib.resources
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from harness.devices import NEVER, UNKNOWN_ICCID, csv_of, device
from harness.places import collection_root
from harness.processes import kill_family, wait_until
from harness.simulators import CORP_ID, TOKEN, Simulator
from harness.snippets import blocks
from sources import SOURCE, load, submit, wait_for_polls

RULEBOOK = "kajeet.sentinel.transactions"
EXAMPLE = collection_root() / "extensions" / "eda" / "rulebooks" / "transactions.yml"
COMMAND = str(Path(sys.executable).with_name("ansible-rulebook"))


def _java() -> str | None:
    """Why the rule engine cannot run, or None."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin" if home else None)
    if java is None:
        return "Java is not installed; ansible-rulebook needs 17 or later"
    shown = subprocess.run([java, "-version"], stderr=subprocess.PIPE, text=True, check=False).stderr
    number = shown.split('"')[1].split(".")[0] if '"' in shown else ""
    return None if number.isdigit() and int(number) >= 17 else f"Java 17 or later is needed: {shown.strip()}"


WITHOUT_JAVA = _java()


def with_java(test: Callable[..., None]) -> Callable[..., None]:
    """A test that runs a rulebook. Without Java, it checks that only Java is missing."""

    @functools.wraps(test)
    def run(**fixtures: Any) -> None:
        if WITHOUT_JAVA is None:
            test(**fixtures)
            return
        rulebook = fixtures["start"](RULEBOOK, "--vars", str(write_variables(fixtures["tmp_path"])))
        assert rulebook.process.wait(90) != 0, WITHOUT_JAVA
        assert "java" in rulebook.output.lower(), f"{WITHOUT_JAVA}\n{rulebook.output}"

    return run


class Rulebook:
    """A running ansible-rulebook. `output`: its output so far."""

    def __init__(self, directory: Path, simulator: Simulator, rulebook: str, *more: str, **env: str) -> None:
        known = {"SENTINEL_API_URL": simulator.api_url, "SENTINEL_TOKEN": TOKEN, "SENTINEL_CORP_ID": CORP_ID}
        self._log = directory / "rulebook.log"
        inventory = directory / "localhost.yml"
        inventory.write_text("all:\n  hosts:\n    localhost:\n      ansible_connection: local\n", encoding="utf-8")
        command = [COMMAND, "--rulebook", rulebook, "--inventory", str(inventory), *more]
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=directory,
                env={**os.environ, **known, **env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, condition: Callable[[], Any], what: str) -> Any:
        """Waits until the condition returns a true value, and returns it. Fails if the rulebook ends before."""

        def check() -> Any:
            found = condition()
            assert found or self.process.poll() is None, self.output
            return found

        try:
            return wait_until(check, what, 90.0, 0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output}") from None

    def stop(self) -> None:
        """Ends it like Ctrl+C."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)


@pytest.fixture
def start(sentinel: Simulator, tmp_path: Path) -> Iterator[Callable[..., Rulebook]]:
    """Starts rulebooks: start(rulebook, argument …) → Rulebook. They are ended with the test."""
    started: list[Rulebook] = []

    def begin(rulebook: str = RULEBOOK, *more: str, **env: str) -> Rulebook:
        started.append(Rulebook(tmp_path, sentinel, rulebook, *more, **env))
        return started[-1]

    yield begin
    for rulebook in started:
        if rulebook.process.poll() is None:
            kill_family(rulebook.process)


def write_variables(directory: Path) -> Path:
    """Writes the rulebook's variables, and returns the path."""
    (directory / "fleet").mkdir()
    path = directory / "variables.yml"
    values = {
        "state_file": str(directory / "sentinel.state"),
        "fleet_directory": str(directory / "fleet"),
        "fleet_src": "fleet.csv",
        "interval": 0.2,
        "stuck_after": 1,
    }
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def write_hasty(directory: Path, wait: str) -> str:
    """Writes the example rulebook with a shorter wait in its first rule, and returns the path."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.count("once_after: 5 minutes") == 1
    path = directory / "hasty.yml"
    path.write_text(text.replace("once_after: 5 minutes", f"once_after: {wait}"), encoding="utf-8")
    return str(path)


def plans(path: Path, *actions: str) -> set[str]:
    """The ICCIDs of the devices that have these actions in a plan."""
    written = json.loads(path.read_text(encoding="utf-8"))
    return {entry["iccid"] for entry in written["devices"] if entry["action"] in actions}


@with_java
def test_failed_lines_start_a_job_and_a_stuck_one_is_reported(sentinel, start, tmp_path):
    devices = [device(1), device(2, UNKNOWN_ICCID), device(3, UNKNOWN_ICCID), device(4, NEVER)]
    variables = ("--vars", str(write_variables(tmp_path)))
    hasty = write_hasty(tmp_path, "3 seconds")
    (tmp_path / "fleet" / "fleet.csv").write_text(csv_of(devices), encoding="utf-8")
    plan = tmp_path / "fleet" / "fleet.plan.json"
    rulebook = start(hasty, *variables)
    rulebook.wait_for(lambda: len(sentinel.calls()) > 3, "the source polls the history")
    name = submit(sentinel, *devices)
    stuck = f"{devices[3]['imei']} is stuck: "
    rulebook.wait_for(lambda: stuck in rulebook.output, "the stuck line is reported")
    rulebook.wait_for(lambda: plan.exists() and "PLAY RECAP" in rulebook.output, "the job has made a plan")
    # Only the two that failed would be submitted again.
    assert plans(plan, "activate", "retry") == {devices[1]["iccid"], devices[2]["iccid"]}
    assert f"in {name}" in rulebook.output
    wait_for_polls(sentinel, 5)
    # One job for two failed lines.
    assert rulebook.output.count("PLAY RECAP") == 1
    assert rulebook.output.count(stuck) == 1
    rulebook.stop()
    # Another rulebook continues.
    plan.unlink()
    before = len(sentinel.calls())
    second = start(hasty, *variables)
    second.wait_for(lambda: len(sentinel.calls()) > before + 5, "the source polls the history")
    late = submit(sentinel, device(5, UNKNOWN_ICCID))
    second.wait_for(lambda: plan.exists() and second.output.count("PLAY RECAP") == 2, "the job has made another plan")
    assert second.output.count(stuck) == 1
    assert late != name
    second.stop()


@with_java
def test_lines_that_fail_together_start_one_job_and_later_ones_the_next(sentinel, start, tmp_path):
    """With one transaction per device, as of `request_format: single`."""
    devices = [device(number, UNKNOWN_ICCID) for number in range(1, 5)]
    variables = ("--vars", str(write_variables(tmp_path)))
    (tmp_path / "fleet" / "fleet.csv").write_text(csv_of(devices), encoding="utf-8")
    plan = tmp_path / "fleet" / "fleet.plan.json"
    rulebook = start(write_hasty(tmp_path, "5 seconds"), *variables)
    rulebook.wait_for(lambda: len(sentinel.calls()) > 3, "the source polls the history")
    for number, entry in enumerate(devices[:3]):
        submit(sentinel, entry)
        if number == 0:
            wait_for_polls(sentinel, 5)
    rulebook.wait_for(lambda: plan.exists() and "PLAY RECAP" in rulebook.output, "the job has made a plan")
    # The fourth was never submitted: it is new.
    assert plans(plan, "retry") == {entry["iccid"] for entry in devices[:3]}
    plan.unlink()
    submit(sentinel, devices[3])
    rulebook.wait_for(lambda: rulebook.output.count("PLAY RECAP") == 2 and plan.exists(), "the next job has made one")
    assert plans(plan, "retry") == {entry["iccid"] for entry in devices}
    rulebook.stop()


def test_the_guide_throttles_as_the_example_does():
    guide = (collection_root() / "docs" / "docsite" / "rst" / "events.rst").read_text(encoding="utf-8")
    block = guide.split(".. code-block:: yaml+jinja\n")[1].split(".. code-block::")[0]
    (shown,), (example,) = yaml.safe_load(block), yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    assert shown["rules"][0]["throttle"] == example["rules"][0]["throttle"]


def test_the_guides_rulebook_is_valid(tmp_path, monkeypatch):
    """ansible-rulebook accepts it with the guide's command and the controller of its workflow."""
    _install, rulebook, console, *_outages = blocks("docs/docsite/rst/events.rst")
    exports, controller, command = console.text.splitlines()
    assert command == "ansible-rulebook --rulebook watch.yml"
    content = yaml.safe_load(rulebook.text)
    schema = importlib.resources.files("ansible_rulebook") / "schema" / "ruleset_schema.json"
    jsonschema.validate(content, json.loads(schema.read_text(encoding="utf-8")))
    (source,) = content[0]["sources"]
    given = source["kajeet.sentinel.transactions"]
    assert set(given) <= set(yaml.safe_load(_documentation("DOCUMENTATION"))["options"])
    if WITHOUT_JAVA is None:
        variables = dict(word.split("=", 1) for line in (exports, controller) for word in line.split()[1:])
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "watch.yml").write_text(rulebook.text, encoding="utf-8")
        _validate_actions(tmp_path / "watch.yml")


def _validate_actions(path: Path) -> None:
    """Lets ansible-rulebook check the actions. Its modules look for Java when imported."""
    app, cli = (importlib.import_module(f"ansible_rulebook.{name}") for name in ("app", "cli"))
    options = cli.get_parser().parse_args(["--rulebook", str(path)])
    (rule_set,) = app.load_rulebook(options, app.StartupArgs(variables={}))
    startup = app.StartupArgs(rulesets=[rule_set], inventory=options.inventory or "")
    startup.controller_url, startup.controller_token = options.controller_url, options.controller_token
    app.validate_actions(startup)


@with_java
@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"SENTINEL_TOKEN": "wrong-token-of-somebody"}, "AuthenticationError"),
        ({"SENTINEL_TOKEN": ""}, "No credentials are set"),
    ],
    ids=["wrong", "none"],
)
def test_a_rulebook_without_credentials_ends_with_the_reason(start, tmp_path, env, message):
    rulebook = start(RULEBOOK, "--vars", str(write_variables(tmp_path)), "--shutdown-delay", "1", **env)
    assert rulebook.process.wait(90) != 0
    assert message in rulebook.output
    assert "wrong-token-of-somebody" not in rulebook.output


@with_java
def test_the_example_in_the_documentation_runs(sentinel, start, tmp_path):
    (rulebook,) = yaml.safe_load(_documentation("EXAMPLES"))
    (source,) = rulebook["sources"]
    (arguments,) = (value for name, value in source.items() if name != "name")
    arguments.update(state_file=str(tmp_path / "sentinel.state"), interval=0.2)
    # Without a controller, the event is printed.
    rulebook["rules"][0]["action"] = {"debug": {"msg": "{{ event.line.iccid }}: {{ event.line.reason }}"}}
    path = tmp_path / "example.yml"
    path.write_text(yaml.safe_dump([rulebook]), encoding="utf-8")
    running = start(str(path))
    running.wait_for(lambda: len(sentinel.calls()) > 3, "the source polls the history")
    failing = device(1, UNKNOWN_ICCID)
    submit(sentinel, failing)
    running.wait_for(lambda: f"{failing['iccid']}: " in running.output, "the failed line is reported")
    running.stop()


@with_java
def test_a_killed_rulebook_that_keeps_its_state_continues(sentinel, start, tmp_path):
    """With `feedback`, which ansible-rulebook gives only if it keeps its state."""
    (rulebook,) = yaml.safe_load(_documentation("EXAMPLES"))
    (source,) = rulebook["sources"]
    source["kajeet.sentinel.transactions"] = {
        "state_file": str(tmp_path / "sentinel.state"),
        "interval": 0.2,
        "from": "beginning",
        "feedback": True,
    }
    rulebook["rules"][0]["action"] = {"debug": {"msg": "Failed: {{ event.line.iccid }}"}}
    path = tmp_path / "example.yml"
    path.write_text(yaml.safe_dump([rulebook]), encoding="utf-8")
    variables = tmp_path / "engine.yml"
    variables.write_text(yaml.safe_dump({"drools_db_file_path": str(tmp_path / "engine")}), encoding="utf-8")
    engine = ("--persistence-id", "1", "--id", "1", "--vars", str(variables))
    first, second = device(1, UNKNOWN_ICCID), device(2, UNKNOWN_ICCID)
    submit(sentinel, first)
    running = start(str(path), *engine)
    running.wait_for(lambda: f"Failed: {first['iccid']}" in running.output, "the failed line is reported")
    wait_for_polls(sentinel, 3)
    kill_family(running.process)
    submit(sentinel, second)
    running = start(str(path), *engine)
    running.wait_for(lambda: f"Failed: {second['iccid']}" in running.output, "the other failed line is reported")
    wait_for_polls(sentinel, 3)
    assert running.output.count(f"Failed: {first['iccid']}") == 1, running.output
    running.stop()


def test_the_documentation_has_every_argument():
    """With types, defaults and choices."""
    documented = yaml.safe_load(_documentation("DOCUMENTATION"))["options"]
    spec = load()["_import"]("plugin_utils._events.settings").argument_spec()
    assert sorted(documented) == sorted(spec)
    for name, option in documented.items():
        for key in ("type", "default", "choices", "required"):
            assert option.get(key) == spec[name].get(key), f"{name}: {key}"


def _documentation(name: str) -> str:
    return str(load()[name])


def test_the_metadata_has_the_folder_of_the_extension():
    extensions = yaml.safe_load((collection_root() / "meta" / "extensions.yml").read_text(encoding="utf-8"))
    (folder,) = (entry["args"]["ext_dir"] for entry in extensions["extensions"])
    assert SOURCE.parent == collection_root() / "extensions" / folder
