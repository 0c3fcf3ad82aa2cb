"""Requests made from the description of the API: no answer is a fault of the server."""

import warnings

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from serving import serving
from test_serve_status import look

from waiting import until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    schemathesis = pytest.importorskip("schemathesis", reason="needs the extra dev")

EXAMPLES = 20

PATHS = ["/v1/extract", "/v1/scene", "/v1/graph", "/v1/model", "/healthz", "/readyz", "/metrics"]


@pytest.fixture(scope="module")
def described():
    with serving(look=look, timeout=20, read_timeout=5) as at:
        until(lambda: at.app.state.service.batcher.extractor is not None)
        yield schemathesis.openapi.from_url(f"http://127.0.0.1:{at.port}/openapi.json")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", PATHS)
def test_no_request_is_a_fault_of_the_server(described, path):
    statuses = [status for each in described[path].values() for status in statuses_of(each)]
    assert len(statuses) >= 1
    assert max(statuses) < 500


def statuses_of(operation):
    """The statuses of answers to requests that the description allows."""
    statuses = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=operation.as_strategy())
    def run(case):
        statuses.append(case.call().status_code)

    run()
    return statuses
