import numpy as np
import pytest
from PIL import Image

from jmere.records import SceneGraph, SceneObject, SceneRelation
from jmere.show.overlay import COLOURS, check_overlay, draw_scene, write_overlay
from jmere.show.scene.fonts import Lettering
from jmere.show.scene.free_space import FreeSpace
from jmere.show.scene.legend import MAX_LISTED, legend
from jmere.show.scene.sketch import MAX_ARROWS, sketch

GRAY = np.full((600, 800, 3), 128, np.uint8)

TWO = SceneGraph(
    (
        SceneObject("man", (100, 100, 300, 500), 0.9),
        SceneObject("horse", (400, 200, 700, 550), 0.8),
    ),
    (SceneRelation(0, "riding", 1, 0.83),),
)


def crowd(count=10, relations=20):
    """Objects large and small in a picture of 800 x 600, many on one another."""
    chance = np.random.default_rng(0)
    objects = []
    for number in range(count):
        x, y = chance.uniform(0, 700), chance.uniform(0, 500)
        width, height = chance.uniform(5, 300, 2)
        box = (x, y, min(x + width, 800), min(y + height, 600))
        objects.append(SceneObject("thing", box, 1 - number / 100))
    pairs = [(i, (i + step) % count) for step in (1, 2, 3, 4) for i in range(count)][:relations]
    return SceneGraph(
        tuple(objects),
        tuple(SceneRelation(i, "next to", j, 0.9 - n / 100) for n, (i, j) in enumerate(pairs)),
    )


def overlap(one, other):
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(across, 0) * max(down, 0)


def rects(plan):
    return [each.rect for each in (*plan.tags, *plan.arrows)]


def rgb(colour):
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def row(image, y, x0, x1):
    return {tuple(each) for each in np.asarray(image)[y, x0:x1].tolist()}


# Where all goes


def test_tags_and_plates_stay_in_the_picture_and_off_one_another():
    plan = sketch(crowd(), (800, 600))
    placed = rects(plan)
    assert len(plan.tags) == 10
    assert len(plan.arrows) >= 4
    for number, rect in enumerate(placed):
        assert rect[0] >= 0
        assert rect[1] >= 0
        assert rect[2] <= 800
        assert rect[3] <= 600
        assert all(overlap(rect, other) == 0 for other in placed[:number])


def test_a_tag_stands_on_its_box_where_there_is_room():
    tag = sketch(TWO, (800, 600)).tags[0]
    assert (tag.object, tag.text) == (0, "man 0.90")
    assert tag.rect[0] == 100
    assert tag.rect[3] == pytest.approx(100)


def test_no_plate_covers_a_small_object():
    small = SceneObject("ball", (390, 290, 410, 310), 0.5)
    ends = [SceneObject("a", (0, 200, 200, 400)), SceneObject("b", (600, 200, 800, 400))]
    plan = sketch(SceneGraph((*ends, small), (SceneRelation(0, "throws to", 1),)), (800, 600))
    assert len(plan.arrows) == 1
    assert all(overlap(rect, small.box) == 0 for rect in rects(plan))


def test_an_arrow_goes_from_subject_to_object_with_its_predicate_on_it():
    (arrow,) = sketch(TWO, (800, 600)).arrows
    assert arrow.start == (200, 300)
    assert arrow.end == (550, 375)
    assert arrow.text == "riding"
    assert overlap(arrow.rect, (370, 330, 380, 345)) > 0


def test_two_arrows_between_the_same_boxes_are_apart():
    both = SceneGraph(TWO.objects, (*TWO.relations, SceneRelation(1, "carrying", 0)))
    one, other = sketch(both, (800, 600)).arrows
    assert one.start != other.end
    assert one.end != other.start


def test_larger_pictures_have_larger_letters_and_lines():
    plans = [sketch(SceneGraph(), size) for size in ((640, 480), (1600, 1200), (4000, 3000))]
    assert [plan.letters.size for plan in plans] == [13, 29, 73]
    assert [plan.line for plan in plans] == [2, 5, 12]


@pytest.mark.parametrize(
    ("size", "drawn"), [((120, 90), (693, 520)), ((1, 1), (600, 600)), ((800, 600), (800, 600))]
)
def test_small_pictures_are_enlarged(size, drawn):
    assert sketch(SceneGraph(), size).picture == drawn


@pytest.mark.parametrize("size", [(3, 4000), (4000, 3)])
def test_narrow_pictures_get_paper_beside_them_for_tags(size):
    scene = SceneGraph((SceneObject("pole", (0, 0, *size), 0.5),))
    plan = sketch(scene, size)
    assert plan.frame[0] >= 320
    assert plan.frame[1] >= 120
    image = draw_scene(np.zeros((size[1], size[0], 3), np.uint8), scene)
    assert image.size == plan.frame


def test_boxes_of_a_scene_graph_of_another_size_are_brought_to_the_picture_s():
    half = SceneGraph((SceneObject("man", (50, 50, 150, 250)),), size=(400, 300))
    assert sketch(half, (800, 600)).boxes == {0: (100, 100, 300, 500)}


@pytest.mark.parametrize(
    "box",
    [
        (-50, -50, 30, 30),
        (400, 300, 400, 300),
        (900, 900, 950, 950),
        (300, 500, 100, 100),
        (0, 0, 800, 600),
        (1e30, -1e30, 1e30, 1e30),
    ],
)
def test_a_box_however_odd_is_seen_in_the_picture(box):
    scene = SceneGraph((SceneObject("odd", box, 0.5),))
    x0, y0, x1, y1 = sketch(scene, (800, 600)).boxes[0]
    assert 0 <= x0 < x1 <= 799
    assert 0 <= y0 < y1 <= 599
    drawn = np.asarray(draw_scene(GRAY, scene))
    assert (drawn == rgb(COLOURS[0][0])).all(axis=2).any()


def test_a_box_that_is_nowhere_counts_as_none():
    scene = SceneGraph((SceneObject("odd", (0, 0, float("nan"), 5)),))
    assert sketch(scene, (800, 600)).boxes == {}


def test_the_same_box_many_times_and_relations_with_itself():
    same = SceneGraph(
        tuple(SceneObject("thing", (300, 200, 500, 400), 0.5) for _ in range(6)),
        tuple(SceneRelation(i, "is", j) for i in range(6) for j in range(6)),
    )
    placed = rects(sketch(same, (800, 600)))
    assert all(overlap(a, b) == 0 for n, a in enumerate(placed) for b in placed[:n])


def test_more_objects_than_there_is_room_for_are_still_in_the_picture():
    plan = sketch(crowd(150, 0), (800, 600))
    assert len(plan.tags) == 150
    assert all(rect[2] <= 800 and rect[3] <= 600 for rect in rects(plan))


# Words


def test_objects_of_one_label_are_numbered():
    dogs = SceneGraph(tuple(SceneObject(label) for label in ("dog", "cat", "dog")))
    assert sketch(dogs, (800, 600)).names == ("dog 1", "cat", "dog 2")


def test_an_entity_is_named_with_its_weight_at_its_best_object():
    grounding = [("Curry", 1, 0.2), ("Curry", 0, 0.7), ("Shadowfax", 1, 0.9), ("Bill", 1, 0.95)]
    tags = sketch(TWO, (800, 600), grounding=grounding).tags
    texts = [tag.text for tag in tags]
    assert texts == ["Curry 0.70 ~ man", "Bill 0.95, Shadowfax 0.90 ~ horse"]


def test_an_entity_at_an_object_that_is_not_there_is_an_error():
    with pytest.raises(
        ValueError, match="'Curry' is grounded in object 2, but the scene graph has 2"
    ):
        draw_scene(GRAY, TWO, grounding=[("Curry", 2, 0.5)])


def test_long_texts_are_cut():
    scene = SceneGraph((SceneObject("word " * 50, (0, 0, 50, 50), 0.5),))
    (tag,) = sketch(scene, (800, 600)).tags
    assert tag.text.endswith("… 0.50")
    assert len(tag.text) < 40
    letters = Lettering(20)
    cut = letters.fit("W" * 40, 100)
    assert cut.endswith("…")
    assert letters.width(cut) <= 100


@pytest.mark.parametrize(
    "text", ["two\nlines\t", "\0\x1b", "東京タワー", "Лионель", "😀", "\ud800", "مرحبا"]
)
def test_any_text_can_be_drawn(text):
    scene = SceneGraph(TWO.objects, (SceneRelation(0, text, 1),))
    draw_scene(GRAY, scene, grounding=[(text, 0, 0.5)])


def test_letters_that_no_font_here_has_lose_their_accents(monkeypatch):
    monkeypatch.setattr("jmere.show.scene.fonts.INSTALLED", ("no such font",))
    letters = Lettering(20)
    assert letters.set("Beyoncé")[1] == "Beyonce"
    assert letters.set("東京")[1] == "東京"
    assert letters.width("東京") > 0


def test_where_nothing_is_free_nothing_is_taken_unless_it_must():
    room = FreeSpace(100, 100, taken=[(0, 0, 100, 100)])
    assert room.take((20, 10), [(5, 5)]) is None
    assert room.take_any((20, 10), [(5, 5)]) == (5, 5, 25, 15)
    nearest = FreeSpace(100, 100, taken=[(0, 0, 100, 50)]).take_any((20, 10), [(30, 40)])
    assert nearest == (30, 50, 50, 60)


# The legend


def test_what_is_all_on_the_picture_needs_no_legend():
    assert legend(TWO, sketch(TWO, (800, 600))) == (0, [])
    assert draw_scene(GRAY, TWO).size == (800, 600)


def test_an_object_without_a_box_is_in_the_legend_with_its_relations():
    sky = SceneObject("sky", None, 0.7)
    scene = SceneGraph((*TWO.objects, sky), (*TWO.relations, SceneRelation(0, "under", 2, 0.5)))
    height, lines = legend(scene, sketch(scene, (800, 600)))
    texts = ["man riding horse 0.83", "man under sky 0.50", "without a box: sky"]
    assert [line.text for line in lines] == texts
    assert [[place for place, _ in line.squares] for line in lines] == [[0, 1], [0], []]
    assert draw_scene(GRAY, scene).size == (800, 600 + height)


def test_more_relations_than_can_be_drawn_are_all_listed():
    scene = crowd(10, 30)
    plan = sketch(scene, (800, 600))
    assert len(plan.arrows) <= MAX_ARROWS < 30
    height, lines = legend(scene, plan)
    assert len(lines) == 30
    for line in lines:
        assert 0 <= line.at[0] < 800
        assert 600 <= line.at[1] < 600 + height


def test_a_long_legend_ends_with_a_number():
    scene = SceneGraph(TWO.objects, TWO.relations * 100)
    lines = legend(scene, sketch(scene, (800, 600))).lines
    assert len(lines) == MAX_LISTED + 1
    assert lines[-1].text == f"and {100 - MAX_LISTED} more relations"


# Pixels


def test_outlines_have_the_colours_of_their_objects():
    image = draw_scene(GRAY, TWO)
    assert rgb(COLOURS[0][0]) in row(image, 450, 99, 106)
    assert rgb(COLOURS[1][0]) in row(image, 500, 694, 702)
    assert row(image, 450, 110, 290) == {(128, 128, 128)}, "inside, the picture is as it was"
    assert image.getpixel((50, 50)) == (128, 128, 128)


def test_the_picture_given_is_not_drawn_on():
    pixels = GRAY.copy()
    draw_scene(pixels, TWO)
    np.testing.assert_array_equal(pixels, GRAY)


def test_a_picture_of_nothing_stays_as_it_is():
    np.testing.assert_array_equal(np.asarray(draw_scene(GRAY, SceneGraph())), GRAY)


def test_drawing_again_gives_the_same():
    scene, grounding = crowd(), [("東京", 1, 0.5), ("Curry", 2, 0.5)]
    one, other = (np.asarray(draw_scene(GRAY, scene, grounding=grounding)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


# Files


@pytest.mark.parametrize(
    ("name", "form"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("b/a.JPEG", "JPEG")]
)
def test_it_is_written_as_the_name_says(tmp_path, name, form):
    write_overlay(tmp_path / name, GRAY, TWO)
    with Image.open(tmp_path / name) as image:
        assert (image.format, image.size) == (form, (800, 600))


@pytest.mark.parametrize("name", ["a.gif", "a.svg", "a"])
def test_another_format_is_refused_before_anything_is_drawn(tmp_path, name):
    with pytest.raises(ValueError, match=r"cannot draw .*; expected \.png, \.jpg or \.jpeg"):
        check_overlay(tmp_path / name)
    with pytest.raises(ValueError, match="cannot draw"):
        write_overlay(tmp_path / name, GRAY, TWO)
    assert list(tmp_path.iterdir()) == []


def test_what_fails_leaves_no_file(tmp_path):
    with pytest.raises(ValueError, match="grounded"):
        write_overlay(tmp_path / "a.png", GRAY, TWO, grounding=[("x", 9, 1.0)])
    assert list(tmp_path.iterdir()) == []


def test_a_photograph_is_drawn_on_in_all_sizes(shared):
    from jmere.vision.images import read_picture

    with Image.open(shared / "images" / "astronaut.jpg") as photograph:
        for side in (120, 512, 2000):
            pixels = read_picture(photograph.resize((side, side))).pixels
            scene = SceneGraph(
                (
                    SceneObject("woman", (25, 15, 365, 512)),
                    SceneObject("helmet", (278, 345, 505, 512)),
                ),
                (SceneRelation(0, "holding", 1),),
                size=(512, 512),
            )
            plan = sketch(scene, (side, side))
            assert draw_scene(pixels, scene).size == plan.frame
            assert len(plan.arrows) == 1
