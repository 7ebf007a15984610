"""Run by Neutron's interpreter: makes all tables of an empty database. ``make_tables.py NEUTRON_CONF``.

`neutron-db-manage upgrade` does not work with SQLite; Neutron's own tests make the tables in this way, too.
"""

import configparser
import sys

import sqlalchemy
from neutron.db.migration.models import head


def main() -> None:
    """Make them, or say why not."""
    conf = configparser.ConfigParser(interpolation=None)
    conf.read(sys.argv[1])
    try:
        engine = sqlalchemy.create_engine(conf["database"]["connection"])
        found = sqlalchemy.inspect(engine).get_table_names()
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        sys.exit(f"{str(error).splitlines()[0]}; give SQLAlchemy's URL, such as postgresql+psycopg2://user@host/name")
    if found:
        sys.exit(f"it has {len(found)} tables already; name an empty one")
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            # Readers and the writer do not wait for each other.
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    metadata = head.get_metadata()
    metadata.create_all(engine)
    print(f"{len(metadata.tables)} tables were made")


if __name__ == "__main__":
    main()
