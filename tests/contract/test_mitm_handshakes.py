"""Through a real mitmproxy: certificates that a client must refuse, a new one that it must take, and old TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

import pytest

from harness.core.commands import Certificate, Command, OfferOldTls, PresentCertificate
from harness.core.events import ComponentCrashed, Touched
from tests.contract.mitm_world import HOST, NAME, World, world
from tests.contract.raw_client import raw_ask, trusting

pytestmark = pytest.mark.contract


MISMATCH = {HOST: "IP address mismatch", NAME: "Hostname mismatch"}


@pytest.mark.parametrize("called", [HOST, NAME])
@pytest.mark.parametrize(
    ("command", "words"),
    [
        (PresentCertificate(certificate=Certificate.EXPIRED), "certificate has expired"),
        (PresentCertificate(certificate=Certificate.NOT_YET_VALID), "certificate is not yet valid"),
        (PresentCertificate(certificate=Certificate.WRONG_HOST), MISMATCH),
        (PresentCertificate(certificate=Certificate.SELF_SIGNED), "self-signed certificate"),
        (PresentCertificate(certificate=Certificate.UNKNOWN_CA), "unable to get local issuer"),
        (OfferOldTls(), "(?i)protocol"),
    ],
    ids=lambda value: str(getattr(value, "certificate", type(value).__name__)),
)
def test_a_client_refuses_it_for_the_right_reason_and_is_the_witness(
    command: Command, words: str | Mapping[str, str], called: str
) -> None:
    """By address or by name: a certificate for somebody else would hide what is wrong with it."""
    expected = words if isinstance(words, str) else words[called]

    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, command)
            with pytest.raises(ssl.SSLError, match=expected):
                await shake_hands(it, called)
            await it.recorder.until(lambda: bool(it.recorder.all(Touched)))
            assert it.recorder.all(Touched)[0].what.endswith("; the client refused it")
            await it.proxy.heal(1)
            assert (await raw_ask(it.port, "/api/cpcs")).status == 200
            assert it.recorder.all(ComponentCrashed) == []

    asyncio.run(scene())


def test_a_careless_client_is_a_witness_too() -> None:
    """One that verifies nothing takes the expired certificate: the fault touched it, and it did not care."""

    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, PresentCertificate(certificate=Certificate.EXPIRED))
            careless = ssl.create_default_context()
            careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
            _, writer = await asyncio.open_connection(HOST, it.port, ssl=careless)
            writer.close()
            await it.recorder.until(lambda: bool(it.recorder.all(Touched)))
            assert it.recorder.all(Touched)[0].what == "showed a certificate: expired; the client accepted it"

    asyncio.run(scene())


@pytest.mark.parametrize("called", [HOST, NAME])
def test_a_rotated_certificate_is_another_good_one_and_reaches_who_is_connected(called: str) -> None:
    async def scene() -> None:
        async with world() as it:
            before = await shake_hands(it, called)
            reader, writer = await asyncio.open_connection(HOST, it.port, ssl=trusting())
            await it.proxy.begin(1, PresentCertificate(certificate=Certificate.ROTATED))
            assert await reader.read() == b"", "a client that stays connected would never see it"
            writer.close()
            during = [await shake_hands(it, called), await shake_hands(it, called)]
            await it.proxy.heal(1)
            assert during[0] == during[1] != before
            assert await shake_hands(it, called) == before
            assert (await it.ask()).status == 200

    asyncio.run(scene())


async def shake_hands(it: World, called: str) -> bytes | None:
    """The certificate that a client accepts which calls the HMC so."""
    _, writer = await asyncio.open_connection(HOST, it.port, ssl=trusting(), server_hostname=called)
    tls = writer.get_extra_info("ssl_object")
    shown: bytes | None = tls.getpeercert(binary_form=True)
    writer.close()
    return shown


def test_a_certificate_that_nobody_is_shown_has_no_witness() -> None:
    async def scene() -> None:
        async with world() as it:
            await it.ask()
            await it.proxy.begin(1, PresentCertificate(certificate=Certificate.EXPIRED))
            await it.proxy.heal(1)
            assert (await it.ask()).status == 200
            assert it.recorder.all(Touched) == []

    asyncio.run(scene())
