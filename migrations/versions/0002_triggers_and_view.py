"""Triggers that keep counts and times right, and the view that reports are written for."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TOUCHED = ("users", "sessions", "generations", "assets", "datasets", "limits")

TOUCH = """
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = now();
    RETURN NEW;
END $$
"""

# The row lock comes first, in a statement of its own: two pictures kept at once would otherwise
# each count without seeing the other.
REFRESH_SESSION = """
CREATE FUNCTION refresh_session() RETURNS trigger LANGUAGE plpgsql AS $$
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
            WHERE g.session_id = home AND a.deleted_at IS NULL
        ),
        thumbnail_id = (
            SELECT a.id FROM assets a JOIN generations g ON g.id = a.generation_id
            WHERE g.session_id = home AND a.deleted_at IS NULL
            ORDER BY g.id DESC, a.position LIMIT 1
        )
    WHERE id = home;
    RETURN NULL;
END $$
"""

# A hint, delivered at commit. The state is in the row; whoever listens reads it there.
ANNOUNCE = """
CREATE FUNCTION announce_generation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('generation', json_build_object(
        'id', NEW.id, 'session', NEW.session_id, 'status', NEW.status
    )::text);
    RETURN NULL;
END $$
"""

ANNOUNCE_ON = """
CREATE TRIGGER announce AFTER INSERT OR UPDATE OF status, progress, deleted_at ON generations
FOR EACH ROW EXECUTE FUNCTION announce_generation()
"""

VIEW = """
CREATE VIEW generated_images AS
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
LEFT JOIN assets a ON a.generation_id = g.id AND a.deleted_at IS NULL
WHERE g.deleted_at IS NULL
"""


def upgrade() -> None:
    op.execute(TOUCH)
    for table in TOUCHED:
        op.execute(
            f"CREATE TRIGGER touch BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch()"
        )
    op.execute(REFRESH_SESSION)
    op.execute(
        "CREATE TRIGGER refresh_session AFTER INSERT OR DELETE OR UPDATE OF deleted_at ON assets "
        "FOR EACH ROW EXECUTE FUNCTION refresh_session()"
    )
    op.execute(ANNOUNCE)
    op.execute(ANNOUNCE_ON)
    op.execute(VIEW)


def downgrade() -> None:
    op.execute("DROP VIEW generated_images")
    op.execute("DROP TRIGGER announce ON generations")
    op.execute("DROP FUNCTION announce_generation")
    op.execute("DROP TRIGGER refresh_session ON assets")
    op.execute("DROP FUNCTION refresh_session")
    for table in TOUCHED:
        op.execute(f"DROP TRIGGER touch ON {table}")
    op.execute("DROP FUNCTION touch")
