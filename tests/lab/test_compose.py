"""The containers of the local lab: what their files name is there, and nothing is let out that need not be.

Docker itself is not needed here; `docs/local-lab.md` tells how to run them.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TypedDict

import pytest
import yaml

from harness.hmc import Inventory
from harness.hmc.alone import Address, how_to_use, read_options
from harness.hmc.client_files import ClientFiles

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "local-lab.md").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
INSIDE = "/harness"
DOCKER_MAKES = {"./runs", "./lab/hmc"}
"""Folders that are there once they are used; lab/as-owner gives them to whom they belong."""
BECOME_OWNER = {"CHOWN", "KILL", "SETGID", "SETUID"}


class Service(TypedDict, total=False):
    """The words of a Compose service that are used."""

    build: str
    cap_add: list[str]
    cap_drop: list[str]
    command: list[str]
    entrypoint: list[str]
    environment: dict[str, str]
    healthcheck: dict[str, object]
    image: str
    init: bool
    network_mode: str
    ports: list[str]
    profiles: list[str]
    pull_policy: str
    security_opt: list[str]
    stop_grace_period: str
    volumes: list[str]


SERVICES: dict[str, Service] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
each_service = pytest.mark.parametrize("service", list(SERVICES.values()), ids=list(SERVICES))


def words(service: Service) -> list[str]:
    return [*service["entrypoint"], *service["command"]]


def mounts(service: Service) -> Iterator[tuple[str, str, str]]:
    """Host path, path in the container, mode."""
    for volume in service["volumes"]:
        host, inside, mode = (*volume.split(":"), "rw")[:3]
        yield host, inside, mode


def test_only_the_hmc_is_reached_and_from_this_machine_only() -> None:
    published = [(name, port) for name, service in SERVICES.items() for port in service.get("ports", [])]
    assert published
    assert all(name == "hmc" and port.startswith("127.0.0.1:") for name, port in published)
    assert {name: service["network_mode"] for name, service in SERVICES.items()} == {
        "scenarios": "none",
        "tests": "none",
        "hmc": "bridge",
    }


@each_service
def test_each_has_no_more_rights_than_it_needs_and_ends_quickly(service: Service) -> None:
    assert set(service) <= set(Service.__annotations__), "a word that nobody has thought about here"
    assert service["cap_drop"] == ["ALL"]
    more = set(service["cap_add"]) - BECOME_OWNER
    assert more == (set() if service["network_mode"] == "bridge" else {"NET_RAW", "NET_ADMIN"})
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True
    assert re.fullmatch("[1-5]s", service["stop_grace_period"])


@each_service
def test_each_runs_the_image_of_these_sources_and_never_one_that_a_registry_has(service: Service) -> None:
    assert (service["build"], service["pull_policy"]) == (".", "build")


@each_service
def test_each_runs_programs_and_modules_that_are_there(service: Service) -> None:
    first, python, flag, module, *_ = words(service)
    assert os.access(ROOT / first, os.X_OK)
    assert (python, flag) == (".venv/bin/python", "-m")
    assert importlib.util.find_spec(module)


@each_service
def test_each_folder_is_mounted_where_the_project_has_it(service: Service) -> None:
    """So a path that a container prints is one that its user can type."""
    assert f"WORKDIR {INSIDE}\n" in DOCKERFILE
    for host, inside, mode in mounts(service):
        assert PurePosixPath(INSIDE, host) == PurePosixPath(inside)
        assert host in DOCKER_MAKES or (ROOT / host).is_dir()
        assert mode == ("ro" if host == "./scenarios" else "rw")
    assert "./scenarios:/harness/scenarios:ro" in service["volumes"], "it tells lab/as-owner whose files to write"


@each_service
def test_what_is_begun_as_root_is_the_images_own(service: Service) -> None:
    """Root without capabilities cannot read what a strict umask keeps from others; and no container may change it."""
    begun = PurePosixPath(INSIDE, service["entrypoint"][0])
    assert not any(begun.is_relative_to(inside) for _, inside, _ in mounts(service))


def test_a_plain_up_starts_the_hmc_only() -> None:
    assert [name for name, service in SERVICES.items() if "profiles" not in service] == ["hmc"]


def test_paths_after_scenarios_take_the_place_of_all_scenarios() -> None:
    entrypoint = SERVICES["scenarios"]["entrypoint"]
    assert entrypoint[-2:] == ["-o", "testpaths=scenarios"]
    assert "scenarios" not in entrypoint


def test_the_hmcs_options_are_understood_and_fit_the_published_port() -> None:
    options = read_options(SERVICES["hmc"]["entrypoint"][4:] + SERVICES["hmc"]["command"])
    published_ip, published_port, port = SERVICES["hmc"]["ports"][0].split(":")
    address = Address.parse(options.listen, anywhere=options.listen_anywhere)
    assert address.names(options.reached_as)[0] == published_ip
    assert str(address.port) == port == published_port
    assert f"('127.0.0.1', {port})" in str(SERVICES["hmc"]["healthcheck"]["test"])
    assert Inventory.load(str(ROOT / options.inventory)).name == "two-nics"
    assert f"./{options.files}" in [host for host, _, _ in mounts(SERVICES["hmc"])]


def test_the_page_shows_the_hmcs_own_words() -> None:
    """Also that its files lie where its user looks for them."""
    options = read_options(SERVICES["hmc"]["entrypoint"][4:] + SERVICES["hmc"]["command"])
    printed = how_to_use("two-nics", options.reached_as[0], 6794, options.user, ClientFiles(options.files)).splitlines()
    commands = [line.strip() for line in printed if line.startswith("  ")]
    assert len(commands) == 2
    assert "\n".join(commands) in PAGE


@pytest.mark.parametrize("name", ["README.md", "docs/local-lab.md", "docker-compose.yml"])
def test_each_command_that_is_shown_names_a_service(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"docker compose (?:run --rm(?: --service-ports)?|up) ([\w-]+)", text)
    assert named
    assert set(named) <= set(SERVICES)


@pytest.mark.parametrize("path", re.findall(r"scenarios/\S+\.yaml", PAGE))
def test_each_file_that_the_page_names_is_there(path: str) -> None:
    assert (ROOT / path).is_file()


def test_the_hmcs_options_on_the_page_are_understood() -> None:
    shown = re.findall(r"--service-ports hmc (.+)", PAGE)
    assert shown
    for line in shown:
        read_options([*SERVICES["hmc"]["entrypoint"][4:], *line.split()])


def test_the_image_is_made_of_files_and_targets_that_are_there() -> None:
    copied = [path for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE) for path in line.split()]
    assert {"pyproject.toml", "Makefile", "."} <= set(copied)
    assert all((ROOT / path).exists() for path in copied)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "&& make .venv/ready agents\n" in DOCKERFILE
    assert re.search(r"^VENV +\?= \.venv$", makefile, re.MULTILINE)
    assert re.search(r"^\$\(VENV\)/ready:", makefile, re.MULTILINE)
    assert re.search(r"^agents:", makefile, re.MULTILINE)


def test_the_image_has_a_python_that_the_project_runs_on() -> None:
    found = re.match(r"FROM python:3\.(\d+)-slim\n", DOCKERFILE)
    assert found
    assert int(found[1]) >= 11


def test_what_git_ignores_stays_out_of_the_image() -> None:
    """Above all virtual environments of another Python, and the password of a running HMC."""
    left_out = {line.removeprefix("**/") for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").split()}
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()}
    assert ignored <= left_out
