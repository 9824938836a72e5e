"""The tables."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.base import Base, Created, Dollars, Pk, Role, Source, Status, one_of

RESULT = ""
"""The `part` of a picture that is a result."""
OWNER_ID = 1
"""The person at the keyboard of a studio without Discord login. No Discord user has this ID."""


class User(Base):
    """Somebody who asked for something. Discord's ID is ours."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    locale: Mapped[str | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class Session(Base):
    """The tree of generations begun by one request.

    `thumbnail_id` and `image_count` are kept right by a trigger on `assets`.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("visibility IN ('private', 'guild', 'public')", name="visibility"),
        Index("ix_sessions_user_updated", "user_id", text("updated_at DESC"), text("id DESC")),
        Index("ix_sessions_guild_updated", "guild_id", text("updated_at DESC"), text("id DESC")),
    )

    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    guild_id: Mapped[int | None]
    channel_id: Mapped[int | None]
    title: Mapped[str]
    visibility: Mapped[str] = mapped_column(server_default="private")
    thumbnail_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("assets.id", ondelete="SET NULL", use_alter=True)
    )
    image_count: Mapped[int] = mapped_column(server_default=text("0"))
    last_model: Mapped[str | None]
    archived_at: Mapped[datetime | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    thumbnail: Mapped[Asset | None] = relationship(foreign_keys=[thumbnail_id], lazy="raise")


class Generation(Base):
    """One request to one tool, from the slash command to the reply: the row that travels."""

    __tablename__ = "generations"
    __table_args__ = (
        one_of("status", Status),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        Index("ix_generations_user_time", "user_id", text("created_at DESC"), text("id DESC")),
        Index(
            "ix_generations_session_time", "session_id", text("created_at DESC"), text("id DESC")
        ),
        Index("ix_generations_time", text("created_at DESC"), text("id DESC")),
        Index("ix_generations_message_id", "message_id"),
        Index(
            "ix_generations_unfinished_or_failed",
            "status",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("status <> 'succeeded'"),
        ),
        Index("ix_generations_tags", "tags", postgresql_using="gin"),
        Index(
            "ix_generations_metadata",
            "metadata",
            postgresql_using="gin",
            postgresql_ops={"metadata": "jsonb_path_ops"},
        ),
        Index("ix_generations_search", "search", postgresql_using="gin"),
    )

    id: Mapped[Pk]
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("generations.id", ondelete="SET NULL"), index=True
    )
    relation: Mapped[str | None]
    """How it comes from its parent: reply, edit, reroll, vary, upscale, remix, step."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    guild_id: Mapped[int | None]
    channel_id: Mapped[int | None]
    message_id: Mapped[int | None]
    application_id: Mapped[int | None]
    reply_token: Mapped[str | None]
    """Discord's token for editing the placeholder; it works for 15 minutes."""
    request_id: Mapped[str] = mapped_column(unique=True)
    tool: Mapped[str]
    params: Mapped[dict[str, Any]]
    prompt: Mapped[str] = mapped_column(server_default="")
    full_prompt: Mapped[str | None]
    negative_prompt: Mapped[str | None]
    provider: Mapped[str | None]
    model: Mapped[str | None]
    status: Mapped[Status] = mapped_column(server_default=Status.QUEUED)
    progress: Mapped[float] = mapped_column(server_default=text("0"))
    stage: Mapped[str | None]
    """What it is doing now, where it does several things: "2 of 4: add three people"."""
    proposal: Mapped[dict[str, Any] | None]
    """What somebody is asked to agree to before it goes on; meanwhile no worker takes it."""
    error: Mapped[str | None]
    error_class: Mapped[str | None]
    cause: Mapped[str | None]
    """What lay behind the failure, for administrators; never shown to others."""
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    """How often it was begun. Also the fence: only the newest attempt may write."""
    worker: Mapped[str | None]
    """Which process has it, or had it last."""
    crashes: Mapped[int] = mapped_column(server_default=text("0"))
    """How many workers died while they ran it."""
    tags: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    cost: Mapped[Dollars] = mapped_column(server_default=text("0"))
    duration: Mapped[float | None]
    """Seconds from the start of the last attempt to the end."""
    meta: Mapped[dict[str, Any]] = mapped_column("metadata", server_default=text("'{}'"))
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed("to_tsvector('simple', prompt)", persisted=True),
        deferred=True,
        deferred_raiseload=True,
    )
    created_at: Mapped[Created]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    updated_at: Mapped[Created]

    session: Mapped[Session] = relationship(lazy="raise")
    user: Mapped[User] = relationship(lazy="raise")
    parent: Mapped[Generation | None] = relationship(
        remote_side=lambda: Generation.id, back_populates="children", lazy="raise"
    )
    children: Mapped[list[Generation]] = relationship(back_populates="parent", lazy="raise")
    assets: Mapped[list[Asset]] = relationship(
        primaryjoin=lambda: (
            (Asset.generation_id == Generation.id)
            & Asset.deleted_at.is_(None)
            & (Asset.part == RESULT)
        ),
        viewonly=True,
        lazy="raise",
        order_by="Asset.position",
    )
    parts: Mapped[list[Asset]] = relationship(
        primaryjoin=lambda: (
            (Asset.generation_id == Generation.id)
            & Asset.deleted_at.is_(None)
            & (Asset.part != RESULT)
        ),
        viewonly=True,
        lazy="raise",
        order_by="Asset.part, Asset.position",
    )
    inputs: Mapped[list[GenerationInput]] = relationship(
        lazy="raise", order_by="GenerationInput.role, GenerationInput.position"
    )


class Asset(Base):
    """A picture we kept. Several assets may share one stored file: `key` is by content."""

    __tablename__ = "assets"
    __table_args__ = (
        one_of("source", Source),
        UniqueConstraint("generation_id", "part", "position"),
        Index("ix_assets_user_time", "user_id", text("created_at DESC"), text("id DESC")),
        Index("ix_assets_time", text("created_at DESC"), text("id DESC")),
        Index("ix_assets_key", "key"),
        Index("ix_assets_sha256", "sha256"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    source: Mapped[Source]
    generation_id: Mapped[int | None] = mapped_column(
        ForeignKey("generations.id", ondelete="CASCADE")
    )
    part: Mapped[str] = mapped_column(server_default="")
    """Empty for a result; else what it is beside one: a comic's panel, an icon's sheet."""
    position: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    name: Mapped[str]
    """A file name of our making, fit for a download."""
    storage: Mapped[str]
    bucket: Mapped[str | None]
    key: Mapped[str]
    url: Mapped[str]
    thumbnail_key: Mapped[str]
    large_key: Mapped[str | None]
    mime_type: Mapped[str]
    bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str]
    dhash: Mapped[int | None]
    """Perceptual hash, 64 bits read as a signed integer."""
    prompt: Mapped[str | None]
    seed: Mapped[int | None]
    alt: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    deleted_at: Mapped[datetime | None]


class GenerationInput(Base):
    """An asset a generation was made from."""

    __tablename__ = "generation_inputs"
    __table_args__ = (one_of("role", Role),)

    generation_id: Mapped[int] = mapped_column(
        ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[Role] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    asset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assets.id"), index=True)

    asset: Mapped[Asset] = relationship(lazy="raise")


class ShownMessage(Base):
    """A further Discord message that shows a generation, or a picture that was brought along.

    A reply to it is understood.
    """

    __tablename__ = "shown_messages"
    __table_args__ = (CheckConstraint("num_nonnulls(generation_id, asset_id) = 1", name="shows"),)

    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel_id: Mapped[int | None]
    generation_id: Mapped[int | None] = mapped_column(
        ForeignKey("generations.id", ondelete="CASCADE"), index=True
    )
    asset_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("assets.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[Created]


class GenerationEvent(Base):
    """One step in a generation's life, for whoever wants to know what happened."""

    __tablename__ = "generation_events"
    __table_args__ = (Index("ix_generation_events_generation", "generation_id", "id"),)

    id: Mapped[Pk]
    generation_id: Mapped[int] = mapped_column(ForeignKey("generations.id", ondelete="CASCADE"))
    kind: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    created_at: Mapped[Created]


class Preview(Base):
    """What a running generation looks like so far. Gone with a crash of the server: unlogged."""

    __tablename__ = "previews"
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    generation_id: Mapped[int] = mapped_column(
        ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True
    )
    data: Mapped[bytes] = mapped_column(LargeBinary)
    updated_at: Mapped[Created]


class Dataset(Base):
    """A named set of reference pictures: a brand, a character."""

    __tablename__ = "datasets"
    __table_args__ = (
        CheckConstraint("kind IN ('set', 'character')", name="kind"),
        CheckConstraint("visibility IN ('private', 'guild', 'public')", name="visibility"),
        CheckConstraint("visibility <> 'guild' OR guild_id IS NOT NULL", name="guild"),
        Index("uq_datasets_user_kind_name", "user_id", "kind", text("lower(name)"), unique=True),
        Index(
            "ix_datasets_guild",
            "guild_id",
            "kind",
            text("lower(name)"),
            postgresql_where=text("visibility = 'guild'"),
        ),
        Index(
            "ix_datasets_public",
            "kind",
            text("lower(name)"),
            postgresql_where=text("visibility = 'public'"),
        ),
    )

    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(server_default="set")
    guild_id: Mapped[int | None]
    """The server a server-wide one belongs to."""
    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    visibility: Mapped[str] = mapped_column(server_default="private")
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class DatasetAsset(Base):
    """A picture in a dataset."""

    __tablename__ = "dataset_assets"

    dataset_id: Mapped[int] = mapped_column(
        ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True
    )
    asset_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))


class Consent(Base):
    """Something a person allowed, until they revoke it."""

    __tablename__ = "consents"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[Created]
    revoked_at: Mapped[datetime | None]


class Limit(Base):
    """How much a person, a role, a server or everybody may ask for."""

    __tablename__ = "limits"

    scope: Mapped[str] = mapped_column(primary_key=True)
    """`everyone`, or `guild:1`, `role:2`, `user:3`."""
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Dollars]
    updated_at: Mapped[Created]


class Audit(Base):
    """What somebody with power did."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_time", text("created_at DESC"), text("id DESC")),)

    id: Mapped[Pk]
    user_id: Mapped[int]
    guild_id: Mapped[int | None]
    action: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    created_at: Mapped[Created]


class Token(Base):
    """A browser session, an API token or a login link. Only the digest is kept."""

    __tablename__ = "tokens"
    __table_args__ = (CheckConstraint("kind IN ('web', 'api', 'link')", name="kind"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    kind: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[Created]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
