"""Where the browser finds the scripts that our own routes serve."""

import json
from pathlib import Path

from curate import scripts
from curate.ui.rendering.image_urls import base_path


def script_loader(entry: Path) -> str:
    """An ES module for `st.components.v2.component` that fetches `entry`, once for all reruns, and exports its default.

    What `entry` imports is asked for in one go, instead of one level of imports after another.
    """
    paths = scripts.needed(entry.relative_to(scripts.ROOT).as_posix())
    address = f"{base_path()}/scripts/{scripts.version()}/"
    # Streamlit runs it from a blob: address, to which no other is relative.
    return _LOADER.replace("ADDRESS", json.dumps(address)).replace("PATHS", json.dumps(paths))


_LOADER = """const addresses = PATHS.map((path) => new URL(ADDRESS + path, location.origin).href);
for (const href of addresses) {
  if (document.head.querySelector(`link[href="${href}"]`)) continue;
  document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
}
const { default: show } = await import(addresses[0]);
export default show;
"""
