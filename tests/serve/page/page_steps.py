"""What a person does on the page, for the tests of all tabs."""

import io
import json
from pathlib import Path

from PIL import Image, ImageDraw

FINALS = "Stephen Curry and Klay Thompson lead the Golden State Warriors to the NBA title"


def extract(page, text, *, alt_text="", picture=None):
    page.fill("#text", text)
    page.fill("#alt-text", alt_text)
    if picture is not None:
        page.set_input_files("#picture-field input", files=picture)
    page.get_by_role("button", name="Extract", exact=True).click()
    page.locator("#extract-message", has_text="quintuple").wait_for()
    page.locator("#extract-result .card").first.wait_for()


def run_batch(page, name, content, *, until="Finished"):
    """Extract from a file of these bytes; returns the message at the end."""
    page.click("#tab-batch")
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.set_input_files("#batch-file input", files=file)
    page.click("#start")
    message = page.locator("#batch-message", has_text=until)
    message.wait_for(timeout=120_000)
    return message.inner_text()


def as_lines(values):
    return "".join(f"{json.dumps(value)}\n" for value in values).encode()


def saved(page, press):
    """The bytes of the file that an action downloads."""
    with page.expect_download() as waiting:
        press()
    return Path(waiting.value.path()).read_bytes()


def rows(page, place):
    """The texts of a table's cells."""
    lines = page.locator(f"{place} tbody tr").all()
    return [[cell.inner_text() for cell in line.locator("td").all()] for line in lines]


def png(width=320, height=200):
    picture = Image.new("RGB", (width, height), (40, 90, 160))
    ImageDraw.Draw(picture).ellipse((60, 30, 220, 180), fill=(230, 180, 40))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return {"name": "ball.png", "mimeType": "image/png", "buffer": stream.getvalue()}
