from jmere.data.readers.conll import read_conll
from jmere.data.readers.mnre import read_mnre
from jmere.data.transforms import distinct, outside, overlapping
from jmere.records import Post

TRAIN = [Post(text="Ada met #Grace !", id="a"), Post(text="Rain again", id="b")]
DEV = [Post(text="ada met Grace", id="x"), Post(text="Rain, again?", id="y"), Post(text="New")]


def test_a_post_is_known_by_its_letters():
    assert [(post.id, twin.id) for post, twin in overlapping(TRAIN, DEV)] == [
        ("a", "x"),
        ("b", "y"),
    ]
    assert list(outside(TRAIN, DEV)) == []
    assert list(outside(DEV, TRAIN)) == [DEV[2]]


def test_other_letters_make_another_post():
    assert list(overlapping([Post(text="Ada met Graces")], DEV)) == []


def test_of_posts_of_one_text_the_first_stays():
    assert list(distinct([*TRAIN, *DEV])) == [*TRAIN, DEV[2]]


def test_no_text_that_is_learned_from_is_one_of_dev(shared):
    dev = list(read_mnre(shared / "data/mnre/mnre_val.txt", merge="v1"))
    files = [
        *(shared / f"data/mner/twitter{year}/{part}.txt"
          for year in (2015, 2017) for part in ("train", "valid", "test")),
    ]  # fmt: skip
    texts = [post for file in files for post in read_conll(file)]
    for name in ("mnre_train.txt", "v1/ours_train.txt", "v1/ours_val.txt"):
        texts += read_mnre(shared / "data/mnre" / name, merge="v2", unrelated=True)
    twins = list(overlapping(texts, dev))
    assert 0 < len(twins) < 20
    kept = list(outside(distinct(texts), dev))
    assert list(overlapping(kept, dev)) == []
    assert len(texts) - len(kept) > len(twins)
