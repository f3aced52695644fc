"""The components' scripts as the browser fetches them: plain ES modules, below an address that names their content.

All modules below `curate/ui` share one hash. A relative import therefore finds its neighbour under the same hash, and a
browser may keep every module for ever. Inline they would travel with every rerun: 106 of the 185 kB of a page of the
grid.
"""

import hashlib
import re
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parent / "ui"
_IMPORT = re.compile(r"""^(?:import|export)\b[^;"']*["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


@lru_cache(maxsize=1)
def modules() -> dict[str, bytes]:
    """Every module by its path below `curate/ui`, read once: the hash and what is served always agree."""
    paths = sorted(ROOT.rglob("*.js"))
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in paths}


@lru_cache(maxsize=1)
def version() -> str:
    """The hash of all modules' paths and contents, 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for path, content in modules().items():
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def needed(entry: str) -> list[str]:
    """The paths of a module and of all that it imports, directly or not; the module itself comes first.

    Raises ValueError for an import of a file that does not exist.
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
