"""Sets and characters by kind and case-blind name; messages that show a picture brought along."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Of names that differ by case only, the oldest stays as it is.
PART_NAMES = """
UPDATE datasets d SET name = d.name || ' (' || d.id || ')'
WHERE EXISTS (
    SELECT 1 FROM datasets o
    WHERE o.user_id = d.user_id AND lower(o.name) = lower(d.name) AND o.id < d.id
)
"""

# The previous release knows one kind, and one name for one thing.
PART_KINDS = """
UPDATE datasets d SET name = d.name || ' (' || d.id || ')'
WHERE kind = 'character' AND EXISTS (
    SELECT 1 FROM datasets o WHERE o.user_id = d.user_id AND o.kind = 'set' AND o.name = d.name
)
"""

# A deleted picture leaves its sets, whatever deleted it.
LEAVE_SETS = """
CREATE FUNCTION leave_sets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM dataset_assets WHERE asset_id = NEW.id;
    RETURN NULL;
END $$
"""
LEAVE_SETS_ON = """
CREATE TRIGGER leave_sets AFTER UPDATE OF deleted_at ON assets
FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION leave_sets()
"""


def upgrade() -> None:
    op.add_column("datasets", sa.Column("kind", sa.Text(), nullable=False, server_default="set"))
    op.execute(
        "UPDATE datasets SET visibility = 'private' WHERE guild_id IS NULL AND visibility = 'guild'"
    )
    op.create_check_constraint("kind", "datasets", "kind IN ('set', 'character')")
    op.create_check_constraint("guild", "datasets", "visibility <> 'guild' OR guild_id IS NOT NULL")
    op.drop_constraint("uq_datasets_user_id_name", "datasets")
    op.execute(PART_NAMES)
    index_names()
    op.create_index("ix_assets_time", "assets", [sa.text("created_at DESC"), sa.text("id DESC")])
    op.execute(LEAVE_SETS)
    op.execute(LEAVE_SETS_ON)
    show_assets()


def index_names() -> None:
    lower = sa.text("lower(name)")
    op.create_index(
        "uq_datasets_user_kind_name", "datasets", ["user_id", "kind", lower], unique=True
    )
    op.create_index(
        "ix_datasets_guild",
        "datasets",
        ["guild_id", "kind", lower],
        postgresql_where=sa.text("visibility = 'guild'"),
    )
    op.create_index(
        "ix_datasets_public",
        "datasets",
        ["kind", lower],
        postgresql_where=sa.text("visibility = 'public'"),
    )


def show_assets() -> None:
    op.add_column("shown_messages", sa.Column("asset_id", sa.Uuid()))
    op.alter_column("shown_messages", "generation_id", nullable=True)
    op.create_foreign_key(
        op.f("fk_shown_messages_asset_id"),
        "shown_messages",
        "assets",
        ["asset_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_index(op.f("ix_shown_messages_asset_id"), "shown_messages", ["asset_id"])
    op.create_check_constraint(
        "shows", "shown_messages", "num_nonnulls(generation_id, asset_id) = 1"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_shown_messages_shows"), "shown_messages")
    op.execute("DELETE FROM shown_messages WHERE generation_id IS NULL")
    op.drop_index(op.f("ix_shown_messages_asset_id"), "shown_messages")
    op.drop_constraint(op.f("fk_shown_messages_asset_id"), "shown_messages")
    op.alter_column("shown_messages", "generation_id", nullable=False)
    op.drop_column("shown_messages", "asset_id")
    op.execute("DROP TRIGGER leave_sets ON assets")
    op.execute("DROP FUNCTION leave_sets")
    op.drop_index("ix_assets_time", "assets")
    for index in ("ix_datasets_public", "ix_datasets_guild", "uq_datasets_user_kind_name"):
        op.drop_index(index, "datasets")
    op.execute(PART_KINDS)
    op.create_unique_constraint("uq_datasets_user_id_name", "datasets", ["user_id", "name"])
    op.drop_constraint(op.f("ck_datasets_guild"), "datasets")
    op.drop_constraint(op.f("ck_datasets_kind"), "datasets")
    op.drop_column("datasets", "kind")
