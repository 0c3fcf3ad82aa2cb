import numpy as np
import pytest

import jmere
from jmere import Extractor

pd = pytest.importorskip("pandas", reason="needs the extra tables")
pa = pytest.importorskip("pyarrow", reason="needs the extra tables")

ROWS = {"tweet": ["Lionel Messi leaves Barcelona", "!"], "likes": [3, 4]}


@pytest.fixture(scope="module")
def extractor():
    return Extractor.from_pretrained()


def test_a_frame_gives_a_frame_with_its_index(extractor):
    frame = pd.DataFrame(ROWS, index=["a", "b"])
    found = jmere.extract_frame(
        frame, columns={"text": "tweet"}, keep=["likes"], extractor=extractor
    )
    assert list(found.index) == ["a", "b"]
    assert list(found["id"]) == ["a", "b"]
    assert list(found["likes"]) == [3, 4]
    assert found["quintuples"]["a"][0]["relation"] == "member_of"
    assert found["quintuples"]["b"] == []


def test_a_row_for_a_quintuple(extractor):
    found = jmere.extract_frame(
        pd.DataFrame(ROWS), columns={"text": "tweet"}, rows="quintuple", extractor=extractor
    )
    assert list(found["tail"]) == ["Barcelona"]
    assert list(found["id"]) == ["0"]


def test_datasets_and_arrow_tables_give_their_kind(extractor):
    datasets = pytest.importorskip("datasets", reason="needs datasets")
    given = {"id": [1, 2], **ROWS}
    for table in (datasets.Dataset.from_dict(given), pa.table(given)):
        found = jmere.extract_frame(table, columns={"text": "tweet"}, extractor=extractor)
        assert type(found) is type(table)
        assert found.column_names[0] == "id"
        assert len(found["id"]) == 2


def test_a_picture_in_a_cell_is_looked_at(extractor):
    frame = pd.DataFrame({"text": ["Bonn"], "image": [np.zeros((4, 4, 3), np.uint8)]})
    found = jmere.extract_frame(frame, extractor=extractor)
    alone = extractor.extract(jmere.Post("Bonn", image=frame["image"][0]))
    assert list(found["warnings"][0] or ()) == list(alone.warnings)


def test_a_missing_column_is_one_line(extractor):
    with pytest.raises(ValueError, match="table: no column 'text'"):
        jmere.extract_frame(pd.DataFrame(ROWS), extractor=extractor)
