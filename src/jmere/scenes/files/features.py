"""Appearance vectors of many images: NumPy and HDF5 files, never pickles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmere.data.fields import RecordError
from jmere.errors import DataError, Problem, short_repr
from jmere.records import FloatArray
from jmere.scenes.files.arrays import PickleError, read_hdf5, read_npy, read_npz
from jmere.scenes.files.entries import quotable

PICKLES = (".pkl", ".pickle", ".pt", ".pth")
_FORMS = ".npy, .npz, .h5 or .hdf5"
_READERS = {".npy": read_npy, ".npz": read_npz, ".h5": read_hdf5, ".hdf5": read_hdf5}


def read_features(path: str | Path) -> dict[str, FloatArray]:
    """Read the object vectors of each image: objects x width, by image name.

    In ``.npz`` and HDF5 files an array of two axes belongs to the image it is named after; a
    ``.npy`` file of two axes belongs to the image the file is named after. An array of three
    axes has one image per row, named "0", "1", and so on. All vectors are held in memory, 4
    bytes per number.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: If it is a pickle or holds one, or an array has other axes, another
            width than the first, or a number that is infinite or none.
        MissingExtraError: If an HDF5 file needs the extra ``toolkit``.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"features {path}: no such file")
    try:
        found: dict[str, FloatArray] = {}
        for name, values in _arrays(path):
            for key, rows in _images(name, values):
                found[key] = _checked(key, rows, next(iter(found.values()), None))
        return found
    except PickleError:
        raise DataError(Problem(str(path), None, _refusal(path))) from None
    except (ValueError, OSError, MemoryError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(Problem(str(path), None, reason)) from None


def _arrays(path: Path) -> Iterator[tuple[str, NDArray[Any]]]:
    suffix = path.suffix.lower()
    if suffix in PICKLES:
        raise PickleError
    if suffix not in _READERS:
        raise ValueError(f"features are read from {_FORMS} files")
    return _READERS[suffix](path)


def _images(name: str, values: NDArray[Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    if values.ndim == 3:
        yield from ((str(row), image) for row, image in enumerate(values))
    elif values.ndim == 2:
        yield name, values
    else:
        raise ValueError(
            f"{short_repr(name)} has shape {short_repr(values.shape)}; expected objects x width, "
            "or images x objects x width"
        )


def _checked(name: str, rows: NDArray[Any], first: FloatArray | None) -> FloatArray:
    if rows.dtype.kind not in "fiu":
        raise ValueError(f"{short_repr(name)} holds {rows.dtype}; expected numbers")
    if first is not None and rows.shape[1] != first.shape[1]:
        raise ValueError(
            f"{short_repr(name)} has vectors of width {rows.shape[1]}; expected {first.shape[1]}, "
            "the width of the first image's"
        )
    with np.errstate(over="ignore"):
        vectors = rows.astype(np.float32, copy=False)
    if not np.isfinite(vectors).all():
        row = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise ValueError(f"{short_repr(name)} has a number that is not finite, in object {row}")
    return vectors


def _refusal(path: Path) -> str:
    file, stem = quotable(path)
    if path.suffix.lower() in (".pt", ".pth"):
        read = f"import numpy, torch; v = torch.load('{file}', map_location='cpu')"
    elif path.suffix.lower() in (".npy", ".npz"):
        read = f"import numpy; v = numpy.load('{file}', allow_pickle=True)"
        read += "; v = dict(v) if hasattr(v, 'files') else v.tolist()"
    else:
        read = f"import numpy, pickle; v = pickle.load(open('{file}', 'rb'))"
    name = f"{stem}_plain.npz" if path.suffix.lower() == ".npz" else f"{stem}.npz"
    return (
        "holds a pickle, which can run any code when read. If you trust it, convert it once: "
        f"python -c \"{read}; numpy.savez('{name}', "
        '**(v if isinstance(v, dict) else {str(i): x for i, x in enumerate(v)}))"'
    )


def appearance_of(features: Mapping[str, FloatArray], image: str, index: int) -> FloatArray:
    """Return the vectors of an image, by its file name, its stem or its index.

    Raises:
        RecordError: If there are none.
    """
    for key in (image, Path(image).stem, str(index)):
        if key in features:
            return features[key]
    raise RecordError(
        f"there are no features under {short_repr(image)}, its stem or its index {index}"
    )
