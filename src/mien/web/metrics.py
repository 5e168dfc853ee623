"""Counts of what the server did, as Prometheus' text format 0.0.4: numbers alone, no names, no addresses."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds

Gauge = tuple[str, Callable[[], float]]


class Metrics:
    """Counts requests, pictures, faces and live frames; only ever touched on the event loop.

    Args:
        gauges: name -> what it is, and a function that tells its value now.

    Example:
        >>> metrics = Metrics({})
        >>> metrics.count("pictures", 2)
        >>> "mien_pictures_total 2" in metrics.text()
        True
    """

    def __init__(self, gauges: Mapping[str, Gauge]) -> None:
        self._gauges = gauges
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._durations: dict[str, list[int]] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._counts: Counter[str] = Counter()

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; ``route`` is the pattern of its path, so that there are few."""
        self._requests[method, route, status] += 1
        buckets = self._durations.setdefault(route, [0] * (len(_BUCKETS) + 1))
        buckets[bisect_left(_BUCKETS, seconds)] += 1
        self._seconds[route] += seconds

    def count(self, name: str, number: int = 1) -> None:
        """Add to ``mien_NAME_total``."""
        self._counts[name] += number

    def text(self) -> str:
        """Return everything in Prometheus' text format."""
        return "\n".join([*self._request_lines(), *self._duration_lines(), *self._other_lines(), ""])

    def _request_lines(self) -> Iterator[str]:
        yield "# HELP mien_requests_total Requests, by method, route and status."
        yield "# TYPE mien_requests_total counter"
        for (method, route, status), number in sorted(self._requests.items()):
            yield f'mien_requests_total{{method="{method}",route="{route}",status="{status}"}} {number}'

    def _duration_lines(self) -> Iterator[str]:
        yield "# HELP mien_request_seconds How long requests took, by route."
        yield "# TYPE mien_request_seconds histogram"
        for route, buckets in sorted(self._durations.items()):
            total = 0
            for edge, number in zip((*_BUCKETS, "+Inf"), buckets, strict=True):
                total += number
                yield f'mien_request_seconds_bucket{{route="{route}",le="{edge}"}} {total}'
            yield f'mien_request_seconds_sum{{route="{route}"}} {self._seconds[route]:.6f}'
            yield f'mien_request_seconds_count{{route="{route}"}} {total}'

    def _other_lines(self) -> Iterator[str]:
        for name, number in sorted(self._counts.items()):
            yield f"# TYPE mien_{name}_total counter"
            yield f"mien_{name}_total {number}"
        for name, (meaning, value) in self._gauges.items():
            yield f"# HELP mien_{name} {meaning}"
            yield f"# TYPE mien_{name} gauge"
            yield f"mien_{name} {value():g}"
