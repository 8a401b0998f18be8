"""What to lint: the templates and scripts that the arguments name, and what the manifest beside a template knows."""
import json
import re
from pathlib import Path

TEMPLATE = re.compile(r"^(AWSTemplateFormatVersion|Resources):", re.MULTILINE)
SHEBANG = re.compile(r"^#!.*\b(ba|da|k)?sh\b")


class InputError(Exception):
    """The arguments name nothing to lint."""


def collect(arguments):
    """Paths of templates and of shell scripts. A folder gives all that are below it; a file is a template unless it is a script."""
    templates, scripts = [], []
    for argument in map(Path, arguments):
        if not argument.exists():
            raise InputError(f"{argument} does not exist")
        files = sorted(p for p in argument.rglob("*") if p.is_file()) if argument.is_dir() else [argument]
        for file in files:
            if _is_script(file):
                scripts.append(str(file))
            elif not argument.is_dir() or file.suffix in (".yaml", ".yml") and TEMPLATE.search(file.read_text(encoding="utf-8")):
                templates.append(str(file))
    if not templates and (not scripts or any(Path(a).is_dir() for a in arguments)):
        raise InputError("no template was given: name templates, or a folder that contains templates, such as out/")
    return list(dict.fromkeys(templates)), list(dict.fromkeys(scripts))


def _is_script(file):
    if file.suffix:
        return file.suffix == ".sh"
    with open(file, "rb") as opened:
        return bool(SHEBANG.match(opened.readline(200).decode("utf-8", "replace")))


class Manifest:
    """site.json beside a template, or nothing where there is none."""

    def __init__(self, template):
        file = Path(template).parent / "site.json"
        content = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        self.region = content.get("region", "")
        stacks = {s["template"]["path"]: s["name"] for s in content.get("stacks", [])}
        stack = stacks.get(Path(template).name, "site")
        self._builders = {r["id"]: r.get("builder", "") for r in content.get("resources", []) if r["stack"] == stack}

    def builder(self, resource):
        return self._builders.get(resource, "")
