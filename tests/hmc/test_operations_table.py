"""The table of operations, and that nothing that zhmcclient calls is missing."""

from harness.hmc.called import operations_called
from harness.hmc.operations_table import Who, main, who_carries_out


def test_the_table_in_the_docs_is_current() -> None:
    assert main(["--check"]) == 0


def test_every_operation_that_zhmcclient_calls_is_there() -> None:
    missing = [called for called in operations_called() if who_carries_out(called) is Who.NOBODY]
    assert missing == []


def test_what_zhmcclient_waits_for_is_a_job_and_nothing_else_is() -> None:
    called = operations_called()
    jobs = {item.path for item in called if who_carries_out(item) is Who.JOB}
    assert jobs == {item.path for item in called if item.is_job}


def test_the_operations_are_found_in_the_sources() -> None:
    called = {(item.method, item.path) for item in operations_called()}
    assert ("POST", "/api/partitions/*/operations/attach-storage-group") in called
    assert ("GET", "/api/cpcs/*/partitions") in called
    assert ("DELETE", "/api/console/user-patterns/*") in called
    assert ("GET", "/api/sessions/operations/get-notification-topics") in called
    assert len(called) > 250
