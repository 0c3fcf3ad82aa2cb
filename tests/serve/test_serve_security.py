import re
from pathlib import Path

import pytest
from serving import error_of, serving, texts

from jmere.serve.security import HEADERS, hosts_of, read_keys

KEYS = ("first-key-1234", "second-key-5678")


@pytest.fixture(scope="module")
def at():
    with serving(api_keys=KEYS, hosts=hosts_of("127.0.0.1", ["Proxy.example"])) as running:
        yield running


@pytest.mark.parametrize("key", KEYS)
def test_every_key_gives_access_in_either_header(at, key):
    for headers in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}):
        response = at.client.post("/v1/extract", json=texts("Ann"), headers=headers)
        assert response.status_code == 200
        assert at.client.get("/metrics", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong-key"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {KEYS[0]}"},
        {"Authorization": KEYS[0]},
        {"X-API-Key": KEYS[0][:-1]},
        {"X-API-Key": "".join(KEYS)},
        {"X-API-Key": b"\xff\xfe"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/extract", "/v1/graph", "/v1/model", "/metrics", "/nope"])
def test_without_a_key_there_is_no_access(at, path, headers):
    response = at.client.post(path, json=texts("Ann"), headers=headers)
    assert error_of(response, 401, "unauthorized")["where"] == "Authorization"
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/openapi.json"])
def test_the_page_and_the_state_of_the_server_need_no_key(at, path):
    assert at.client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/nope", "/v1/model"])
def test_every_response_has_the_security_headers(at, path):
    response = at.client.get(path)
    assert {name: response.headers[name] for name in HEADERS} == HEADERS
    assert response.headers["x-request-id"]
    assert "server" not in response.headers


def test_the_policy_allows_no_inline_script_and_no_frame(at):
    policy = at.client.get("/").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_the_page_has_no_inline_script_and_loads_nothing_from_elsewhere():
    page = (Path(__file__).parents[2] / "src/jmere/serve/static/index.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|style=", page)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)


def test_answers_are_not_cached_but_files_of_the_page_are_asked_about_again(at):
    headers = {"X-API-Key": KEYS[0]}
    assert at.client.get("/v1/model", headers=headers).headers["cache-control"] == "no-store"
    assert at.client.get("/").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:80", "127.0.0.2", ""])
def test_requests_to_another_host_are_refused(at, host):
    response = at.client.get("/healthz", headers={"Host": host})
    assert error_of(response, 400, "unknown_host")["where"] == "Host"


@pytest.mark.parametrize("host", ["LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "proxy.example"])
def test_requests_to_this_machine_are_not(at, host):
    assert at.client.get("/healthz", headers={"Host": host}).status_code == 200


def test_pages_of_other_sites_may_not_use_the_server(at):
    headers = {"X-API-Key": KEYS[0], "Sec-Fetch-Site": "cross-site"}
    response = at.client.post("/v1/extract", data={"text": "Ann"}, headers=headers)
    error_of(response, 403, "cross_site")
    assert "access-control-allow-origin" not in response.headers


def test_keys_are_read_from_a_file_and_from_the_environment(tmp_path):
    path = tmp_path / "keys"
    path.write_text(f"# of the team\n{KEYS[0]}\n\n  {KEYS[1]}  \n{KEYS[0]}\n")
    assert read_keys(path, {}) == KEYS
    environment = {"JMERE_API_KEYS": "third-key-9999, fourth-key-0000"}
    assert read_keys(path, environment) == ("third-key-9999", "fourth-key-0000", *KEYS)
    assert read_keys(None, {}) == ()


@pytest.mark.parametrize("content", ["short\n", "has a space 1234\n", "ümlaut-key-1234\n"])
def test_what_cannot_be_a_key_is_an_error_that_does_not_show_it(tmp_path, content):
    path = tmp_path / "keys"
    path.write_text(f"{KEYS[0]}\n{content}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"keys:2: no key; expected 8 to 200 ") as caught:
        read_keys(path, {})
    assert content.strip() not in str(caught.value)
    with pytest.raises(ValueError, match="JMERE_API_KEYS: key 1"):
        read_keys(None, {"JMERE_API_KEYS": "short"})


def test_a_file_without_keys_is_an_error(tmp_path):
    (tmp_path / "keys").write_text("# none\n")
    with pytest.raises(ValueError, match="contains no key"):
        read_keys(tmp_path / "keys", {})
    with pytest.raises(FileNotFoundError):
        read_keys(tmp_path / "absent", {})


def test_only_servers_of_this_machine_alone_know_their_names():
    assert hosts_of("0.0.0.0") is None
    assert hosts_of("::") is None
    assert hosts_of("0.0.0.0", ["a.example"]) == ("a.example",)
    assert "127.0.0.9" in hosts_of("127.0.0.9")


def test_figures_have_few_names_whatever_clients_ask(at):
    for number in range(3):
        at.client.request(f"FOO{number}", f"/nope/{number}")
    page = at.client.get("/metrics", headers={"X-API-Key": KEYS[0]}).text
    assert 'method="(other)",path="(other)"' in page
    assert "FOO" not in page
    assert "nope" not in page
