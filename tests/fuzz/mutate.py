"""Damaged forms of valid inputs, by their bytes and by their structure."""

import json
import math

TOKENS = [
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\r\n", b"\t", b" ", b"\xc2\xa0", b"\xe2\x80\x8b", b"'"),
    *(b'"', b"[", b"]", b"{", b"}", b",", b":", b"\\", b"\\u0000", b"\\ud800", b"-1", b"0", b"NaN"),
    *(b"1e999", b"-Infinity", b"9" * 30, b"9" * 5000, b"null", b"true", b"[[[[", b"]]]]", b"&a "),
    *(b"*a", b"!!bool zz", b"!!float ''", b"!!python/object:os.system", b"<<: *a", b"? ", b"- "),
    *(b"%YAML", b"|O", b"(1,)*9", b"<f8", b"B-", b"I-", b"IMGID:", b"=>", b"../", b"\x80\x04"),
]
"""Pieces that mean something to one format or another."""

VALUES = [
    *(None, True, False, 0, 1, -1, 2, 255, 256, 2**31, 2**63, 2**64, -(2**70), 10**40, 0.5, -0.0),
    *(1e39, 1e308, math.inf, -math.inf, math.nan, "", " ", "\0", "\ud800", "\u200b", "\u00e9"),
    *("a", "a" * 300, "../a", "/etc/passwd", "nan", "per", "misc", "1", [], {}, [[]], [{}], [0]),
    *({"": 0}, {"a": []}, ["a", "a"], [None], [1e308], [-1, 2**40], "\x1b[31m", "a\nb"),
]
"""Values that a field is not made for."""


def damaged_bytes(draw, data, others):
    """Some edits of ``data``; ``others`` are inputs to splice with."""
    data = bytearray(data)
    for _ in range(1 + int(draw.expovariate(0.5))):
        start = draw.randrange(len(data) + 1)
        end = min(len(data), start + int(draw.expovariate(0.2)))
        edit = draw.randrange(9)
        if edit == 0 and start < len(data):
            data[start] ^= 1 << draw.randrange(8)
        elif edit == 1 and start < len(data):
            data[start] = draw.randrange(256)
        elif edit == 2:
            del data[start:end]
        elif edit == 3:
            data[start:end] = draw.choice(TOKENS)
        elif edit == 4:
            data[start:start] = draw.choice(TOKENS)
        elif edit == 5:
            data[start:start] = data[start:end] * draw.randrange(2, 5)
        elif edit == 6 and draw.random() < 0.3:
            del data[start:]
        elif edit == 7:
            other = draw.choice(others)
            cut = draw.randrange(len(other) + 1)
            data[start:end] = other[cut : cut + int(draw.expovariate(0.02))]
        elif edit == 8 and draw.random() < 0.02:
            data[start:start] = draw.choice([b"[", b"{'a':", b'{"a":', b"(", b"- ", b"a"]) * 20_000
    return bytes(data)


def damaged_value(draw, value):
    """A copy of a JSON value with some of its parts changed, left out or repeated."""
    value = json.loads(json.dumps(value))
    for _ in range(1 + int(draw.expovariate(0.8))):
        place, key = _place(draw, value)
        if place is None:
            return draw.choice(VALUES)
        edit = draw.randrange(6)
        if edit == 0:
            del place[key]
        elif edit == 1 and isinstance(place, list):
            place.insert(key, place[key])
        elif edit == 2 and isinstance(place, dict):
            place[draw.choice([*place, "a", "", "name", "\ud800"])] = place[key]
        elif edit == 3:
            place[key] = [place[key]]
        elif edit == 4 and draw.random() < 0.05:
            for _ in range(draw.choice([70, 400])):
                place[key] = [place[key]]
        else:
            place[key] = _near(draw, place[key])
        value = json.loads(json.dumps(value))
    return value


def _near(draw, value):
    """Another value, of the same type half the time."""
    if draw.random() < 0.5:
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return draw.choice([value + 1, value - 1, -value, value * 1000, value + 10**9, 0])
        if isinstance(value, float):
            return draw.choice([-value, value * 1e30, 0.0, 1.5])
        if isinstance(value, str):
            return draw.choice([value + "a", value[1:], value.upper(), value * 50])
    return draw.choice(VALUES)


def _place(draw, value):
    """A random container inside ``value`` and a key of it, or nothing where there is none."""
    found = (None, None)
    for _ in range(1 + int(draw.expovariate(0.3))):
        if not isinstance(value, (dict, list)) or not value:
            break
        key = draw.choice(list(value)) if isinstance(value, dict) else draw.randrange(len(value))
        found = (value, key)
        value = value[key]
    return found


def damaged_json(draw, data, others):
    """Some edits of the JSON in ``data``, or of its bytes."""
    try:
        value = json.loads(data)
    except ValueError:
        value = None
    if value is None or draw.random() < 0.3:
        return damaged_bytes(draw, data, others)
    text = json.dumps(damaged_value(draw, value), ensure_ascii=draw.random() < 0.5)
    return text.encode(errors="surrogatepass")


def damaged_lines(draw, data, others):
    """Some edits of one of the lines of ``data``, as JSON where it is."""
    lines = data.split(b"\n")
    place = draw.randrange(len(lines))
    lines[place] = damaged_json(draw, lines[place], others)
    if draw.random() < 0.1:
        lines.insert(draw.randrange(len(lines)), draw.choice(lines))
    return b"\n".join(lines)


def damaged_header(draw, data, others):
    """Some edits of the header of a safetensors file, its length kept right, or of its bytes."""
    length = int.from_bytes(data[:8], "little")
    if draw.random() < 0.3:
        return damaged_bytes(draw, data, others)
    header = damaged_json(draw, data[8 : 8 + length], [data[8 : 8 + length]])
    return len(header).to_bytes(8, "little") + header + data[8 + length :]
