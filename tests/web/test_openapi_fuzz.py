"""Requests made up from the OpenAPI document, good and bad: none of them breaks the server."""

from contextlib import suppress
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error

from tests.web.serving import served

pytestmark = pytest.mark.slow

EXAMPLES = settings(
    max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def test_no_request_breaks_the_server(web_model: Path, tmp_path: Path):
    asked: dict[str, set[int]] = {}
    with served(web_model, "--folder", tmp_path / "jobs", "--limit", "body_seconds=2") as server:
        schema = schemathesis.openapi.from_url(f"{server.address}/openapi.json")
        for found in schema.get_all_operations():
            operation = found.ok()
            for mode in GenerationMode:

                @EXAMPLES
                @given(case=operation.as_strategy(generation_mode=mode))
                def try_one(case: schemathesis.Case) -> None:
                    answer = case.call_and_validate(checks=[not_a_server_error])
                    asked.setdefault(case.operation.label, set()).add(answer.status_code)

                with suppress(Unsatisfiable):  # a route that takes nothing has no bad requests
                    try_one()
        assert server.get("/health")["status"] == "ok"
    print(asked)
    assert len(asked) == 11
    assert max(status for statuses in asked.values() for status in statuses) < 500
