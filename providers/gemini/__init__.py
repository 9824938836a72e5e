"""Google Gemini's image models, by its Developer API.

`generateContent` by default. With GEMINI_MODE=background the Interactions API, which keeps its
answer: a call whose answer was lost is taken up again instead of being paid for twice. The protocol
is as in the types of Google's SDK 3.4, which are held against what we send in the tests.
"""

from __future__ import annotations

from core.settings import Settings
from providers.gemini.background import GeminiInBackground
from providers.gemini.generating import Gemini
from providers.prices import table


def open_provider(settings: Settings) -> Gemini | None:
    """Gemini, where there is a key."""
    if settings.gemini_api_key is None or not settings.gemini_image_models:
        return None
    kind = GeminiInBackground if settings.gemini_mode == "background" else Gemini
    return kind(
        settings.google_gemini_base_url,
        settings.gemini_api_key.get_secret_value(),
        settings.gemini_image_models,
        table(settings.prices_file),
    )
