"""What CloudFormation's own schemas say of a resource type: its properties, what replaces it, its attributes.

The table is the one that the generator and the plan use too (internal/cfn/schema/table.json, made from the schemas in
cfn-lint's wheel), so a type that is not in it is not checked here. Its notation is described in
internal/cfn/schema/table.go.
"""
import functools
import json
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "internal" / "cfn" / "schema" / "table.json"


@functools.cache
def _types():
    return json.loads(TABLE.read_text())["types"]


def type_names():
    return list(_types())


def attributes(rtype):
    """The names that Fn::GetAtt takes; None for a type that the table lacks."""
    return _types()[rtype]["attributes"] if rtype in _types() else None


def tags_property(rtype):
    """The property that takes a resource's tags; None where there is none or the table lacks the type."""
    return _types().get(rtype, {}).get("tags")


def write_only(rtype):
    """The top-level properties that a type never gives back."""
    return [path for path in _types().get(rtype, {}).get("writeOnly", ()) if "." not in path]


def has_attribute(rtype, name):
    known = attributes(rtype)
    return known is None or name in known or any(a.endswith("*") and name.startswith(a[:-1]) for a in known)


def recreation(rtype, name):
    """RequiresRecreation of a top-level property: Never, Conditionally or Always; None for a type the table lacks."""
    if rtype not in _types():
        return None
    of = _types()[rtype]
    if name in of.get("createOnly", ()):
        return "Always"
    nested = any(path.startswith(name + ".") for path in of.get("createOnly", ()))
    return "Conditionally" if nested or name in of.get("conditionalCreateOnly", ()) else "Never"


def problems(rtype, props):
    """What is wrong with a resource's resolved properties, each as `PATH: SENTENCE`."""
    if rtype in _types():
        yield from _object(_types()[rtype], "Properties", props, "#")


def _object(of, name, value, path):
    definition = of["definitions"][name]
    read_only = of.get("readOnly", ()) if name == "Properties" else ()
    known = {key.rstrip("!"): notation for key, notation in definition.items()}
    for key in sorted(set(value) - set(known)):
        yield f"{path}: extraneous key [{key}] is not permitted"
    for key in sorted(key for key in value if key in read_only):
        yield f"{path}: {key} is read-only"
    for key in definition:
        if key.endswith("!") and key[:-1] not in value:
            yield f"{path}: required key [{key[:-1]}] not found"
    for key in value:
        if key in known:
            yield from _value(of, known[key], value[key], f"{path}/{key}")


def _value(of, notation, value, path):
    kind, _, rest = notation.partition(" of ")
    if kind in ("list", "set"):
        if not isinstance(value, list):
            yield f"{path}: expected type: JSONArray, found: {_json_type(value)}"
        for number, item in enumerate(value if isinstance(value, list) else ()):
            yield from _value(of, rest, item, f"{path}/{number}")
    elif kind in of["definitions"]:
        if isinstance(value, dict):
            yield from _object(of, kind, value, path)
        else:
            yield f"{path}: expected type: JSONObject, found: {_json_type(value)}"
    elif kind != "map" and notation != "json":
        yield from _scalar(notation, value, path)


def _scalar(notation, value, path):
    kind, _, allowed = notation.partition(" = ")
    if isinstance(value, (dict, list)):
        yield f"{path}: expected type: {kind.capitalize()}, found: {_json_type(value)}"
    elif kind in ("integer", "number") and not _is_number(value):
        yield f"{path}: expected type: {kind.capitalize()}, found: String"
    elif kind == "boolean" and str(value).lower() not in ("true", "false"):
        yield f"{path}: expected type: Boolean, found: {_json_type(value)}"
    elif allowed and str(value) not in allowed.split(" | "):
        yield f"{path}: {value} is not a valid enum value"


def _is_number(value):
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, bool)


def _json_type(value):
    return {dict: "JSONObject", list: "JSONArray", bool: "Boolean", int: "Integer", float: "Double"}.get(type(value), "String")
