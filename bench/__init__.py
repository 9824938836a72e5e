"""The measured claims, each beside a reference in the same run."""
