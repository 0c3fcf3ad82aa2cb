"""Pictures with words, drawn for tests: a poster, a jersey and a screenshot."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PAPER, INK = "#f4e3c1", "#202020"


def drawn(size, lines, *, paper=PAPER):
    """A picture of lines: x, y, height of letters, text, and perhaps colour."""
    image = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(image)
    for x, y, letters, text, *colour in lines:
        pen.text((x, y), text, font=ImageFont.load_default(letters), fill=(colour or [INK])[0])
    return image


def extent(line):
    """The box that a line of ``drawn`` takes."""
    x, y, letters, text, *_ = line
    left, top, right, bottom = ImageFont.load_default(letters).getbbox(text)
    return x + left, y + top, x + right, y + bottom


POSTER = (
    (40, 30, 56, "LIVE IN CONCERT", "#802020"),
    (40, 140, 32, "Taylor Swift performs at"),
    (40, 182, 32, "Wembley Stadium in London"),
    (40, 400, 22, "Doors open at 7 pm"),
)
SCREENSHOT = (
    (20, 12, 22, "Sports News", "#555555"),
    (24, 90, 24, "Lionel Messi leaves Barcelona for Paris Saint-Germain"),
    (24, 124, 24, "after 21 years at the club"),
    (24, 240, 24, "Angela Merkel meets Emmanuel Macron in Berlin"),
)


def poster():
    return drawn((640, 480), POSTER)


def screenshot():
    return drawn((700, 420), SCREENSHOT, paper="white")


def jersey():
    image = Image.new("RGB", (480, 560), "#88aacc")
    pen = ImageDraw.Draw(image)
    shirt = [(110, 80), (190, 50), (290, 50), (370, 80), (440, 190), (370, 230)]
    pen.polygon([*shirt, (360, 520), (120, 520), (110, 230), (40, 190)], fill="#1d428a")
    pen.text((150, 140), "CURRY", font=ImageFont.load_default(54), fill="white")
    pen.text((175, 220), "30", font=ImageFont.load_default(150), fill="#ffc72c")
    return image


def pixels(image):
    return np.asarray(image.convert("RGB"))
