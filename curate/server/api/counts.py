"""What the API counts of itself, for /metrics."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Counts:
    """The numbers of this process.  seconds: of requests, by operation and status; predictions: pictures, by result."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

        self.registry: CollectorRegistry = CollectorRegistry()
        self.seconds: Histogram = Histogram(
            "curate_api_request_seconds", "Requests of the API and how long they took.", ("operation", "status"),
            buckets=_BUCKETS_S, registry=self.registry,
        )  # fmt: skip
        self.predictions: Counter = Counter(
            "curate_predictions", "Pictures that the API was asked about.", ("result",), registry=self.registry
        )
        ProcessCollector(registry=self.registry)


@lru_cache(maxsize=1)
def counts() -> Counts:
    """The process's own; made, and prometheus-client imported, when the first number is counted."""
    return Counts()
