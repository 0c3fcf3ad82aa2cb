"""Features files: damaged, hostile and huge ones are one line, and take no memory."""

import io
import struct
import warnings
import zipfile

import numpy as np
import pytest

from jmere.errors import DataError
from jmere.scenes.files.features import read_features

h5py = pytest.importorskip("h5py")


def npy(header, *, numbers=b"", version=1):
    text = header.encode("latin1")
    width = "<H" if version == 1 else "<I"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack(width, len(text)) + text + numbers


def header(descr="'<f4'", shape="(1, 2)", order="False"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a .npy array"),
        (b"\x93NUMPY\x09\0", "not a .npy array"),
        (npy("{'descr'" + " " * 20_000), "its header has 20008 bytes"),
        (npy("{" * 9_000), "its header is"),
        (npy(header(order="not")), "its header is"),
        (npy(header(shape="(1, 2")), "its header is"),
        (npy(header(shape="(" + "9" * 5_000 + ",)")), "its header is"),
        (npy(header(descr="'<f3'")), "its header is"),
        (npy(header(descr="[('a', '<f4')]")), "its header is"),
        (npy(header(descr="'<U3'")), "holds <U3; expected numbers"),
        (npy(header(descr="'<c8'")), "holds <c8; expected numbers"),
        (npy(header(descr="'|O'")), "holds a pickle, which can run any code"),
        (b"\x80\x04cos\nsystem\n", "holds a pickle, which can run any code"),
        (npy(header(shape="(1000000000, 1)")), "more than a file of this size can be trusted"),
        (npy(header(shape="(3, 2)"), numbers=bytes(8)), "has 8 bytes of numbers, but shape"),
        (npy(header(shape="(8,)"), numbers=bytes(32)), "expected objects x width"),
    ],
)
def test_a_bad_array_is_one_line(content, message, tmp_path):
    path = tmp_path / "a.npy"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_features(path)
    assert len(str(caught.value)) < 700
    assert "\n" not in str(caught.value)


def test_every_order_version_and_type_is_read_as_numpy_reads_it(tmp_path):
    numbers = np.arange(6).reshape(2, 3)
    for kind in ("<f4", ">f8", "<f2", "|u1", ">i2", "<u8"):
        for array in (numbers.astype(kind), np.asfortranarray(numbers.astype(kind))):
            for version in ((1, 0), (2, 0), (3, 0)):
                stream = io.BytesIO()
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # that older readers cannot read it
                    np.lib.format.write_array(stream, array, version=version)
                (tmp_path / "a.npy").write_bytes(stream.getvalue())
                read = read_features(tmp_path / "a.npy")["a"]
                np.testing.assert_array_equal(read, numbers)


def zipped(tmp_path, *, name="a.npy", shape="(1, 2)", change=bytes, method=zipfile.ZIP_DEFLATED):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr(name, npy(header(shape=shape), numbers=bytes(8)))
    path.write_bytes(change(path.read_bytes()))
    return path


def both_headers(data, offset, value):
    """A zip file with 16 bits of its member's headers, here and in the directory, changed."""
    data = bytearray(data)
    data[offset : offset + 2] = value.to_bytes(2, "little")
    entry = data.index(b"PK\1\2") + offset + 2
    data[entry : entry + 2] = value.to_bytes(2, "little")
    return bytes(data)


def cut_member(data):
    """A zip file that says its member has more bytes than the whole file."""
    data = bytearray(data)
    entry = data.index(b"PK\1\2") + 20
    data[entry : entry + 8] = (10_000).to_bytes(4, "little") * 2
    return bytes(data)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "a.txt"}, "member 'a.txt' is not a .npy array"),
        ({"method": zipfile.ZIP_BZIP2}, "compressed by another method than NumPy's"),
        ({"change": lambda data: both_headers(data, 6, 1)}, "is encrypted"),
        ({"change": lambda data: both_headers(data, 8, 99)}, "compressed by another method"),
        ({"change": lambda data: both_headers(data, 4, 99)}, "damaged or not a .npz file"),
        (
            {"change": lambda data: data[:40] + b"\xff" * 9 + data[49:]},
            "damaged or not a .npz file",
        ),
        ({"change": lambda data: data[:-9]}, "damaged or not a .npz file"),
        (
            {"change": cut_member, "shape": "(99, 9)", "method": 0},
            r"damaged or not a .npz file \(it ends too early\)",
        ),
    ],
)
def test_a_bad_archive_is_one_line(options, message, tmp_path):
    with pytest.raises(DataError, match=message):
        read_features(zipped(tmp_path, **options))


def test_an_archive_that_unpacks_to_much_more_than_it_is_is_refused(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", a=np.zeros((4_000, 10_000), np.uint8))
    with pytest.raises(DataError, match=r"has shape \(4000, 10000\): more than a file of this"):
        read_features(tmp_path / "a.npz")


def test_an_hdf5_file_that_stands_for_much_more_than_it_is_is_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("a", shape=(10**9, 4), dtype="f4", chunks=(1_000, 4), fillvalue=1)
    with pytest.raises(DataError, match=r"has shape \(1000000000, 4\): more than a file of this"):
        read_features(tmp_path / "a.h5")


def test_a_damaged_hdf5_file_is_one_line(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("a", data=np.ones((64, 8), "f4"), compression="gzip", chunks=(64, 8))
        place = file["a"].id.get_chunk_info(0).byte_offset
    data = bytearray(path.read_bytes())
    data[place : place + 8] = b"\xff" * 8
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"a\.h5: "):
        read_features(path)
    path.write_bytes(data[:700])
    with pytest.raises(DataError, match=r"a\.h5: "):
        read_features(path)


def test_an_hdf5_filter_of_the_machine_is_not_trusted(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        settings.set_chunk((1, 2))
        settings.set_filter(4_000, h5py.h5z.FLAG_OPTIONAL)
        space = h5py.h5s.create_simple((1, 2))
        h5py.h5d.create(file.id, b"a", h5py.h5t.IEEE_F32LE, space, settings)
    with pytest.raises(DataError, match="stored through filter 4000, which is not trusted"):
        read_features(tmp_path / "a.h5")
