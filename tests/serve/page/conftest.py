"""A running server and a real Chromium in front of its page."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from urllib.error import URLError

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
START = 120
"""Seconds in which a busy machine loads the model."""


@pytest.fixture(scope="session")
def server(tmp_path_factory, tiny_detector):
    """The address of ``jmere serve`` with the bundled model and a tiny detector."""
    pytest.importorskip("fastapi", reason="needs the extra 'serve'")
    log = tmp_path_factory.mktemp("serve") / "log.txt"
    command = [sys.executable, "-m", "jmere", "serve", "--port", "0", "--weights"]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*command, str(tiny_detector)], stdout=stream, stderr=subprocess.STDOUT
        )
    try:
        yield _ready(process, log)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _ready(process, log):
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"jmere serves (http://\S+)", log.read_text(errors="replace"))
        if found and _answers(f"{found[1]}/readyz"):
            return found[1]
        time.sleep(0.1)
    pytest.fail(f"the server does not start: {log.read_text(errors='replace')[-2000:]}")


def _answers(url):
    try:
        with urllib.request.urlopen(url, timeout=10):
            return True
    except (URLError, TimeoutError, ConnectionError):
        return False


@pytest.fixture(scope="module")
def browser():
    """Chromium, closed after each file: its event loop must not meet other tests."""
    api = pytest.importorskip("playwright.sync_api", reason="needs the extra 'dev' (playwright)")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"needs Chromium: one of {', '.join(PROGRAMS)}")
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium's own does not run as root
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=sandbox)
        yield chromium
        chromium.close()


class Complaints(list):
    """What the browser said against the page; a test takes out what it provokes."""

    def expect(self, pattern):
        found = [each for each in self if re.search(pattern, each)]
        assert found, f"expected {pattern!r} in {self}"
        self[:] = [each for each in self if each not in found]


@pytest.fixture
def complaints():
    return Complaints()


@pytest.fixture
def open_page(browser, server, complaints):
    """Opens the page; any error or any request to another server fails the test."""
    contexts = []

    def opened(*, path="", **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda it: _note(complaints, it))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: _check_origin(complaints, request, server))
        page.goto(f"{server}/{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page):
    return open_page()


def _note(complaints, message):
    if message.type in ("error", "warning"):
        complaints.append(f"{message.type}: {message.text}")


def _check_origin(complaints, request, server):
    if not request.url.startswith((f"{server}/", "blob:")):
        complaints.append(f"request: {request.url}")
