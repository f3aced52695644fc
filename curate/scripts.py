"""Serves the components' scripts: plain ES modules, below a URL with a hash of their content.

All modules below `curate/ui` share one hash. A relative import therefore has the same hash, and a browser may cache
every module for ever. Inline they would travel with every rerun: 106 of the 185 kB of a page of the grid.
"""

import hashlib
import re
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parent / "ui"
_IMPORT = re.compile(r"""^(?:import|export)\b[^;"']*["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


@lru_cache(maxsize=1)
def modules() -> dict[str, bytes]:
    """Returns every module by its path below `curate/ui`, read once, so that hash and content always agree."""
    paths = sorted(ROOT.rglob("*.js"))
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in paths}


@lru_cache(maxsize=1)
def version() -> str:
    """Returns the hash of all modules' paths and contents, 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for path, content in modules().items():
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def needed(entry: str) -> list[str]:
    """Returns the paths of a module and of all its imports, direct and indirect; the module itself comes first.

    Raises ValueError for an import of a missing file.
    """
    paths = [entry]
    for path in paths:  # grows on the way
        for imported in _IMPORT.findall(modules()[path].decode()):
            target = (ROOT / path).parent.joinpath(imported).resolve().relative_to(ROOT.resolve()).as_posix()
            if target not in modules():
                raise ValueError(f"{path} imports {imported}, which does not exist.")
            if target not in paths:
                paths.append(target)
    return paths
