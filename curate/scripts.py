"""The components' scripts: several ES modules put into one, without a build, and fetched by an address that names what
is in it. Inline they would travel with every rerun: 106 of the 185 kB of a page of the grid.

Each module becomes a function that returns its exports. Understood are the two forms our files use: `import { a, b }
from "./x.js";` on one line, and `export` before a declaration; the entry has the one `export default`. Comments on
lines of their own and indents are left out: no text may span lines.
"""

import hashlib
import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{ (?P<names>[\w, ]+) \} from "\./(?P<module>\w+)\.js";\n', re.MULTILINE)
_REMARK = re.compile(r"^[ ]*(?:/\*\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_INDENT = re.compile(r"^ +", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let) (?P<name>\w+))", re.MULTILINE)


_kept: dict[str, str] = {}  # by file name


def keep(name: str, script: str) -> str:
    """The file name under which the server has this script from now on."""
    file_name = f"{name}-{hashlib.sha256(script.encode()).hexdigest()[:16]}.js"
    _kept[file_name] = script
    return file_name


def find(file_name: str) -> str | None:
    """The script of that file name; None when no page of this process has asked for it yet."""
    return _kept.get(file_name)


def bundle(folder: Path, entry: str) -> str:
    """One module that does what `entry`.js in `folder` does: what it imports stands first, once, in order of need."""
    done: dict[str, str] = {}
    _add(folder, entry, done, [])
    return _INDENT.sub("", _REMARK.sub("", "\n".join(done.values())))


def _add(folder: Path, name: str, done: dict[str, str], path: list[str]) -> None:
    if name in path:
        raise ValueError(f"The scripts import each other in a circle: {' -> '.join([*path, name])}.")
    if name in done:
        return
    source = (folder / f"{name}.js").read_text(encoding="utf-8")
    for needed in _IMPORT.finditer(source):
        _add(folder, needed["module"], done, [*path, name])
    done[name] = _as_entry(source) if not path else _as_function(name, source)


def _as_entry(source: str) -> str:
    return _IMPORT.sub(r"const { \g<names> } = module_\g<module>;\n", source)


def _as_function(name: str, source: str) -> str:
    exports = ", ".join(found["name"] for found in _EXPORT.finditer(source))
    body = _EXPORT.sub("", _as_entry(source))
    return f"const module_{name} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();"
