"""What the operator can set: environment variables, or a `.env` file beside the project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Names = Annotated[tuple[str, ...], NoDecode]
"""Names with commas between."""


class Settings(BaseSettings):
    """Read once by the command line and handed to whatever needs it."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore")

    database_url: SecretStr | None = Field(
        None, description="A PostgreSQL 15+ server. Unset: a private one inside DATA_DIR."
    )
    data_dir: Path = Field(Path("data"), description="Where pictures and the database live.")
    storage: str = Field("local", description="Where pictures are kept.")

    discord_token: SecretStr | None = Field(
        None, description="The bot's token. Unset: the bot is off and the studio still runs."
    )
    discord_client_id: int | None = Field(None, description="For signing in with Discord.")
    discord_client_secret: SecretStr | None = Field(
        None, description="For signing in with Discord."
    )
    discord_api_url: str = Field(
        "https://discord.com/api/v10", description="Discord's HTTP API, or a proxy in front of it."
    )
    discord_cdn_url: str = Field(
        "https://cdn.discordapp.com", description="Where Discord keeps profile pictures."
    )
    admin_user_ids: Annotated[frozenset[int], NoDecode] = Field(
        frozenset(), description="Discord users who may administer everything; commas between."
    )

    github_token: SecretStr | None = Field(
        None, description="For private repositories and more requests an hour."
    )
    github_api_url: str = Field("https://api.github.com", description="GitHub's HTTP API.")

    default_provider: str | None = Field(
        None, description="Who draws where nobody says; by default the first with a key."
    )
    fallback_providers: Names = Field(
        (), description="Who takes over where nobody was named and nothing was charged; in order."
    )
    openai_api_key: SecretStr | None = Field(
        None, description="For OpenAI, or any server that speaks its protocol."
    )
    openai_base_url: str = Field(
        "https://api.openai.com/v1", description="OpenAI's API, or a compatible server's."
    )
    openai_image_models: Names = Field(
        ("gpt-image-2.6-flare", "gpt-image-2.6-sunburst", "gpt-image-2"),
        description="Its image models, the default first; commas between, empty for none.",
    )
    openai_text_model: str | None = Field(
        "gpt-6-luna", description="Its language model, for scripts and plans; empty for none."
    )
    gemini_api_key: SecretStr | None = Field(None, description="For Google Gemini.")
    google_gemini_base_url: str = Field(
        "https://generativelanguage.googleapis.com", description="Gemini's API."
    )
    gemini_image_models: Names = Field(
        ("gemini-nano-banana-2.1", "gemini-3-pro-image", "gemini-2.5-flash-image"),
        description="Its image models, the default first; commas between, empty for none.",
    )
    gemini_mode: Literal["generate", "background"] = Field(
        "generate",
        description="`background` has Google keep its pictures until they are fetched, so that a "
        "lost answer is not paid for again.",
    )
    gemini_text_model: str | None = Field(
        "gemini-3.8-flash", description="Its language model; empty for none."
    )
    xai_api_key: SecretStr | None = Field(None, description="For xAI.")
    xai_base_url: str = Field("https://api.x.ai/v1", description="xAI's API.")
    xai_image_models: Names = Field(
        ("grok-imagine-image-2.0", "grok-imagine-image"),
        description="Its image models, the default first; commas between.",
    )
    stability_api_key: SecretStr | None = Field(None, description="For Stability.")
    stability_base_url: str = Field("https://api.stability.ai", description="Stability's API.")
    comfyui_url: str | None = Field(None, description="A ComfyUI server of yours.")
    comfyui_workflow: Path | None = Field(
        None, description="The workflow it runs, saved by Export (API); or a folder of them."
    )
    a1111_url: str | None = Field(None, description="An AUTOMATIC1111, Forge or SD.Next server.")
    a1111_models: Names = Field(
        (),
        description="Its models that may be chosen besides the one that is loaded; commas between.",
    )
    a1111_size: int = Field(
        1024, ge=256, le=2048, description="The side of a square it draws: 512 for old models."
    )
    prices_file: Path | None = Field(
        None, description="Prices that take the place of the built-in table's, as JSON."
    )

    host: str = Field("127.0.0.1", description="The address the web studio listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Its port.")
    public_url: str | None = Field(
        None, description="Where people reach the studio, for links in Discord."
    )
    studio_token: SecretStr | None = Field(
        None, description="The token of the login link printed at start. Unset: a random one."
    )

    worker_concurrency: int = Field(
        4, ge=1, le=100, description="How many generations one worker runs at once."
    )
    offline_megapixels: float = Field(
        1.05, gt=0.005, le=8, description="How large the offline provider draws."
    )
    log_format: Literal["text", "json"] = Field("text", description="How log lines look.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important line that is logged."
    )

    @field_validator("admin_user_ids", mode="before")
    @classmethod
    def split(cls, value: object) -> object:
        """Read `1,2,3`."""
        if isinstance(value, str):
            return frozenset(int(each) for each in value.replace(",", " ").split())
        return value

    @field_validator(
        "fallback_providers",
        "openai_image_models",
        "gemini_image_models",
        "xai_image_models",
        "a1111_models",
        mode="before",
    )
    @classmethod
    def split_names(cls, value: object) -> object:
        """Read `a, b`."""
        if isinstance(value, str):
            return tuple(each for each in value.replace(",", " ").split())
        return value

    @field_validator(
        "database_url",
        "discord_token",
        "discord_client_id",
        "github_token",
        "public_url",
        "default_provider",
        "openai_api_key",
        "openai_text_model",
        "gemini_api_key",
        "gemini_text_model",
        "xai_api_key",
        "stability_api_key",
        "comfyui_url",
        "comfyui_workflow",
        "a1111_url",
        "prices_file",
        mode="before",
    )
    @classmethod
    def empty_is_unset(cls, value: object) -> object:
        """`DISCORD_TOKEN=` in a `.env` file means none."""
        return None if value == "" else value
