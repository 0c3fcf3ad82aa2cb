from jmere.data.overlap import distinct, inside, outside
from jmere.records import Post

TRAIN = [Post(text="Ada met #Grace !", id="a"), Post(text="Rain again", id="b")]
DEV = [Post(text="ada met Grace", id="x"), Post(text="Rain, again?", id="y"), Post(text="New")]


def test_a_post_is_known_by_its_letters():
    assert [(post.id, twin.id) for post, twin in inside(TRAIN, DEV)] == [("a", "x"), ("b", "y")]
    assert list(outside(TRAIN, DEV)) == []
    assert list(outside(DEV, TRAIN)) == [DEV[2]]


def test_other_letters_make_another_post():
    assert list(inside([Post(text="Ada met Graces")], DEV)) == []


def test_of_posts_of_one_text_the_first_stays():
    assert list(distinct([*TRAIN, *DEV])) == [*TRAIN, DEV[2]]
