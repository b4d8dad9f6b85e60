"""deploy/ and the operator's guide say the same, and name what exists. `make container` carries the Containerfile out."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from flask import Flask

from crm360.app import MAX_BODY_BYTES
from tools import containerfile
from tools.containerfile import NotUnderstood, Stage
from tools.try_container import context


@pytest.fixture(scope="module")
def stages() -> list[Stage]:
    return containerfile.stages(containerfile.FILE.read_text())


@pytest.fixture(scope="module")
def guide(root: Path) -> str:
    return (root / "docs/operating.md").read_text()


def test_the_image_is_of_one_debian_and_runs_as_nobody_special(stages: list[Stage]) -> None:
    build, image = stages
    assert build.image == image.image
    assert re.fullmatch(r"debian:\w+-slim", image.image)
    assert image.last("USER").rest.partition(":")[0] not in ("", "0", "root")
    assert image.last("STOPSIGNAL").rest == "SIGTERM"
    assert "/readyz" in image.last("HEALTHCHECK").rest
    assert not [name for name in image.environment() if re.search("SECRET|PASSWORD|TOKEN|KEY", name)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_changes_lies_in_the_volume_and_the_port_is_the_usual_one(app: Flask, stages: list[Stage]) -> None:
    told = stages[-1].environment()
    assert stages[-1].last("VOLUME").rest == told["INSTANCE_DIR"]
    assert told["PORT"] == stages[-1].last("EXPOSE").rest == str(app.config["SETTINGS"].port)


def test_it_copies_what_is_there_and_leaves_the_rest_out(root: Path, stages: list[Stage]) -> None:
    given = set(context())
    copied = [step for step in stages[0].steps if step.word == "COPY"]
    named = {source for step in copied for source in step.arguments[:-1] if source != "."}
    assert named <= given
    assert {"wsgi.py", "config.py", "crm360/app.py", "templates/sign_in.html", "migrations/env.py"} <= given
    assert not [name for name in given if name.startswith(("tests/", ".git/", "node_modules/", ".venv/"))]


def test_it_builds_by_targets_of_the_makefile(root: Path, stages: list[Stage]) -> None:
    makefile = (root / "Makefile").read_text().replace("$(VENV)", ".venv")
    variables = dict(re.findall(r"^([A-Z]+) := (\S+)$", makefile, flags=re.MULTILINE))
    rules = {variables.get(name.strip("$()"), name) for name in re.findall(r"^([^\s:#=]+):(?!=)", makefile, flags=re.MULTILINE)}  # fmt: skip
    lines = [line for step in stages[0].steps if step.word == "RUN" for line in step.rest.split("&&")]
    wanted = [target for line in lines if line.split()[0] == "make" for target in line.split()[1:]]
    assert wanted
    assert set(wanted) <= rules


def test_the_guide_installs_what_the_image_does(guide: str, stages: list[Stage]) -> None:
    told = {word for line in re.findall(r"^apt install (.*)$", guide, flags=re.MULTILINE) for word in line.split()}
    needed = {name for stage in stages for name in stage.packages()} - {"ca-certificates"}
    assert len(needed) > 6
    assert needed <= told


def test_unit_proxy_and_image_start_the_same_program(root: Path, stages: list[Stage]) -> None:
    unit = dict(re.findall(r"^(\w+)=(.*)$", (root / "deploy/crm360.service").read_text(), flags=re.MULTILINE))
    command = stages[-1].last("CMD").arguments
    assert unit["ExecStart"] == f"{unit['WorkingDirectory']}/{' '.join(command)}"
    assert unit["WorkingDirectory"] == stages[-1].last("WORKDIR").rest
    assert (root / f"{command[-1].replace('.', '/')}.py").exists()
    proxy = (root / "deploy/nginx.conf").read_text()
    assert re.findall(r"client_max_body_size (\d+)m", proxy) == [str(MAX_BODY_BYTES // 1024**2)]
    assert f"proxy_pass http://127.0.0.1:{stages[-1].environment()['PORT']};" in proxy


def test_settings_of_the_guide_are_settings(root: Path, guide: str) -> None:
    known = set(re.findall(r"^\| `([A-Z_]+)` \|", (root / "README.md").read_text(), flags=re.MULTILINE))
    blocks = re.findall(r"```(?:ini|sh)\n(.*?)```", guide, flags=re.DOTALL)
    named = {name for block in blocks for name in re.findall(r"^(?:.*--env '?)?([A-Z][A-Z_]+)=", block, flags=re.MULTILINE)}  # fmt: skip
    assert len(named) > 8
    assert {name for name in named if name.removesuffix("_FILE") not in known and name not in known} == set()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_command_the_documents_name_exists(app: Flask, root: Path) -> None:
    """With its options: `flask group command --option`, in any document."""
    named = [
        (document.name, line)
        for document in (*root.glob("*.md"), *(root / "docs").rglob("*.md"), *(root / "docs").rglob("*.sh"))
        for line in re.findall(r"(?<!install )flask ((?:[a-z][\w-]* ?)+[^`\n|]*)", document.read_text())
    ]
    assert len(named) > 100
    wrong = [(where, line, reason) for where, line in named if (reason := unknown(app.cli, line.split()))]
    assert wrong == []


def unknown(group: click.Command, words: list[str]) -> str:
    """What of a command line does not exist; empty when all does. Words that follow a whole command are its arguments."""
    while isinstance(group, click.Group) and words and re.fullmatch(r"[a-z][\w-]*", words[0]):
        if words[0] not in group.commands:
            return f"no {words[0]}"
        group, words = group.commands[words[0]], words[1:]
    options = {name for each in group.params for name in (*each.opts, *each.secondary_opts)}
    return ", ".join(
        word for word in words if word.startswith("--") and word.split("=")[0].strip("[],.;:)") not in options
    )


@pytest.mark.parametrize("text", ["ADD a b", "RUN x", "FROM a\nONBUILD RUN x"])
def test_what_cannot_be_carried_out_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        containerfile.stages(text)
