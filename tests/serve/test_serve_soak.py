from serving import serving
from soak import GROWTH, soak

from waiting import until


def test_many_clients_lose_nothing_and_memory_stays_flat():
    with serving() as at:
        until(lambda: at.app.state.service.batcher.extractor is not None)
        result = soak(at.port, 4, 50)
    assert result["wrong"] == []
    assert result["statuses"].keys() >= {"200", "400", "415", "422"}
    assert result["memory_growth"] <= GROWTH
