"""Arrays in one file, and files that are none."""

import io
import zipfile

import numpy as np
import pytest

from mien.training.arrays import pack_arrays, unpack_arrays

GOOD = pack_arrays({"classes": 7}, {"a/0": np.arange(600.0).reshape(2, 300), "a/1": np.array(3)}, compressed=True)


@pytest.mark.parametrize("compressed", [False, True])
def test_what_was_packed_comes_out(compressed: bool) -> None:
    arrays = {"a/0": np.arange(6.0).reshape(2, 3), "empty": np.empty((0, 7), np.float16)}
    about, found = unpack_arrays(pack_arrays({"classes": ["a", "b"]}, arrays, compressed=compressed))
    assert about == {"classes": ["a", "b"]}
    assert found.keys() == arrays.keys()
    assert all(
        np.array_equal(found[name], array) and found[name].dtype == array.dtype for name, array in arrays.items()
    )


def test_no_file_cut_or_changed_raises_anything_else_than_a_value_error() -> None:
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        data = bytearray(GOOD)
        for _ in range(3):
            data[rng.integers(len(data))] = rng.integers(256)
        try:
            unpack_arrays(bytes(data[: rng.integers(len(data))] if rng.integers(2) else data))
        except ValueError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 200


@pytest.mark.parametrize("values", [np.array(None), np.array([print])], ids=["none", "code"])
def test_pickles_are_refused(values: np.ndarray) -> None:

    buffer = io.BytesIO()
    np.savez(buffer, about=np.frombuffer(b"{}", np.uint8), a=values)
    with pytest.raises(ValueError, match="allow_pickle"):
        unpack_arrays(buffer.getvalue())


@pytest.mark.parametrize("data", [b"", b"x", b"loss,accuracy", b"\x80\x04N."])
def test_what_is_no_npz_is_called_that_and_nobody_is_told_to_trust_it(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^not an \.npz file$"):
        unpack_arrays(data)


def test_a_file_without_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no table in it"):
        unpack_arrays(pack_arrays([], {}))  # type: ignore[arg-type]


def test_an_array_that_declares_terabytes_is_refused() -> None:

    head = b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little")
    head += b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }".ljust(117) + b"\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a.npy", head + bytes(80))
    with pytest.raises(ValueError, match=r"allocate|EOF"):
        unpack_arrays(buffer.getvalue())
