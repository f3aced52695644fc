"""Writes timm_networks.csv: measures every network of the installed timm, so that pages need not import torch.

    python -W ignore -m curate.training.networks.timm_table [seconds]     # repeat it until none is left

Columns: name; body_m, head_m: millions of parameters under fastai's head for ten labels; min_px: smallest picture it
takes; fixed_px: the size it was made for, 0 = takes any; tags: of published weights, the usual ones first; source:
where those lie, when it is not timm/<name>.<tag> on the Hugging Face hub: another repository there, or a file's name.
Networks that do not fit fastai's head have no row.
"""

import csv
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import timm
import torch
from torch import nn

from curate.training.networks.build import UNFIT, create_timm
from curate.training.networks.timm_networks import COLUMNS, TABLE

_SIZES = (16, 32, 48, 64, 96, 128, 160, 192, 224, 256, 288, 320, 384, 448, 512)
_UNFIT_TABLE = Path(tempfile.gettempdir()) / "timm_unfit.csv"


def main(seconds: float) -> None:
    """Measure the networks that are not in the table yet, for about so many seconds."""
    until = time.monotonic() + seconds
    done = _names(TABLE) | _names(_UNFIT_TABLE)
    for name in [name for name in timm.list_models() if name not in done]:
        if time.monotonic() > until:
            break
        try:
            _append(TABLE, measure(name))
        except UNFIT as error:
            _append(_UNFIT_TABLE, {"name": name, "why": f"{type(error).__name__}: {error}"[:200]})
    print(f"{len(_names(TABLE))} in the table, {len(_names(_UNFIT_TABLE))} do not fit, of {len(timm.list_models())}")


def measure(name: str) -> dict[str, object]:
    """Returns the table's row for a network. It computes shapes only (on torch's meta device)."""
    made_for: Any = timm.get_pretrained_cfg(name) or timm.create_model(name).pretrained_cfg
    side = made_for.input_size[-1]
    is_fixed = bool(made_for.fixed_input_size)
    with torch.device("meta"):
        network = create_timm(name, 10, {"img_size": side} if is_fixed else {}).eval()
    _forward(network, side)
    body_m, head_m = (sum(each.numel() for each in part.parameters()) / 1e6 for part in network.children())
    tags = timm.list_models(f"{name}.*", pretrained=True) if made_for.has_weights else []
    usual = f"{name}.{made_for.tag}" if made_for.tag else name
    tags = [usual, *(tag for tag in tags if tag != usual)] if made_for.has_weights else []
    return {
        "name": name,
        "body_m": round(body_m, 2),
        "head_m": round(head_m, 2),
        "min_px": side if is_fixed else next(px for px in _smaller(side) if _takes(network, px)),
        "fixed_px": side if is_fixed else 0,
        "tags": " ".join(tag.removeprefix(f"{name}").removeprefix(".") for tag in tags),
        "source": _source(made_for, usual),
    }


def _source(made_for: Any, usual: str) -> str:
    if made_for.hf_hub_id:
        return "" if made_for.hf_hub_id == f"timm/{usual}" else made_for.hf_hub_id
    return (made_for.url or "").rsplit("/", 1)[-1]


def _smaller(side: int) -> Iterator[int]:
    yield from (px for px in _SIZES if px < side)
    yield side


def _takes(network: nn.Module, px: int) -> bool:
    try:
        _forward(network, px)
    except (*UNFIT, ZeroDivisionError):
        return False
    return True


def _forward(network: nn.Module, px: int) -> None:
    with torch.inference_mode():
        if network(torch.zeros(2, 3, px, px, device="meta")).shape != (2, 10):
            raise ValueError("not a row of ten numbers for each picture")


def _names(table: Path) -> set[str]:
    if not table.exists():
        return set()
    with table.open(newline="") as file:
        return {row["name"] for row in csv.DictReader(file)}


def _append(table: Path, row: dict[str, object]) -> None:
    is_new = not table.exists()
    with table.open("a", newline="") as file:
        writer = csv.DictWriter(file, list(row) if table is _UNFIT_TABLE else COLUMNS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(row)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3600)
