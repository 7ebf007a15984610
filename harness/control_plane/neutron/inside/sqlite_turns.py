"""Run by Neutron's interpreter: lets several processes write to one SQLite database.

oslo.db begins each transaction with a plain BEGIN. One that has read and then wants to write, while another process
has written, fails at once ("database is locked"), however long it would be willing to wait, and Neutron does not
try again. BEGIN IMMEDIATE waits for its turn instead, before it reads.
"""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


def take_turns() -> None:
    """From now on, in this process; other databases than SQLite stay as they are."""
    event.listen(Engine, "before_cursor_execute", _immediate, retval=True)


def _immediate(connection: Any, _cursor: object, statement: str, parameters: object, *_: object) -> tuple[str, object]:
    if statement == "BEGIN" and connection.dialect.name == "sqlite":
        statement = "BEGIN IMMEDIATE"
    return statement, parameters
