# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the commands of the guide for CI and of its workflow."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import warm
from harness.devices import device, fleet
from harness.environments import simulator_python
from harness.fleets import connection_env, csv_file, mixed, posted
from harness.places import collection_root
from harness.playbooks import Playbooks, Run, environment
from harness.shells import run_in_shell
from harness.simulators import PASSWORD, USERNAME, Simulator
from harness.waits import POLL_INTERVAL, with_short_waits

GUIDE = collection_root() / "docs" / "docsite" / "rst" / "ci.rst"
WORKFLOW = collection_root() / "docs" / "ci" / "github-actions.yml"
MARK = "<!-- sentinel-plan -->"
#: Replaces gh: keeps the comments of a pull request in a file, and shows them with jq, which gh has built in.
GH = """#!PYTHON
import json, pathlib, sys

import jq

assert sys.argv[1] == "api", sys.argv
path = pathlib.Path("comments.json")
comments = json.loads(path.read_text())
options = dict(zip(sys.argv, sys.argv[1:]))
if "--method" not in options:
    assert "repos/o/fleet/issues/7/comments" in sys.argv
    for value in jq.compile(options["--jq"]).input_value(comments):
        print(value if isinstance(value, str) else json.dumps(value))
    sys.exit()
body = pathlib.Path(options["--field"].partition("body=@")[2]).read_text()
if options["--method"] == "POST":
    assert "repos/o/fleet/issues/7/comments" in sys.argv
    comments.append({"id": 100 + len(comments), "user": {"login": "github-actions[bot]"}, "body": body})
else:
    (comment,) = [c for c in comments if f"repos/o/fleet/issues/comments/{c['id']}" in sys.argv]
    comment["body"] = body
path.write_text(json.dumps(comments))
"""


def blocks(language: str) -> list[str]:
    """The guide's blocks in this language."""
    texts = []
    for part in GUIDE.read_text(encoding="utf-8").split(f".. code-block:: {language}\n")[1:]:
        lines = part.splitlines()[1:]
        size = next((number for number, line in enumerate(lines) if line and not line.startswith("   ")), len(lines))
        texts.append("\n".join(line[3:] for line in lines[:size]) + "\n")
    return texts


def test_the_guide_tests_a_fleet_on_a_simulator_in_the_checkout(tmp_path: Path) -> None:
    """Other jobs of the same user neither use nor stop it."""
    text = blocks("yaml+jinja")[0]
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    csv_file(checkout / "fleet.csv", fleet([1, 2, 3]))
    (checkout / "test_fleet.yml").write_text(text, encoding="utf-8")
    (play,) = yaml.safe_load(text)
    assert play["vars"]["simulator_venv"].startswith("~/.cache/")
    # Use an environment that has the requirements.
    variables = {"simulator_venv": str(simulator_python().parent.parent)}
    run = Playbooks(checkout)(checkout / "test_fleet.yml", extra_vars=variables)
    assert run["Activate the fleet"]["summary"] == {"activated": 3}
    assert not run["A second run has nothing to do"].changed
    assert (checkout / ".simulator").is_dir()
    assert run["Stop the simulator's process"].changed


def playbooks_of(job: dict[str, Any]) -> list[str]:
    """The commands of a job that run playbooks."""
    return [step["run"] for step in job["steps"] if step.get("run", "").startswith("ansible-playbook ")]


def files_of(job: dict[str, Any], action: str) -> list[str]:
    """The artifacts that a job uploads or downloads: names, and files if given."""
    used = [step["with"] for step in job["steps"] if step.get("uses", "").startswith(f"actions/{action}-artifact@")]
    return [f"{given['name']}: {given.get('path', '')}".strip() for given in used]


def test_the_guides_jobs_activate_only_the_approved_plan_of_a_merge(sentinel: Simulator, tmp_path: Path) -> None:
    """An environment of the CI service asks for approval between the two jobs."""
    (merged,) = (yaml.safe_load(text) for text in blocks("yaml"))
    plan, activate = merged["jobs"]["plan"], merged["jobs"]["activate"]
    assert (activate["needs"], activate["environment"]) == ("plan", "production")
    assert files_of(plan, "upload") == ["fleet-plan: fleet.plan.json"]
    assert files_of(activate, "download") == ["fleet-plan:"]
    assert files_of(activate, "upload") == ["fleet-result: fleet.result.csv"]

    def run(job: dict[str, Any], rc: int = 0) -> str:
        (command,) = playbooks_of(job)
        login = {"SENTINEL_USERNAME": USERNAME, "SENTINEL_PASSWORD": PASSWORD, "SENTINEL_API_URL": sentinel.api_url}
        assert set(job["env"]) < set(login)
        env = environment(tmp_path / "run.results", login)
        env["PATH"] = f"{warm.shims(tmp_path / 'bin', tmp_path, env)}{os.pathsep}{env['PATH']}"
        return run_in_shell(f"{command} -e fleet_poll_interval={POLL_INTERVAL}", tmp_path, env, rc, timeout=120)

    csv_file(tmp_path / "fleet.csv", mixed())
    run(plan)
    sentinel.assert_wrote_nothing()
    assert (tmp_path / "fleet.plan.md").is_file()
    csv_file(tmp_path / "fleet.csv", [*mixed(), *fleet([40])])
    assert "not in the approved plan" in run(activate, rc=2)
    sentinel.assert_wrote_nothing()
    csv_file(tmp_path / "fleet.csv", mixed())
    run(activate)
    assert len((tmp_path / "fleet.result.csv").read_text(encoding="utf-8").splitlines()) == 1 + len(mixed())
    written = posted(sentinel)
    # A second run of the job, as after a failure, changes nothing.
    run(activate)
    assert posted(sentinel) == written


class Chat(BaseHTTPRequestHandler):
    """A webhook that records requests."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path, json.loads(body)))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  name in the base class
        """Logs nothing."""


@pytest.fixture
def chat() -> Iterator[HTTPServer]:
    """A webhook on a free port; `posted` has path and body of each request."""
    with HTTPServer(("127.0.0.1", 0), Chat) as server:
        server.posted = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def last_line(
    sentinel: Simulator, directory: Path, devices: list[dict[str, Any]], webhook: str | None, expect_rc: int = 0
) -> Run:
    """Run the guide's playbook that posts its last line."""
    csv_file(directory / "fleet.csv", devices)
    playbook = directory / "last_line.yml"
    playbook.write_text(with_short_waits(blocks("yaml+jinja")[1]), encoding="utf-8")
    env = {**connection_env(sentinel), "SUMMARY_WEBHOOK": webhook}
    return Playbooks(directory)(playbook, env=env, expect_rc=expect_rc)  # type: ignore[arg-type]  None: not set


def test_the_last_line_of_each_run_is_posted_without_showing_the_webhook(
    sentinel: Simulator, chat: HTTPServer, tmp_path: Path
) -> None:
    webhook = f"http://127.0.0.1:{chat.server_port}/services/T0/secret-0815"
    good = last_line(sentinel, tmp_path, fleet([1, 2]), webhook)
    bad = last_line(sentinel, tmp_path, [*fleet([1, 2]), device(3, digits="904")], webhook, expect_rc=2)
    wrong = last_line(sentinel, tmp_path, [{**device(4), "imei": "1"}], webhook, expect_rc=2)
    posts: list[tuple[str, dict[str, str]]] = chat.posted  # type: ignore[attr-defined]
    assert {path for path, _body in posts} == {"/services/T0/secret-0815"}
    assert {tuple(body) for _path, body in posts} == {("text",)}
    first, second, third = (body["text"] for _path, body in posts)
    assert first == good["Write the report"].msg
    assert re.fullmatch(r"2 activated in [\d.]+ s \(simulator\); report: report/report\.html", first)
    assert re.fullmatch(r"2 already active, 1 failed in [\d.]+ s \(simulator\); report: report/report\.html", second)
    assert third == wrong["Activate the fleet"].msg.splitlines()[0]
    assert wrong["Write the report"].status == "skipped"
    assert (tmp_path / "report" / "fleet.xml").is_file()
    for run in (good, bad, wrong):
        assert "secret-0815" not in run.output + run.raw


def test_nothing_is_posted_without_a_webhook(sentinel: Simulator, chat: HTTPServer, tmp_path: Path) -> None:
    run = last_line(sentinel, tmp_path, fleet([1]), None)
    assert run["Post the last line"].status == "skipped"
    assert (tmp_path / "report" / "report.html").is_file()
    assert chat.posted == []  # type: ignore[attr-defined]


def test_an_unreachable_webhook_does_not_fail_the_run(sentinel: Simulator, chat: HTTPServer, tmp_path: Path) -> None:
    closed = f"http://127.0.0.1:{chat.server_port}/nowhere"
    chat.server_close()
    run = last_line(sentinel, tmp_path, fleet([1]), closed)
    assert run["Post the last line"].failed


def test_the_workflow_replaces_only_its_own_comment(tmp_path: Path) -> None:
    """Other workflows comment under the same name, and people can write the mark."""
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    (step,) = (step for step in workflow["jobs"]["plan"]["steps"] if step.get("name") == "Comment")
    (tmp_path / "gh").write_text(GH.replace("PYTHON", sys.executable), encoding="utf-8")
    (tmp_path / "gh").chmod(0o755)
    others = [
        {"id": 1, "user": {"login": "github-actions[bot]"}, "body": "Coverage: 95 %"},
        {"id": 2, "user": {"login": "somebody"}, "body": f"{MARK}\nhello"},
    ]

    def comments_after(plan: str) -> list[dict[str, Any]]:
        (tmp_path / "fleet.plan.md").write_text(plan, encoding="utf-8")
        env = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "GH_REPO": "o/fleet", "PULL_REQUEST": "7"}
        assert set(env) - {"PATH"} < set(step["env"])
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=tmp_path,
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout
        comments: list[dict[str, Any]] = json.loads((tmp_path / "comments.json").read_text(encoding="utf-8"))
        return comments

    (tmp_path / "comments.json").write_text(json.dumps(others), encoding="utf-8")
    assert comments_after("| first |\n") == [*others, {**others[0], "id": 102, "body": f"{MARK}\n| first |\n"}]
    later = {"id": 103, "user": {"login": "github-actions[bot]"}, "body": "Licences: fine"}
    known = json.loads((tmp_path / "comments.json").read_text(encoding="utf-8"))
    (tmp_path / "comments.json").write_text(json.dumps([*known, later]), encoding="utf-8")
    assert comments_after("| second |\n") == [*others, {**others[0], "id": 102, "body": f"{MARK}\n| second |\n"}, later]
