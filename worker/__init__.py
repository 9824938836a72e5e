"""The worker: runs queued generations."""
