"""Arrows point down only: who may import whom, walked over the source and seen in a fresh process."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*(ROOT / "curate").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "Home.py"])
MAY_IMPORT_STREAMLIT = ("curate/ui/", "curate/server/", "pages/", "Home.py")
HEAVY = ("torch", "torchvision", "fastai", "timm", "sklearn", "cleanvision", "onnx", "onnxruntime")
# Run in job or model processes only.
MAY_IMPORT_HEAVY = (
    "curate/training/fitting/",
    "curate/training/networks/build.py",
    "curate/training/networks/kernel_head.py",
    "curate/training/networks/stages.py",
    "curate/training/networks/weights.py",
    "curate/training/networks/timm_table.py",
    "curate/embeddings/",
    "curate/onnx_graph/",
    "curate/model_export/",
    "curate/prediction/",
    "curate/doubts/",
    "curate/imported_predictions/onnx_model.py",
    "curate/jobs/work/",
    "curate/jobs/runtime/",
    "curate/quality/measures.py",
    "curate/gather/sample.py",
    "curate/gather/datasets.py",
)
MAY_NOT_KNOW = {
    "curate/store/": ("curate.catalog", "curate.gather", "curate.review", "curate.jobs", "curate.ui"),
    "curate/pictures.py": ("curate.store", "curate.catalog", "curate.ui"),
    "curate/catalog/": ("curate.review", "curate.gather", "curate.jobs", "curate.ui", "curate.server"),
    "curate/evaluation/": ("curate.catalog", "curate.store", "curate.review", "curate.jobs", "curate.ui"),
    "curate/backup/": ("curate.review", "curate.gather", "curate.jobs", "curate.ui", "curate.server"),
    "curate/doubts/": ("curate.catalog", "curate.gather", "curate.review", "curate.jobs", "curate.ui", "curate.server"),
    "curate/embeddings/": (
        *("curate.catalog", "curate.doubts", "curate.gather", "curate.review", "curate.jobs", "curate.ui"),
        "curate.server",
    ),
    "curate/training/": (
        *("curate.catalog", "curate.doubts", "curate.gather", "curate.review", "curate.jobs", "curate.ui"),
        "curate.server",
    ),
    "curate/training/settings/": ("curate.training.fitting", "curate.embeddings"),
    "curate/training/networks/": ("curate.training.fitting", "curate.embeddings"),
    "curate/square.py": ("curate",),
    "curate/onnx_graph/": (
        *("curate.catalog", "curate.gather", "curate.review", "curate.jobs", "curate.ui", "curate.server"),
    ),
    "curate/data_export/": ("curate.review", "curate.gather", "curate.jobs", "curate.ui", "curate.server"),
    "curate/model_export/": (
        *("curate.catalog", "curate.gather", "curate.review", "curate.jobs", "curate.ui", "curate.server"),
    ),
    "curate/prediction/": (
        *("curate.catalog", "curate.gather", "curate.review", "curate.jobs", "curate.ui", "curate.server"),
    ),
    "curate/imported_predictions/": (
        *(
            "curate.catalog",
            "curate.store",
            "curate.gather",
            "curate.review",
            "curate.jobs",
            "curate.ui",
            "curate.server",
        ),
    ),
    "curate/jobs/submit/": ("curate.jobs.work",),
    "curate/ui/rendering/": ("curate.jobs", "curate.ui.charts", "curate.ui.components", "curate.ui.shell"),
    "curate/ui/components/": ("curate.ui.charts", "curate.jobs"),
    "curate/quality/": (
        *("curate.catalog", "curate.store", "curate.gather", "curate.review", "curate.jobs", "curate.ui"),
    ),
    "curate/review/": ("curate.gather", "curate.jobs", "curate.ui", "curate.server"),
    "curate/gather/": ("curate.review", "curate.jobs", "curate.ui", "curate.server"),
    "curate/write_back/": ("curate.review", "curate.jobs", "curate.ui", "curate.server"),
    "curate/jobs/": ("curate.ui", "curate.server"),
    "curate/server/": ("curate.ui",),
}
# Imported by pages and the command line, which must not wait for torch.
FREE_OF_TORCH = (
    "curate.training.settings",
    "curate.jobs.submit",
    "curate.review",
    "curate.evaluation",
    "curate.catalog",
)
IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if ".migrations" not in module.name:
        importlib.import_module(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
WEB_PROCESS = """
import importlib, pathlib, sys
from streamlit.testing.v1 import AppTest
import curate.server.app
for name in curate.server.app.WARM:
    importlib.import_module(name)
for path in pathlib.Path("curate/ui").rglob("*.py"):
    if path.name != "main.py":
        importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
app = AppTest.from_file("curate/ui/main.py", default_timeout=60).run()
for path in pathlib.Path("pages").glob("*.py"):
    assert not app.switch_page(f"../../{path}").run().exception, path
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules a source file imports, wherever in it."""
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or "" if not node.level else f"{package}.{node.module or ''}".strip(".")
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def breaches(packages: tuple[str, ...], allowed: tuple[str, ...]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in SOURCES
        if not str(path.relative_to(ROOT)).startswith(allowed)
        for name in imported(path)
        if is_within(name, packages)
    ]


def test_only_the_ui_the_pages_and_the_server_know_streamlit() -> None:
    assert breaches(("streamlit",), MAY_IMPORT_STREAMLIT) == []


def test_only_modules_of_job_and_model_processes_import_what_is_heavy() -> None:
    assert breaches(HEAVY, MAY_IMPORT_HEAVY) == []


@pytest.mark.parametrize("layer", MAY_NOT_KNOW)
def test_no_layer_knows_one_above_it(layer: str) -> None:
    forbidden_imports = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in SOURCES
        if str(path.relative_to(ROOT)).startswith(layer)
        for name in imported(path)
        if is_within(name, MAY_NOT_KNOW[layer])
    ]
    assert forbidden_imports == []


@pytest.mark.parametrize("package", FREE_OF_TORCH)
def test_importing_all_of_a_package_that_needs_no_torch_loads_none(package: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IMPORT_ALL, package],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "curate" in ran.stdout.split()
    assert set(ran.stdout.split()).isdisjoint(HEAVY)


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_no_modules_import_each_other_in_a_circle_not_even_for_types() -> None:
    modules = {module_name(path): set(imported(path)) for path in SOURCES}
    waiting = {name: {one for one in imports if one in modules and one != name} for name, imports in modules.items()}
    for package in [name for name in modules if (ROOT / name.replace(".", "/")).is_dir()]:
        for imports in waiting.values():  # `from package import module` needs the module, not what the package offers
            if any(one.startswith(f"{package}.") for one in imports):
                imports.discard(package)
    while leaves := {name for name, imports in waiting.items() if not imports & waiting.keys()}:
        for name in leaves:
            del waiting[name]
    assert sorted(waiting) == []


def test_no_folder_holds_more_than_two_dozen_modules_and_each_says_what_it_holds() -> None:
    folders = {path.parent for path in SOURCES if "migrations" not in path.parts}
    for folder in folders - {ROOT, ROOT / "pages"}:
        assert len(list(folder.glob("*.py"))) <= 25, folder
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text())), folder


def test_one_module_reads_and_writes_the_address() -> None:
    owner = ROOT / "curate" / "ui" / "shell" / "query_params.py"
    assert [path for path in SOURCES if re.search(r"\bst\.query_params", path.read_text()) and path != owner] == []


def test_pages_are_thin() -> None:
    for path in (ROOT / "pages").glob("*.py"):
        tree = ast.parse(path.read_text())
        assert len(path.read_text().splitlines()) <= 80, path.name
        assert not [node for node in ast.walk(tree) if isinstance(node, (ast.Try, ast.ClassDef))], path.name


def test_the_web_process_holds_neither_torch_nor_fastai_nor_sklearn(home: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WEB_PROCESS], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    loaded = set(ran.stdout.split())
    assert {"streamlit", "curate", "sqlalchemy"} <= loaded
    assert loaded.isdisjoint(HEAVY)
