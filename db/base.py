"""What every table shares: the base class, its types, and the words that columns hold."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Enum,
    Identity,
    MetaData,
    Numeric,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column


class Status(StrEnum):
    """Where a generation stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Role(StrEnum):
    """What a generation uses an asset as."""

    SOURCE = "source"
    MASK = "mask"
    REFERENCE = "reference"


class Source(StrEnum):
    """Where an asset came from."""

    UPLOAD = "upload"
    IMPORT = "import"
    GENERATED = "generated"


class CallStatus(StrEnum):
    """Where one call to a provider stands."""

    SENT = "sent"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


def stored(kind: type[StrEnum]) -> Enum:
    """Store an enum as the text of its value; SQLAlchemy's default is its name."""
    return Enum(
        kind,
        native_enum=False,
        length=16,
        values_callable=values_of,
    )


def values_of(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """Text with a check: unlike a native enum, a value can be added without a table lock."""
    values = ", ".join(f"'{value}'" for value in values_of(kind))
    return CheckConstraint(f"{column} IN ({values})", name=column)


Pk = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
Created = Annotated[datetime, mapped_column(server_default=func.now())]
Snowflake = Annotated[int, mapped_column(BigInteger)]
"""A Discord ID, or one of our own row IDs."""
Dollars = Annotated[Decimal, mapped_column(Numeric(12, 6))]


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        str: Text,
        **{kind: stored(kind) for kind in (Status, Role, Source, CallStatus)},
        int: BigInteger,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[str]: ARRAY(Text),
    }
