"""The fast way to a handler of the mock model finds the same one as the model's own."""

import pytest
from zhmcclient.mock._urihandler import URIS, InvalidResourceError, UriHandler

from harness.hmc.handlers import HANDLERS

PATHS = [uri.replace(r"(?:\?(.*))?", "").replace("([^?/]+)", "x-1").replace("([^/]+)", "x-1") for uri, _ in URIS]


@pytest.mark.parametrize("path", PATHS)
def test_each_path_has_the_models_own_handler(path: str) -> None:
    assert HANDLERS.find(path, "GET") == UriHandler(URIS).handler(path, "GET")
    assert HANDLERS.knows(path)


@pytest.mark.parametrize(
    "uri", ["/api/partitions/p?properties=a,b", "/api/cpcs/c/partitions?name=a/b", "/api/cpcs?name=x"]
)
def test_a_query_is_handed_on(uri: str) -> None:
    assert HANDLERS.find(uri, "GET") == UriHandler(URIS).handler(uri, "GET")


@pytest.mark.parametrize(
    "uri", ["", "/", "/api", "/api/", "/api/nothing", "/api/cpcs/a/b/c/d/e", "/API/cpcs", "//api/cpcs"]
)
def test_what_is_nowhere_is_not_found(uri: str) -> None:
    with pytest.raises(InvalidResourceError):
        HANDLERS.find(uri, "GET")
    assert not HANDLERS.knows(uri)


def test_what_a_get_hides_is_known() -> None:
    hidden = HANDLERS.shows_all("/api/partitions/p")
    assert hidden
    assert "boot-ftp-password" in hidden
    assert HANDLERS.shows_all("/api/cpcs") is None
