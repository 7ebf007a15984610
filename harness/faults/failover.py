"""Another HMC takes over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core.values import Says, Seconds
from harness.core.vocabulary import Part
from harness.faults.blackhole import Blackhole
from harness.faults.expire_sessions import ExpireSessions
from harness.faults.forget_jobs import ForgetJobs
from harness.faults.new_certificate import NewCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Failover:
    """The address falls silent; then an alternate HMC has it, with its own certificate, and no session and no job.

    An agent whose profile has {hmc_alternate} is told the alternate HMC's own address: then the first address is silent
    all the time (`silent` and `alternate` together), and comes back without sessions and jobs; the alternate is there.
    """

    silent: Annotated[Seconds, Says("how long nobody has the address")] = 3.0
    alternate: Annotated[Seconds, Says("how long the alternate HMC has it")] = 4.0

    def __post_init__(self) -> None:
        """Refuse a phase that takes no time; each part does."""
        self.parts()

    def parts(self) -> tuple[Part, ...]:
        """Its phases for an agent that knows one address."""
        return (
            Part(name="silent", action=Blackhole(), lasts_s=self.silent),
            *_LOST,
            Part(name="alternate", action=NewCertificate(), at_s=self.silent, lasts_s=self.alternate),
        )

    def parts_with_alternate(self) -> tuple[Part, ...]:
        """Its phases for an agent that knows the alternate's address. That it goes there is for `expect` to say."""
        return (Part(name="silent", action=Blackhole(), lasts_s=self.silent + self.alternate), *_LOST)


_LOST = (
    Part(name="sessions-lost", action=ExpireSessions()),
    Part(name="jobs-lost", action=ForgetJobs()),
)
