"""The tables about those who draw and write: what was asked of them, whether, and by whose choice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, CallStatus, Created, Dollars, Pk, one_of


class ProviderCall(Base):
    """The ledger: one call to a provider, written before it is made and settled after."""

    __tablename__ = "provider_calls"
    __table_args__ = (
        one_of("status", CallStatus),
        Index("ix_provider_calls_step", "generation_id", "step", "id"),
    )

    id: Mapped[Pk]
    generation_id: Mapped[int] = mapped_column(ForeignKey("generations.id", ondelete="CASCADE"))
    step: Mapped[int]
    attempt: Mapped[int]
    provider: Mapped[str]
    model: Mapped[str | None]
    status: Mapped[CallStatus] = mapped_column(server_default=CallStatus.SENT)
    handle: Mapped[str | None]
    estimated_cost: Mapped[Dollars] = mapped_column(server_default=text("0"))
    cost: Mapped[Dollars | None]
    cost_source: Mapped[str | None]
    usage: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    result: Mapped[dict[str, Any] | None]
    """Where the raw answer lies until its pictures are kept, so that it is never bought twice."""
    error: Mapped[str | None]
    error_class: Mapped[str | None]
    started_at: Mapped[Created]
    finished_at: Mapped[datetime | None]


class ProviderGate(Base):
    """A provider that is not to be asked for a while, by any process, and why."""

    __tablename__ = "provider_gates"

    provider: Mapped[str] = mapped_column(primary_key=True)
    error_class: Mapped[str]
    said: Mapped[str]
    """The sentence for whoever asks meanwhile."""
    closed_until: Mapped[datetime]
    since: Mapped[Created]


class ProviderChoice(Base):
    """Who draws where nobody says: one member's choice, a server's, for one tool or for all."""

    __tablename__ = "provider_choices"
    __table_args__ = (CheckConstraint("scope IN ('member', 'server')", name="scope"),)

    scope: Mapped[str] = mapped_column(primary_key=True)
    scope_id: Mapped[int] = mapped_column(primary_key=True)
    tool: Mapped[str] = mapped_column(primary_key=True)
    """Empty for every tool."""
    provider: Mapped[str]
    model: Mapped[str | None]
    chosen_at: Mapped[Created]
