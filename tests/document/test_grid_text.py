"""Grids as text and files: every layout people copy is read, every fault has its place, and nothing is lost."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.document.grid_text import STYLES, GridTextError, grid_bytes, grid_text, parse_grid, read_grid
from explorer.layers.fields import Array
from tests.engine.checks import assert_same_bits

many = settings(max_examples=200, deadline=None, derandomize=True, database=None)

SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
grids = arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    elements=st.floats(-1e6, 1e6, width=32, allow_subnormal=True),
)


def fault(text: str, largest: int = 31) -> GridTextError:
    """Why a text is no grid."""
    with pytest.raises(GridTextError) as caught:
        parse_grid(text, largest)
    message = str(caught.value)
    assert message.endswith(".")
    assert len(message) < 200
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "-1 0 1\n-2 0 2\n-1 0 1",
        "  -1   0   1 \r\n\r\n  -2 0 2\r\n-1 0 1\n\n",
        "-1\t0\t1\n-2\t0\t2\n-1\t0\t1\n",
        "\t-1 0 1\n\t-2 0 2\n\t-1 0 1\n",
        "-1,0,1\n-2,0,2\n-1,0,1",
        "-1, 0, 1,\n-2, 0, 2,\n-1, 0, 1,",
        "-1,\t0,\t1\n-2,\t0,\t2\n-1,\t0,\t1",
        "-1;0;1\n-2;0;2\n-1;0;1\n",
        "-1 0 1; -2 0 2; -1 0 1",
        "-1,0,1;-2,0,2;-1,0,1;",
        "-1, 0, 1;\n-2, 0, 2;\n-1, 0, 1;",
        '"-1","0","1"\n"-2","0","2"\n"-1","0","1"',
        "−1 0 1\n−2 0 2\n−1 0 1",
        "\ufeff–1 0 1\n–2 0 2\n–1 0 1",
        "-1\u00a00\u00a01\n-2 0 2\n-1 0 1",
        "[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]",
        "[[-1, 0, 1],\n [-2, 0, 2],\n [-1, 0, 1],]",
        "[[-1.  0.  1.]\n [-2.  0.  2.]\n [-1.  0.  1.]]",
        "((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))",
        "{{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}};",
        "[-1 0 1; -2 0 2; -1 0 1]",
        "[[[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]]]",
        "np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=np.float32)",
        "np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)",
        "array([[-1.,  0.,  1.],\n       [-2.,  0.,  2.],\n       [-1.,  0.,  1.]], dtype=float32)",
        "np.array(((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)))",
        "np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]).astype('float32')",
        "kernel = np.array([[-3, 0, 3], [-6, 0, 6], [-3, 0, 3]]) / 3",
        "kernel = 1/3 * np.array([[-3, 0, 3], [-6, 0, 6], [-3, 0, 3]])",
        "k = (1 / 3) * torch.tensor([[-3, 0, 3], [-6, 0, 6], [-3, 0, 3]])",
        "tensor([[-1.,  0.,  1.],\n        [-2.,  0.,  2.],\n        [-1.,  0.,  1.]])",
        "tensor([[[[-1., 0., 1.],[-2., 0., 2.],[-1., 0., 1.]]]], device='cuda:0', requires_grad=True)".replace(
            "cuda:0", "cuda"
        ),
    ],
)
def test_layouts__all_give_the_same_numbers(text: str) -> None:
    assert parse_grid(text).tolist() == SOBEL


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,5;2,5", [[1.5, 2.5]]),
        ("1,5\t2,5\n-0,5\t3", [[1.5, 2.5], [-0.5, 3]]),
        ("1,5", [[1, 5]]),
        ("1.5;2.5", [[1.5, 2.5]]),
        ("7", [[7]]),
        ("[1, 2, 3]", [[1, 2, 3]]),
        ("(1, 2)", [[1, 2]]),
        ("[[1], [2]]", [[1], [2]]),
        ("1\n2", [[1], [2]]),
        ("1/4 1 / 8", [[0.25, 0.125]]),
        ("[[1/4, sqrt(4)], [-sqrt( 9 ), 1/sqrt(4)]]", [[0.25, 2], [-3, 0.5]]),
        ("sqrt(4) 1e3 .5 5. +2", [[2, 1000, 0.5, 5, 2]]),
    ],
)
def test_numbers__are_read_as_people_write_them(text: str, values: list[list[float]]) -> None:
    assert parse_grid(text).tolist() == values
    assert parse_grid(text).dtype == np.float32


@pytest.mark.parametrize(
    ("text", "row", "column", "word"),
    [
        ("1 2 3\n4 5", 2, 3, "row 1 has 3"),
        ("1 2\n4 5 6", 2, 3, "has 3"),
        ("[[1, 2], [3]]", 2, 2, "row 1 has 2"),
        ("[[1, 2], []]", 2, 1, "empty"),
        ("1 2\n3 four", 2, 2, "four"),
        ("1 nan", 1, 2, "nan"),
        ("[[1, NaN]]", 1, 2, "NaN"),
        ("[[1, null]]", 1, 2, "null"),
        ("1\t-inf", 1, 2, "infinite"),
        ("1 1e999", 1, 2, "1e999"),
        ("1\n-1000001", 2, 1, "-1000001"),
        ("1\t\t3", 1, 2, "no number"),
        ("[1,,3]", 1, 2, "no number"),
        ("1;;3", 1, 2, "no number"),
        ("1 2/0", 1, 2, "divided by 0"),
        ("1 --2", 1, 2, "--2"),
        ("1 -", 1, 2, "-"),
        ("a,b\n1,2", 1, 1, "a"),
        ("1,5 2,5", 1, 2, "5 2"),
        ("[1, [2, 3]]", 1, 1, "beside lists"),
        ("[[1, 2], 3]", 2, 1, "beside lists"),
        ("\t".join("1" * 32), 1, 32, "32 numbers"),
        ("\n".join("1" * 32), 32, None, "row 32"),
        ("\n".join("\t".join("1" * 1000) for _ in range(1000)), 1, 32, "numbers"),
        (str([[1] * 1000] * 1000), 1, 32, "numbers"),
        ("1\n" * 1_000_000, 32, None, "row 32"),
    ],
)
def test_faults__name_row_and_column(text: str, row: int, column: int | None, word: str) -> None:
    error = fault(text)
    assert (error.row, error.column) == (row, column)
    assert f"row {row}" in str(error).lower()
    assert (
        column is None or f"column {column}" in str(error) or "numbers" in str(error) or "row" in str(error)
    )
    assert word in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "[]",
        "[[]]",
        "[[1, 2], [3, 4]",
        "[[1, 2), [3, 4]]",
        "[[1, 2]] [[3, 4]]",
        "[[[1, 2]], [[3, 4]]]",
        "[" * 100_000,
        "(" * 9 + "1" + ")" * 9,
        "np.ones((3, 3)) / 9",
        "np.zeros([3, 3])",
        "__import__('os').system('ls') [1]",
        "[[1, 2]] / 0",
        "[[1, 2]] / x",
        "please paste [[1]]",
        " " * 1_000_000,
        "\x00",
        "1 " + " " * 1_000_000 + "2",
    ],
)
def test_faults__without_a_place_are_sentences(text: str) -> None:
    fault(text)


def test_fault__can_be_shown_whatever_it_quotes() -> None:
    assert "“a?”" in str(fault("1 a\ud800"))


def test_largest__is_the_callers() -> None:
    text = grid_text(np.zeros((32, 32), np.float32), "tsv")
    assert parse_grid(text, largest=32).shape == (32, 32)
    assert fault(text).row == 1


@many
@given(grids, st.sampled_from([key for key, _ in STYLES]))
def test_text__round_trips_every_bit(values: Array, style: str) -> None:
    assert_same_bits(parse_grid(grid_text(values, style)), values)


@many
@given(st.one_of(st.text(), st.text("0123456789 -.,;\t\n[](){}/e*=npsqrt\x00−", max_size=60)))
def test_any_text__is_a_grid_or_a_sentence(text: str) -> None:
    try:
        values = parse_grid(text)
    except GridTextError as error:
        assert str(error).endswith(".")  # noqa: PT017 - either way is right
    else:
        assert np.isfinite(values).all()
        assert values.ndim == 2


def test_styles__look_as_their_readers_expect() -> None:
    values = np.array([[0.1, -2], [3, 1e-5]], np.float32)
    assert grid_text(values, "tsv") == "0.1\t-2\n3\t1e-05"
    assert grid_text(values, "csv") == "0.1,-2\n3,1e-05"
    assert grid_text(values, "json") == "[[0.1, -2],\n [3, 1e-05]]"
    assert grid_text(values, "numpy") == "np.array([[0.1, -2],\n          [3, 1e-05]], dtype=np.float32)"
    with pytest.raises(ValueError, match="no style"):
        grid_text(values, "xml")


@many
@given(grids, st.sampled_from([".csv", ".npy"]))
def test_files__round_trip_every_bit(
    tmp_path_factory: pytest.TempPathFactory, values: Array, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("grid") / f"kernel{suffix}"
    path.write_bytes(grid_bytes(values, suffix))
    assert_same_bits(read_grid(path), values)


def file_fault(path: Path, data: bytes) -> str:
    """Why a file is no grid."""
    path.write_bytes(data)
    with pytest.raises(GridTextError) as caught:
        read_grid(path)
    assert str(caught.value).endswith(".")
    return str(caught.value)


def npy(array: object) -> bytes:
    """An array as NumPy saves it."""
    file = io.BytesIO()
    np.save(file, np.asarray(array), allow_pickle=True)
    return file.getvalue()


def npy_header(header: str, version: int = 1) -> bytes:
    """A .npy file of this header and no numbers."""
    text = header.encode()
    length = struct.pack("<H", len(text)) if version == 1 else struct.pack("<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<f2", "|i1", ">i8", "<u2"])
def test_npy__every_kind_of_number_and_order(tmp_path: Path, dtype: str, order: str) -> None:
    path = tmp_path / "kernel.npy"
    path.write_bytes(npy(np.array([[1, 2, 3], [4, 5, 6]], dtype=dtype, order="F" if order == "F" else "C")))
    assert read_grid(path).tolist() == [[1, 2, 3], [4, 5, 6]]
    path.write_bytes(npy(np.array([[[[1, 2], [3, 4]]]], dtype)))
    assert read_grid(path).tolist() == [[1, 2], [3, 4]]


def test_npy__what_is_no_grid_of_numbers_is_said(tmp_path: Path) -> None:
    path = tmp_path / "kernel.npy"
    assert "Python objects" in file_fault(path, npy(np.array([[object()]], object)))
    for dtype in ("complex64", "bool", "U3", [("a", "f4")]):
        assert "not numbers" in file_fault(path, npy(np.zeros((2, 2), dtype)))
    assert "array[0]" in file_fault(path, npy(np.zeros((3, 3, 3))))
    assert "0 dimensions" in file_fault(path, npy(1.0))
    assert "empty" in file_fault(path, npy(np.zeros((0, 3))))
    assert "at most 31" in file_fault(path, npy(np.zeros((2, 32))))
    assert "Row 2, column 1 is NaN" in file_fault(path, npy([[1.0], [np.nan]]))
    assert "Row 1, column 2 is inf" in file_fault(path, npy([[1.0, np.inf]]))
    assert "Row 1, column 1 is 1e+300" in file_fault(path, npy([[1e300]]))
    assert "no .npy" in file_fault(path, b"")
    assert "ends before" in file_fault(path, npy(np.zeros((3, 3)))[:-1])


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (100000000000, 1000000000)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "9" * 3000 + ", 1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "9" * 5000 + ", 1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (True, 1)}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1, 1)}",
        "{'descr': '<f3', 'fortran_order': False, 'shape': (1, 1)}",
        "{'descr': '<f1', 'fortran_order': False, 'shape': (1, 1)}",
        "{'descr': '<f4', 'shape': (1, 1)}",
        "__import__('os').system('true')",
        "[" * 9000,
        "-" * 9000 + "1",
        "'\\d'",
        "x" * 20_000,
    ],
)
def test_npy__lying_headers_are_refused(tmp_path: Path, header: str) -> None:
    for version in (1, 2, 3):
        file_fault(tmp_path / "kernel.npy", npy_header(header, version))
    file_fault(tmp_path / "kernel.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xff")


def test_files__other_faults_are_sentences(tmp_path: Path) -> None:
    path = tmp_path / "kernel.csv"
    assert "UTF-8" in file_fault(path, b"\xff\x00\x81")
    assert "no numbers" in file_fault(path, b"")
    assert "larger than 1 MB" in file_fault(path, b"1,2\n" * 1_000_000)
    assert "Row 2, column 2" in file_fault(path, b"1,2\n3,x\n")
    for missing in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(GridTextError, match="not a file"):
            read_grid(missing)


def test_files__spreadsheets_unicode_text(tmp_path: Path) -> None:
    path = tmp_path / "kernel.txt"
    path.write_bytes("1,5\t2\r\n3\t4\r\n".encode("utf-16"))
    assert read_grid(path).tolist() == [[1.5, 2], [3, 4]]


def test_bytes__other_suffixes_are_refused() -> None:
    with pytest.raises(ValueError, match="xlsx"):
        grid_bytes(np.zeros((1, 1), np.float32), ".xlsx")
