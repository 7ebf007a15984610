"""What the broker sends becomes events, which say whose it is."""

from __future__ import annotations

import pytest

from harness.assembly.broker_side import BrokerWitness
from harness.core.events import NotificationSent, SubscriptionChanged
from harness.hmc.notifications.frames import Frame
from tests.control_plane.fakes import ListRecorder


@pytest.mark.parametrize(
    ("topic", "who"),
    [
        ("agent-user.7", "agent"),
        ("agent-user.7job", "agent"),
        ("agent-user.os1", "agent"),
        ("by.stander-user.1", "by.stander"),
        ("agent-user", ""),
        ("nobody.1", ""),
    ],
)
def test_a_topic_is_of_the_program_whose_user_it_begins_with(topic: str, who: str) -> None:
    kept = ListRecorder()
    witness = BrokerWitness(kept, {"agent-user": "agent", "by.stander-user": "by.stander"})
    witness.on_subscription("c", topic, present=True)
    assert kept.events == [SubscriptionChanged(who=who, listener="c", topic=topic, present=True)]


@pytest.mark.parametrize(
    ("headers", "about"),
    [
        ({"name": "part-1", "object-uri": "/api/partitions/1"}, "part-1"),
        ({"name": "", "object-uri": "/api/partitions/1"}, "/api/partitions/1"),
        ({"job-uri": "/api/jobs/1"}, "/api/jobs/1"),
        ({}, ""),
    ],
)
def test_a_message_is_recorded_with_what_it_is_about_and_not_with_what_it_says(
    headers: dict[str, str], about: str
) -> None:
    kept = ListRecorder()
    always = {"destination": "/topic/agent-user.1", "notification-type": "x", "session-sequence-nr": "3"}
    frame = Frame("MESSAGE", {**always, **headers}, b"a body")
    BrokerWitness(kept, {"agent-user": "agent"}).on_message("c", frame)
    assert kept.events == [
        NotificationSent(who="agent", listener="c", topic="agent-user.1", kind="x", about=about, number=3)
    ]
