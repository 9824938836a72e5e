"""PostgreSQL: tables, questions, the job queue and live progress."""
