"""xAI's image models: asked for as deferred requests, then looked for."""

from __future__ import annotations

from core.settings import Settings
from providers.prices import table
from providers.xai.deferred import XAI


def open_provider(settings: Settings) -> XAI | None:
    """xAI, where there is a key."""
    if settings.xai_api_key is None or not settings.xai_image_models:
        return None
    return XAI(
        settings.xai_base_url,
        settings.xai_api_key.get_secret_value(),
        settings.xai_image_models,
        table(settings.prices_file),
    )
