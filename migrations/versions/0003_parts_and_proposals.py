"""Files kept beside a result, what waits for somebody's yes, and what is being done just now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# As in 0002, but only results count.
REFRESH_SESSION = """
CREATE OR REPLACE FUNCTION refresh_session() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    home bigint;
BEGIN
    SELECT session_id INTO home FROM generations
    WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.generation_id ELSE NEW.generation_id END;
    IF home IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM sessions WHERE id = home FOR UPDATE;
    UPDATE sessions SET
        image_count = (
            SELECT count(*) FROM assets a JOIN generations g ON g.id = a.generation_id
            WHERE g.session_id = home AND a.deleted_at IS NULL {only_results}
        ),
        thumbnail_id = (
            SELECT a.id FROM assets a JOIN generations g ON g.id = a.generation_id
            WHERE g.session_id = home AND a.deleted_at IS NULL {only_results}
            ORDER BY g.id DESC, a.position LIMIT 1
        )
    WHERE id = home;
    RETURN NULL;
END $$
"""

VIEW = """
CREATE OR REPLACE VIEW generated_images AS
SELECT
    g.id * 100 + coalesce(a.position, 0) AS id,
    g.request_id,
    g.user_id,
    u.name AS username,
    g.tool AS tool_name,
    coalesce(a.prompt, g.full_prompt, g.prompt) AS prompt,
    g.model,
    CASE WHEN a.id IS NULL THEN g.params ->> 'size' ELSE a.width || 'x' || a.height END AS size,
    g.params ->> 'quality' AS quality,
    g.params ->> 'style' AS style,
    coalesce((g.params ->> 'count')::integer, 1) AS n,
    a.url AS storage_url,
    a.storage AS storage_provider,
    a.mime_type,
    a.bytes,
    a.sha256,
    g.tags,
    CASE g.status WHEN 'succeeded' THEN 'success' ELSE g.status END AS status,
    g.error,
    g.metadata,
    g.message_id,
    coalesce(a.created_at, g.created_at) AS created_at
FROM generations g
JOIN users u ON u.id = g.user_id
LEFT JOIN assets a ON a.generation_id = g.id AND a.deleted_at IS NULL {only_results}
WHERE g.deleted_at IS NULL
"""
ONLY_RESULTS = "AND a.part = ''"


def upgrade() -> None:
    op.add_column("generations", sa.Column("stage", sa.Text()))
    op.add_column("generations", sa.Column("proposal", JSONB(none_as_null=True)))
    op.add_column("assets", sa.Column("part", sa.Text(), nullable=False, server_default=""))
    op.drop_constraint("uq_assets_generation_id_position", "assets")
    op.create_unique_constraint(
        "uq_assets_generation_id_part_position", "assets", ["generation_id", "part", "position"]
    )
    op.execute(REFRESH_SESSION.format(only_results=ONLY_RESULTS))
    op.execute(VIEW.format(only_results=ONLY_RESULTS))


def downgrade() -> None:
    op.execute(VIEW.format(only_results=""))
    op.execute(REFRESH_SESSION.format(only_results=""))
    op.execute("DELETE FROM assets WHERE part <> ''")
    op.drop_constraint("uq_assets_generation_id_part_position", "assets")
    op.create_unique_constraint(
        "uq_assets_generation_id_position", "assets", ["generation_id", "position"]
    )
    op.drop_column("assets", "part")
    op.drop_column("generations", "proposal")
    op.drop_column("generations", "stage")
