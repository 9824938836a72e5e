"""Discord's error answers: one code and sentence, or everything that is wrong with a form body."""

from __future__ import annotations

import json
from typing import Any


class Refusal(Exception):
    """An error answer in Discord's form."""

    def __init__(self, status: int, code: int, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, **extra}


def unknown(what: str, code: int) -> Refusal:
    return Refusal(404, code, f"Unknown {what}")


def invalid(field: str, code: str, message: str) -> Refusal:
    complaints = Complaints()
    complaints.add(field, code, message)
    return complaints.refusal()


class Complaints:
    """Everything that is wrong with a form body, each complaint where the wrong value is."""

    def __init__(self) -> None:
        self.errors: dict[str, Any] = {}

    def add(self, path: str, code: str, message: str) -> None:
        place = self.errors
        for step in path.split("."):
            place = place.setdefault(step, {})
        place.setdefault("_errors", []).append({"code": code, "message": message})

    def refusal(self) -> Refusal:
        return Refusal(400, 50035, "Invalid Form Body", errors=self.errors)

    def settle(self) -> None:
        """Refuse if there was anything to complain about."""
        if self.errors:
            raise self.refusal()

    def length(self, path: str, value: Any, low: int, high: int) -> None:
        """Complain about a text or list that is missing, too short or too long."""
        if value is None:
            if low:
                self.required(path)
        elif len(value) > high and not low:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
        elif not low <= len(value) <= high:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")

    def number(self, path: str, value: Any, low: int, high: int) -> None:
        if value is None:
            return
        if value < low:
            self.add(
                path, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}."
            )
        if value > high:
            self.add(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")

    def choice(self, path: str, value: Any, choices: tuple[Any, ...]) -> None:
        if value not in choices:
            listed = ", ".join(map(str, choices))
            self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")

    def required(self, path: str) -> None:
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")


def parsed(text: str) -> Any:
    """A body's JSON, or the refusal that Discord gives to anything else."""
    try:
        found = json.loads(text) if text else None
    except ValueError:
        raise Refusal(400, 50109, "The request body contains invalid JSON.") from None
    if found is not None and not isinstance(found, dict | list):
        raise Refusal(400, 50035, "Invalid Form Body")
    return found
