"""The form of refusals, read by zhmcclient's own class for it."""

import zhmcclient

from harness.hmc.bodies import parse
from harness.hmc.errors import HmcError, error_body


def body_of(error: HmcError, **changes: object) -> dict[str, object]:
    asked: dict[str, object] = {
        "method": "POST",
        "uri": "/api/sessions?a=b",
        "headers": {"X-API-Session": "s3cret-session", "Accept": "*/*"},
        "user": "agent",
        "body": {"userid": "agent", "password": "s3cret-password"},
    }
    return error_body(error, **{**asked, **changes})  # type: ignore[arg-type]  # the test's own mixed dict


def test_zhmcclient_reads_every_field() -> None:
    read = zhmcclient.HTTPError(body_of(HmcError(409, 1, "not now")))
    assert (read.http_status, read.reason, read.message) == (409, 1, "not now")
    assert (read.request_method, read.request_uri) == ("POST", "/api/sessions")
    assert read.request_query_parms == [{"name": "a", "value": "b"}]
    assert read.request_authenticated_as == "agent"
    assert {"name": "Accept", "value": "*/*"} in read.request_headers
    assert read.request_body["userid"] == "agent"


def test_no_secret_that_the_client_sent_is_repeated() -> None:
    assert "s3cret" not in str(body_of(HmcError(403, 0, "no")))


def test_what_does_not_apply_is_left_out() -> None:
    told = body_of(HmcError(404, 1, "no"), uri="/api/x", user="", body=None)
    assert not {"request-query-parms", "request-authenticated-as", "request-body"} & told.keys()


def refusal(raw: bytes, method: str = "POST", content_type: str | None = "application/json") -> tuple[int, int]:
    try:
        parse(raw, method, content_type, takes_file=False)
    except HmcError as error:
        return error.status, error.reason
    raise AssertionError("it was taken")


def test_bodies_are_refused_with_the_books_reasons() -> None:
    assert refusal(b"{") == (400, 9)
    assert refusal(b"\xff") == (400, 9)
    assert refusal(b"[]") == (400, 7)
    assert refusal(b'{"a":' * 51 + b"1" + b"}" * 51) == (400, 9)
    assert refusal(b"{}", content_type=None) == (400, 2)
    assert refusal(b"{}", content_type="text/plain") == (415, 1)
    assert refusal(b"{}", method="GET") == (400, 4)


def test_a_good_body_is_taken() -> None:
    assert parse(b'{"a": 1}', "POST", "Application/JSON; charset=utf-8", takes_file=False) == {"a": 1}
    assert parse(b'{"a":' * 50 + b"1" + b"}" * 50, "POST", "application/json", takes_file=False)
    assert parse(b"", "POST", None, takes_file=False) is None
    assert parse(b"\x00iso", "POST", "application/octet-stream", takes_file=True) == b"\x00iso"


def test_a_secret_is_hidden_however_deep_it_is_in_a_body() -> None:
    body = {"requests": [{"body": {"password": "s3cret", "name": "x"}}], "bind-password": "s3cret"}
    told = body_of(HmcError(400, 1, "no"), body=body)["request-body"]
    assert told == {"requests": [{"body": {"password": "********", "name": "x"}}], "bind-password": "********"}
