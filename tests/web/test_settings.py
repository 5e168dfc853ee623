"""Who may call a server, and which settings are refused."""

import pytest

from mien.errors import MienError
from mien.web.settings import Limits, Settings, limits_from

TOKEN = "0123456789abcdef"


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "[::1", "8.8.8.8"]
)
def test_a_local_server_is_not_called_otherwise(host: str):
    assert not Settings().allows(host)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "127.0.0.2", "[::1]:8000", "localhost."]
)
def test_a_local_server_is_called_by_its_local_names(host: str):
    assert Settings().allows(host)


def test_an_open_server_is_called_by_address_or_by_the_names_that_it_was_given():
    settings = Settings(host="0.0.0.0", token=TOKEN, names=("Faces.example",))
    assert settings.allows("192.168.1.5:8000")
    assert settings.allows("faces.example")
    assert not settings.allows("evil.example")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "faces.example"])
def test_other_machines_need_a_token(host: str):
    with pytest.raises(MienError, match="needs a token; set MIEN_TOKEN"):
        Settings(host=host)


@pytest.mark.parametrize("token", ["short", "with a space in it", "ümlaut-0123456789"])
def test_a_token_that_cannot_be_sent_or_is_guessed_soon_is_refused(token: str):
    with pytest.raises(MienError, match="expected at least 16 letters"):
        Settings(token=token)


def test_the_token_does_not_show():
    assert TOKEN not in repr(Settings(token=TOKEN))


def test_limits_are_those_that_are_given():
    assert limits_from([]) == Limits()
    assert limits_from(["files=4", "job_seconds=0.5"]) == Limits(files=4, job_seconds=0.5)
    assert limits_from(["kept_seconds=1e9"]).kept_seconds == 1e9
    with pytest.raises(MienError, match="there is no limit 'x'; expected one of picture_bytes"):
        limits_from(["x=1"])


@pytest.mark.parametrize("pair", ["kept_seconds=inf", "job_seconds=nan", "job_seconds=1e300", f"files={10**40}"])
def test_a_limit_without_end_is_refused(pair: str):
    with pytest.raises(MienError, match=f"--limit {pair}: expected a number above 0, 10+ at most"):
        limits_from([pair])
