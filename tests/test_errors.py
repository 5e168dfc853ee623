import pytest

from mien import errors
from mien.errors import MienError, MissingExtra, install_command, need


def test_nothing_missing_is_silent() -> None:
    need("train", "json", purpose="mien train")


def test_a_missing_package_names_the_install_command() -> None:
    told = r"mien train needs nosuchpackage, not installed. Install with: pip install 'mien\[train\]"
    with pytest.raises(MissingExtra, match=told):
        need("train", "json", "nosuchpackage", purpose="mien train")


@pytest.mark.parametrize(
    ("noted", "command"),
    [
        (None, "pip install 'mien[web]'"),
        ('{"url": "file:///a%20clone", "dir_info": {}}', "pip install 'mien[web] @ file:///a%20clone'"),
        (
            '{"url": "https://host/mien", "vcs_info": {"vcs": "git", "commit_id": "0"}}',
            "pip install 'mien[web] @ git+https://host/mien'",
        ),
    ],
)
def test_an_extra_is_installed_from_where_mien_came(
    noted: str | None, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Noted:
        def read_text(self, name: str) -> str | None:
            return noted

    monkeypatch.setattr(errors.metadata, "distribution", lambda name: Noted())
    assert install_command("web") == command


def test_every_error_is_a_mien_error_and_stands_in_the_tree() -> None:
    kinds = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, Exception)]
    assert all(issubclass(kind, MienError) for kind in kinds)
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in kinds)
