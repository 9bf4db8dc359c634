from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from nproxy.cli.root import nproxy

Run = Callable[..., Result]


@pytest.fixture
def run(db: None) -> Run:
    """`run("users", "list", stdin="…")`: the command line in this process, on the test's database."""

    def invoke(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(nproxy, arguments, input=stdin)

    return invoke
