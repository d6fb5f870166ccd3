"""The tables, and the statements that one account needs of them."""

from dataclasses import dataclass

import sqlalchemy as sa

METADATA = sa.MetaData()
# One row per schema version that this database has had; the highest one counts.
VERSIONS = sa.Table(
    "tidebreak_schema",
    METADATA,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
)
# A deleted document stays behind without a body, so that its version never goes back.
DOCUMENTS = sa.Table(
    "tidebreak_documents",
    METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary),
    sqlite_with_rowid=False,
)
# Numbered 1, 2, ... within its account in the order of commits: a sequence would leave gaps and commit out of order.
JOURNAL = sa.Table(
    "tidebreak_journal",
    METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("ts_ns", sa.BigInteger, nullable=False),
    sa.Column("module", sa.Text, nullable=False),
    sa.Column("event_type", sa.Text, nullable=False),
    sa.Column("asset", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("details", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
ENTRY = ("id", "ts_ns", "module", "event_type", "asset", "severity", "details")


@dataclass(frozen=True)
class Statements:
    """What a store runs. Parameters begin with ``the_``: SQLAlchemy keeps the bare column names for itself."""

    get: sa.Executable
    all: sa.Executable
    version: sa.Executable
    replace: sa.Executable
    insert: sa.Executable
    delete: sa.Executable
    append: sa.Executable
    last: sa.Executable
    entries: sa.Executable


def statements_of(account: str) -> Statements:
    """Return the statements of one account."""
    column = DOCUMENTS.c
    of_kind = (column.account == account) & (column.kind == sa.bindparam("the_kind"))
    of_key = of_kind & (column.key == sa.bindparam("the_key"))
    exists = column.body.is_not(None)
    body = sa.bindparam("the_body", type_=sa.LargeBinary)
    return Statements(
        get=sa.select(column.version, column.body).where(of_key, exists),
        all=sa.select(column.key, column.version, column.body).where(of_kind, exists),
        version=sa.select(column.version).where(of_key, exists),
        replace=sa.update(DOCUMENTS)
        .where(of_key)
        .values(version=column.version + 1, body=body)
        .returning(column.version),
        insert=sa.insert(DOCUMENTS)
        .values(account=account, kind=sa.bindparam("the_kind"), key=sa.bindparam("the_key"), version=1, body=body)
        .returning(column.version),
        delete=sa.update(DOCUMENTS).where(of_key, exists).values(body=None).returning(column.version),
        append=_append(account),
        last=sa.select(_last(account)),
        entries=_entries(account),
    )


def _last(account: str) -> sa.ScalarSelect[int]:
    highest = sa.func.coalesce(sa.func.max(JOURNAL.c.id), 0)
    return sa.select(highest).where(JOURNAL.c.account == account).scalar_subquery()


def _append(account: str) -> sa.Executable:
    values = {name: sa.bindparam(f"the_{name}", type_=JOURNAL.c[name].type) for name in ENTRY[1:]}
    return sa.insert(JOURNAL).values(account=account, id=_last(account) + 1, **values).returning(JOURNAL.c.id)


def _entries(account: str) -> sa.Executable:
    column = JOURNAL.c
    event_type = sa.bindparam("the_event_type", type_=sa.Text)
    asset = sa.bindparam("the_asset", type_=sa.Text)
    return (
        sa.select(*(column[name] for name in ENTRY))
        .where(column.account == account, column.id > sa.bindparam("the_id"), column.id <= sa.bindparam("the_last"))
        .where(event_type.is_(None) | (column.event_type == event_type))
        .where(asset.is_(None) | (column.asset == asset))
        .order_by(column.id)
    )
