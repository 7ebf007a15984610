"""The server's side of STOMP as a conversation: what is sent in answer to what."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from harness.hmc.changes import Change
from harness.hmc.notifications.conversation import SUBSCRIPTIONS_LIMIT, Conversation
from harness.hmc.notifications.frames import Frame


@dataclass
class Doorman:
    """Lets in one user, and knows two topics."""

    topics: set[str] = field(default_factory=lambda: {"me.1", "me.1job"})

    def may_connect(self, login: str, passcode: str) -> bool:
        return (login, passcode) == ("me", "secret")

    def has_topic(self, name: str) -> bool:
        return name in self.topics

    def learn_of(self, change: Change) -> list[str]:
        return ["me.1"]


def say(conversation: Conversation, command: str, **headers: str) -> list[Frame]:
    return list(conversation.receive(Frame(command, {name.replace("_", "-"): text for name, text in headers.items()})))


def talking(**headers: str) -> Conversation:
    conversation = Conversation(Doorman(), "c")
    offer = {"accept_version": "1.1", "login": "me", "passcode": "secret", **headers}
    assert [frame.command for frame in say(conversation, "STOMP", **offer)] == ["CONNECTED"]
    return conversation


@pytest.mark.parametrize(
    ("offered", "agreed"), [("1.1", "1.1"), ("1.0,1.1,1.2", "1.2"), ("1.2,9.9", "1.2"), (None, "1.0")]
)
def test_the_highest_common_version_is_agreed_on(offered: str | None, agreed: str) -> None:
    conversation = Conversation(Doorman(), "c")
    headers = {"login": "me", "passcode": "secret"} | ({"accept_version": offered} if offered else {})
    [connected] = say(conversation, "CONNECT", **headers)
    assert (connected.command, connected.headers["version"], conversation.version) == ("CONNECTED", agreed, agreed)


def test_heartbeats_are_what_the_client_can_and_wants_but_never_too_short() -> None:
    conversation = talking(heart_beat="5000,1")
    assert (conversation.expect_every_ms, conversation.send_every_ms) == (5000, 100)
    quiet = talking()
    assert (quiet.expect_every_ms, quiet.send_every_ms) == (0, 0)


@pytest.mark.parametrize(
    ("command", "headers", "says"),
    [
        ("SUBSCRIBE", {"destination": "/topic/me.1", "id": "1"}, "first frame"),
        ("STOMP", {"accept_version": "2.0", "login": "me", "passcode": "secret"}, "accept-version"),
        ("STOMP", {"login": "me", "passcode": "wrong"}, "invalid"),
        ("STOMP", {}, "invalid"),
        ("STOMP", {"login": "me", "passcode": "secret", "heart_beat": "soon"}, "heart-beat"),
    ],
)
def test_before_a_good_connect_everything_is_refused(command: str, headers: dict[str, str], says: str) -> None:
    conversation = Conversation(Doorman(), "c")
    [error] = say(conversation, command, **headers)
    assert error.command == "ERROR"
    assert says in error.headers["message"]
    assert conversation.over
    assert not conversation.connected


def test_a_version_that_nobody_speaks_is_answered_with_those_that_are() -> None:
    [error] = say(Conversation(Doorman(), "c"), "STOMP", accept_version="2.0")
    assert error.headers["version"] == "1.0,1.1,1.2"


@pytest.mark.parametrize(
    ("command", "headers", "says"),
    [
        ("SUBSCRIBE", {"destination": "/topic/me.2", "id": "1"}, "no such topic"),
        ("SUBSCRIBE", {"destination": "me.1", "id": "1"}, "no such topic"),
        ("SUBSCRIBE", {"destination": "/topic/me.1"}, "needs the header id"),
        ("SUBSCRIBE", {"destination": "/topic/me.1", "id": "1", "ack": "client"}, "ack:auto"),
        ("UNSUBSCRIBE", {"id": "1"}, "no subscription"),
        ("SEND", {"destination": "/topic/me.1"}, "only listen"),
        ("BEGIN", {"transaction": "1"}, "only listen"),
        ("ACK", {"id": "1"}, "only listen"),
        ("STOMP", {}, "not expected"),
        ("GET / HTTP/1.1", {}, "unknown"),
    ],
)
def test_what_is_not_allowed_ends_the_conversation_and_names_the_receipt(
    command: str, headers: dict[str, str], says: str
) -> None:
    conversation = talking()
    [error] = say(conversation, command, receipt="r", **headers)
    assert (error.command, error.headers["receipt-id"]) == ("ERROR", "r")
    assert says in error.headers["message"]
    assert conversation.over


def test_a_receipt_is_given_after_what_it_is_for() -> None:
    conversation = talking()
    [receipt] = say(conversation, "SUBSCRIBE", destination="/topic/me.1", id="1", receipt="r")
    assert (receipt.command, receipt.headers) == ("RECEIPT", {"receipt-id": "r"})
    [goodbye] = say(conversation, "DISCONNECT", receipt="r2")
    assert (goodbye.command, conversation.over) == ("RECEIPT", True)


def test_messages_reach_each_subscription_with_numbers_of_their_own() -> None:
    conversation = talking()
    say(conversation, "SUBSCRIBE", destination="/topic/me.1", id="a")
    say(conversation, "SUBSCRIBE", destination="/topic/me.1", id="b")
    say(conversation, "SUBSCRIBE", destination="/topic/me.1job", id="c")
    frames = list(conversation.messages("me.1", {"class": "nic"}, b"{}"))
    told = [(frame.headers["subscription"], frame.headers["session-sequence-nr"]) for frame in frames]
    assert told == [("a", "0"), ("b", "1")]
    assert frames[0].headers["destination"] == "/topic/me.1"
    assert (frames[0].headers["class"], frames[0].body) == ("nic", b"{}")
    say(conversation, "UNSUBSCRIBE", id="a")
    assert [frame.headers["subscription"] for frame in conversation.messages("me.1", {}, b"")] == ["b"]


def test_in_1_0_a_subscription_needs_no_id() -> None:
    conversation = talking(accept_version="1.0")
    assert say(conversation, "SUBSCRIBE", destination="/topic/me.1") == []
    assert conversation.listens_to("me.1")
    assert say(conversation, "UNSUBSCRIBE", destination="/topic/me.1") == []
    assert not conversation.listens_to("me.1")


def test_subscriptions_are_bounded_and_their_ids_are_used_once() -> None:
    conversation = talking()
    for number in range(SUBSCRIPTIONS_LIMIT):
        assert say(conversation, "SUBSCRIBE", destination="/topic/me.1", id=str(number)) == []
    [error] = say(conversation, "SUBSCRIBE", destination="/topic/me.1", id="one more")
    assert "subscriptions" in error.headers["message"]
    other = talking()
    say(other, "SUBSCRIBE", destination="/topic/me.1", id="1")
    [error] = say(other, "SUBSCRIBE", destination="/topic/me.1", id="1")
    assert "already" in error.headers["message"]
