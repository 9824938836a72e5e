"""Everything we raise on purpose.

The message is written for the person who asked, so every front end may show `str(error)` as it
stands: what happened, and what to do. Anything that is not a `StudioError` is a bug and is never
shown. `error_class` is what the row records and what administrators group failures by.

* StudioError
  * InvalidParams          the request cannot be done as asked
    * UnusableFile         what was attached is not a picture we can use
  * NotFound               no such picture, generation or session, or not theirs to see
  * Forbidden              they may see it but not do that to it
  * LimitReached           too much at once; later it will do
  * ProviderError          the image provider failed
    * Refused              it will not draw this
    * BadRequest           it cannot draw this as asked
    * BadAnswer            what it wrote is not what was asked for, and paid for all the same
    * RateLimited          it will draw this in a while
    * QuotaExceeded        its account is used up: the operator must act
    * AuthFailed           its key is wrong: the operator must act
    * Transient            it may draw this when asked again, and has not charged
      * ServerFailed       the same, said by the provider itself; once more at most
      * OutOfReach         it has the request, and its answer can still be had
    * UnknownOutcome       it may have drawn and charged; never asked again unasked
  * StorageError           the picture exists but could not be kept
  * DatabaseUnavailable    nothing can be recorded just now
  * NothingGenerated       the tool finished without keeping a picture
  * Interrupted            whoever was drawing it stopped
  * Poison                 it brought down every worker that tried it
  * Canceled               somebody called it off
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

BUG = "Something broke on our side. It has been logged"


class StudioError(Exception):
    """Something went wrong."""

    retryable = False
    tries = 4
    """Attempts at most where another may help, the first included."""
    status = 400
    error_class = "error"

    def __init__(self, message: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(message or type(self).__doc__)
        self.retry_after = retry_after
        """Seconds to wait before another try can help, where somebody told us."""


class InvalidParams(StudioError):
    """That cannot be done as asked."""

    status = 422
    error_class = "invalid"


class UnusableFile(InvalidParams):
    """That file is not a picture I can use."""

    status = 415
    error_class = "unusable_file"


class NotFound(StudioError):
    """There is no such picture, or it is not yours to see."""

    status = 404
    error_class = "not_found"


class Forbidden(StudioError):
    """Only the person who made it, or a moderator, can do that."""

    status = 403
    error_class = "forbidden"


class LimitReached(StudioError):
    """That is too much at once. Wait until something of yours has finished."""

    status = 429
    error_class = "limit"


class ProviderError(StudioError):
    """The image provider failed."""

    status = 502
    error_class = "provider"
    cost = Decimal(0)
    """US dollars that it charged all the same, where it says so."""
    by_writer = False
    """It was a writer that failed, so that another image provider is no help."""


class Refused(ProviderError):
    """The image provider declined this prompt. Nothing was charged; try other words."""

    status = 422
    error_class = "refused"


class BadRequest(ProviderError):
    """The image provider cannot draw that as asked."""

    status = 422
    error_class = "bad_request"


class BadAnswer(ProviderError):
    """The writer's answer could not be used. Try other words."""

    error_class = "bad_answer"

    def __init__(
        self,
        complaint: str = "",
        *,
        cost: Decimal = Decimal(0),
        cost_source: str = "unknown",
        usage: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.complaint = complaint
        """What is wrong with it, for the writer when it is asked again."""
        self.cost, self.cost_source, self.usage = cost, cost_source, usage or {}


class RateLimited(ProviderError):
    """The image provider is busy. I will try again."""

    retryable = True
    tries = 40
    status = 503
    error_class = "rate_limited"


class QuotaExceeded(ProviderError):
    """The image provider's budget is used up. The operator has been told."""

    error_class = "quota"


class AuthFailed(ProviderError):
    """The image provider does not accept the studio's key. The operator has been told."""

    error_class = "authentication"


class Transient(ProviderError):
    """The image provider cannot be reached. I will try again."""

    retryable = True
    status = 503
    error_class = "transient"


class ServerFailed(Transient):
    """The image provider has trouble of its own. I will try again."""

    tries = 2  # It answered, so it has not charged; but nobody promises that.
    error_class = "server_failed"


class OutOfReach(Transient):
    """The image provider has this and cannot be reached just now. I will look for it again."""

    tries = 30
    error_class = "out_of_reach"


class UnknownOutcome(ProviderError):
    """The image provider's answer was lost. It may have been charged, so I did not ask again."""

    error_class = "unknown_outcome"


class StorageError(StudioError):
    """The picture was drawn but could not be saved. I will try again."""

    retryable = True
    status = 503
    error_class = "storage"


class DatabaseUnavailable(StudioError):
    """The studio cannot write anything down just now. Please ask again in a minute."""

    retryable = True
    status = 503
    error_class = "database"


class NothingGenerated(StudioError):
    """The tool finished without drawing anything."""

    status = 500
    error_class = "nothing_generated"


class Interrupted(StudioError):
    """The worker drawing this stopped. I will try again."""

    retryable = True
    status = 503
    error_class = "interrupted"


class Poison(StudioError):
    """This request stopped the studio three times, so it has been set aside."""

    status = 500
    error_class = "poison"


class Canceled(StudioError):
    """Canceled."""

    status = 409
    error_class = "canceled"
