"""Requests made up from the OpenAPI document, good and bad: none of them breaks the server."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error

from mien.web.app import make_app
from mien.web.engine import Engine
from mien.web.jobs import Jobs
from mien.web.scratch import Scratch
from mien.web.settings import Limits, Settings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def document(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    chosen = Settings(folder=tmp_path_factory.mktemp("jobs") / "jobs", limits=Limits(body_seconds=5))
    with Jobs(engine, Scratch(chosen), chosen.limits) as jobs:
        yield schemathesis.openapi.from_asgi(
            "/openapi.json", make_app(engine, jobs, chosen), base_url="http://localhost"
        )


schema = schemathesis.pytest.from_fixture("document")


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_no_request_breaks_the_server(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=[not_a_server_error], headers={"Host": "localhost"})
