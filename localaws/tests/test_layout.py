"""Each module is installed once, and the documents name files and folders that exist."""
import re
from pathlib import Path

import pytest

import localaws

FOLDER = Path(localaws.__file__).parent


def modules_with_an_install():
    """Returns the modules below localaws that define install(), by their name below localaws."""
    files = [f for f in FOLDER.glob("*/*.py") if f.parent.name != "tests" and re.search(r"^def install\(\):", f.read_text(), re.M)]
    return sorted(f"{f.parent.name}.{f.stem}".removesuffix(".__init__") for f in files)


def test_each_module_is_installed_once():
    listed = re.search(r"^MODULES = \((.*?)\)", (FOLDER / "resources" / "__init__.py").read_text(), re.M | re.S)[1]
    resources = [f"resources.{name}" for name in re.findall(r"\w+", listed)]
    assert sorted([*localaws.MODULES, *resources]) == modules_with_an_install()


def test_readme_s_table_has_each_folder():
    table = re.findall(r"^\| `(\w+)/` \|", (FOLDER / "README.md").read_text(), re.M)
    assert sorted(table) == sorted(f.name for f in FOLDER.iterdir() if f.is_dir() and f.name != "__pycache__")


@pytest.mark.parametrize("document", ["README.md", "CONFORMANCE.md"])
def test_documents_name_files_that_exist(document):
    names = re.findall(r"`([\w/]+\.py)`", (FOLDER / document).read_text())
    missing = [name for name in names if not any((FOLDER / where / name).exists() for where in ("", "resources", ".."))]
    assert len(names) > 10 and missing == []
