"""Several ES modules into one, so that the script can be readable files and still travel inline, without a build.

Each module becomes a function that returns its exports. Understood are the two forms our files use: `import { a, b }
from "./x.js";` on one line, and `export` before a declaration; the entry has the one `export default`. Comments on
lines of their own and indents are left out, since the script travels with every rerun: no text may span lines.
"""

import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{ (?P<names>[\w, ]+) \} from "\./(?P<module>\w+)\.js";\n', re.MULTILINE)
_REMARK = re.compile(r"^[ ]*(?:/\*\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_INDENT = re.compile(r"^ +", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let) (?P<name>\w+))", re.MULTILINE)


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
