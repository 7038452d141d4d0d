"""How an output size comes about, in words and numbers."""

from __future__ import annotations

from explorer.engine import windows


def rows_and_columns(
    size: tuple[int, int],
    kernel_size: tuple[int, int],
    stride: tuple[int, int],
    padding: windows.Padding,
    dilation: tuple[int, int] = (1, 1),
    ceil_mode: bool = False,
) -> tuple[str, str]:
    """One sentence for the rows and one for the columns."""
    return (
        "Rows: " + one_side(size[0], kernel_size[0], stride[0], padding[:2], dilation[0], ceil_mode),
        "Columns: " + one_side(size[1], kernel_size[1], stride[1], padding[2:], dilation[1], ceil_mode),
    )


def one_side(
    size: int, kernel: int, stride: int, padding: tuple[int, ...], dilation: int, ceil_mode: bool
) -> str:
    """``(380 + 2*0 - 5) / 1 + 1 = 376``; the rounding is shown where there is one."""
    before, after = padding
    added = f"2*{before}" if before == after else f"{before} + {after}"
    span = windows.span(kernel, dilation)
    covered = f"{span}" if dilation == 1 else f"({dilation}*({kernel} - 1) + 1)"
    room = size + before + after - span
    outputs = windows.output_size(size, kernel, stride, before, after, dilation, ceil_mode)
    formula = f"({size} + {added} - {covered}) / {stride} + 1"
    if room % stride == 0:
        return f"{formula} = {outputs}"
    exact = f"{room / stride + 1:.3f}".rstrip("0")
    if ceil_mode and outputs <= room // stride + 1:
        return f"{formula} = {exact} → {outputs} (ceil, less a last window that would start in the padding)"
    return f"{formula} = {exact} → {outputs} ({'ceil' if ceil_mode else 'floor'})"
