"""Pictures of the sample posts, their scene graphs, and the overlay that the docs show.

``python recipes/samples/samples.py [PICODET_WEIGHTS]`` draws the poster, takes the portrait of
Grace Hopper (US Navy, public domain) from matplotlib's sample data, looks at both with PicoDet and
OCR, and writes the graphs into the sample posts. It needs the extras ``vision``, ``ocr`` and
``graph``.
"""

import json
import sys
from pathlib import Path

from matplotlib import cbook
from PIL import Image, ImageDraw, ImageFont

from jmere import Extractor, Post, SceneGraph, read_posts
from jmere.scenes.combine import join_graphs
from jmere.scenes.sources.from_words import tallest_lines
from jmere.show.overlay import write_overlay
from jmere.vision.images import read_picture
from jmere.vision.pixels import PixelScenes, VisionConfig

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "src/jmere/bundled/samples"
PAPER, INK, RED, BRASS = "#f3e7cb", "#2b2118", "#8c2f1b", "#b8862d"
POSTER = (
    (36, 28, 48, "LECTURE TONIGHT", RED),
    (36, 120, 27, "Ada Lovelace and Charles Babbage", INK),
    (36, 156, 27, "on the Analytical Engine", INK),
    (36, 430, 24, "Royal Society in London, England", INK),
    (36, 490, 18, "Doors open at seven", RED),
)


def poster() -> Image.Image:
    """A drawn poster: words above and below a punched card."""
    image = Image.new("RGB", (520, 540), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((12, 12, 507, 527), outline=INK, width=3)
    pen.rounded_rectangle((36, 214, 484, 406), radius=14, fill=BRASS, outline=INK)
    for hole in range(14 * 6):
        if hole * hole % 5 < 2:
            x, y = 56 + 30 * (hole % 14), 232 + 29 * (hole // 14)
            pen.rectangle((x, y, x + 12, y + 14), fill=PAPER)
    for x, y, letters, text, colour in POSTER:
        pen.text((x, y), text, font=ImageFont.load_default(letters), fill=colour)
    return image


def seen(path: Path, weights: str | None) -> SceneGraph:
    """The scene graph of a picture: what is detected, and the tallest lines that are read."""
    objects = PixelScenes(VisionConfig(weights=weights, cache=False)).scene(path)
    words = PixelScenes(VisionConfig(detector="ocr", cache=False)).scene(path)
    return join_graphs(objects, tallest_lines(words))


def rounded(scene: SceneGraph) -> dict[str, object]:
    """The graph as JSON, in tenths of a pixel."""
    value = json.loads(json.dumps(scene.to_dict()), parse_float=lambda x: round(float(x), 3))
    for thing in value["objects"]:
        thing["box"] = [round(side, 1) for side in thing["box"]]
    return value


def main() -> None:
    """Write pictures, posts and overlay."""
    weights = sys.argv[1] if len(sys.argv) > 1 else None
    poster().quantize(32).save(SAMPLES / "lecture.png", optimize=True)
    portrait = Image.open(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    portrait.convert("RGB").save(SAMPLES / "grace_hopper.jpg", quality=70, optimize=True)

    file = SAMPLES / "posts.jsonl"
    posts = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    if not any(post["id"] == "lecture" for post in posts):
        text = "Queueing already! Who else is coming tonight?"
        posts.append({"id": "lecture", "text": text, "image": "lecture.png"})
    for post in posts:
        if (path := SAMPLES / post.get("image", "-")).is_file():
            post["scene_graph"] = rounded(seen(path, weights))
    lines = (json.dumps(post, ensure_ascii=False) + "\n" for post in posts)
    file.write_text("".join(lines), encoding="utf-8")

    extractor = Extractor.from_pretrained(images=SAMPLES, read_text=True)
    for post in read_posts(file, gold=False):
        if post.id in ("admiral", "lecture"):
            draw(extractor, post)


def draw(extractor: Extractor, post: Post) -> None:
    """Draw what is seen, with the entities of the post, for the docs."""
    found = extractor(post)
    path = SAMPLES / str(post.image)
    named = [(each.entity.text, each.object, each.weight) for each in found.groundings]
    output = ROOT / "docs/images" / f"overlay-{post.id}.jpg"
    write_overlay(output, read_picture(path).pixels, found.scene_graph, grounding=named)
    Image.open(output).save(output, quality=75, optimize=True)
    for q in found.quintuples:
        print(post.id, q.head.text, q.relation, q.tail.text, q.source, q.head.box)


if __name__ == "__main__":
    main()
