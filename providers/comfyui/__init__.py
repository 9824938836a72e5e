"""A ComfyUI server of the operator's own, running the operator's own workflows.

The graph differs with every model, so the workflow is a file with named placeholders: see
docs/comfyui.md. ComfyUI keeps what it is asked for by our name for it, so whatever breaks between
us is taken up again. The protocol is that of ComfyUI 0.3.64.
"""

from __future__ import annotations

from core.settings import Settings
from providers.comfyui.drawing import ComfyUI
from providers.comfyui.workflow import read_all


def open_provider(settings: Settings) -> ComfyUI | None:
    """ComfyUI, where there is one; a workflow that cannot be used is told by its `check`."""
    if settings.comfyui_url is None:
        return None
    return ComfyUI(settings.comfyui_url, read_all(settings.comfyui_workflow))
