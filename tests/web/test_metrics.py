"""What Prometheus reads."""

from mien.web.metrics import Metrics


def test_nothing_happened_yet():
    text = Metrics({"sockets": ("Open sockets.", lambda: 3)}).text()
    assert text.endswith("mien_sockets 3\n")
    assert "mien_requests_total{" not in text


def test_requests_and_durations_add_up():
    metrics = Metrics({})
    for seconds in (0.001, 0.01, 0.2, 99):
        metrics.request("POST", "/v1/detect", 200, seconds)
    metrics.count("faces", 3)
    metrics.count("faces")
    lines = metrics.text().splitlines()
    assert 'mien_requests_total{method="POST",route="/v1/detect",status="200"} 4' in lines
    assert 'mien_request_seconds_bucket{route="/v1/detect",le="0.01"} 2' in lines
    assert 'mien_request_seconds_bucket{route="/v1/detect",le="10.0"} 3' in lines
    assert 'mien_request_seconds_bucket{route="/v1/detect",le="+Inf"} 4' in lines
    assert 'mien_request_seconds_sum{route="/v1/detect"} 99.211000' in lines
    assert "mien_faces_total 4" in lines
