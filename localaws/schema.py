"""What CloudFormation's own schemas say of a resource type: its properties, what replaces it, its attributes.

The table is the one that the generator and the plan use too (internal/cfn/schema/table.json, made from the schemas in
cfn-lint's wheel), so a type that is not in it is not checked here. Its notation is described in
internal/cfn/schema/table.go.
"""
import functools
import json
import re
import unicodedata
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "internal" / "cfn" / "schema" / "table.json"

# The table's limits are of the schemas in cfn-lint's wheel, whose authors add some that services say. Where AWS was seen to let
# a value through to the service, which then refuses it in words of its own, the limit is left to the service's rule here.
LEFT_TO_THE_SERVICE = {"AWS::EC2::SecurityGroup": {"GroupDescription"}}


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


def tags_list(rtype):
    """The same, where it is a list of keys and values, not a map."""
    tags = tags_property(rtype)
    of = _types()[rtype]["definitions"]["Properties"] if tags else {}
    notation = of.get(tags) or of.get(f"{tags}!", "")
    return tags if notation.startswith(("list", "set")) else None


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
        yield from _object(_without_limits(rtype), "Properties", props, "#")


@functools.cache
def _without_limits(rtype):
    """The type, without the limits that its service answers for."""
    of = _types()[rtype]
    own = {key: _parsed(notation)["kind"] if key.rstrip("!") in LEFT_TO_THE_SERVICE.get(rtype, ()) else notation
           for key, notation in of["definitions"]["Properties"].items()}
    return {**of, "definitions": {**of["definitions"], "Properties": own}}


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


# string(1..255) ~ PATTERN, integer(1..), list(..5) of ITEM, string = A | B
_NOTATION = re.compile(r"(?P<kind>[^( ]+)(?:\((?P<low>.*?)\.\.(?P<high>.*?)\))?(?: (?P<sign>of|=|~) (?P<rest>.*))?", re.DOTALL)


@functools.cache
def _parsed(notation):
    return _NOTATION.fullmatch(notation).groupdict()


def _value(of, notation, value, path):
    n = _parsed(notation)
    kind = n["kind"]
    if kind in ("list", "set"):
        if not isinstance(value, list):
            yield f"{path}: expected type: JSONArray, found: {_json_type(value)}"
            return
        yield from _items(n, value, path)
        for number, item in enumerate(value):
            yield from _value(of, n["rest"], item, f"{path}/{number}")
    elif kind in of["definitions"]:
        if isinstance(value, dict):
            yield from _object(of, kind, value, path)
        else:
            yield f"{path}: expected type: JSONObject, found: {_json_type(value)}"
    elif kind == "map":
        for key in value if isinstance(value, dict) else ():
            yield from _value(of, n["rest"], value[key], f"{path}/{key}")
    elif kind != "json":
        yield from _scalar(n, value, path)


def _items(n, items, path):
    if n["low"] and len(items) < int(n["low"]):
        yield f"{path}: expected minimum item count: {n['low']}, found: {len(items)}"
    if n["high"] and len(items) > int(n["high"]):
        yield f"{path}: expected maximum item count: {n['high']}, found: {len(items)}"
    if n["kind"] == "set" and len({json.dumps(item, sort_keys=True) for item in items}) < len(items):
        yield f"{path}: array items are not unique"


def _scalar(n, value, path):
    kind = n["kind"]
    if isinstance(value, (dict, list)):
        yield f"{path}: expected type: {kind.capitalize()}, found: {_json_type(value)}"
    elif kind in ("integer", "number") and not _is_number(value):
        yield f"{path}: expected type: {kind.capitalize()}, found: String"
    elif kind == "boolean" and str(value).lower() not in ("true", "false"):
        yield f"{path}: expected type: Boolean, found: {_json_type(value)}"
    elif n["sign"] == "=" and str(value) not in n["rest"].split(" | "):
        yield _refused(path, "enum")
    elif kind in ("integer", "number"):
        yield from _size(n, float(value), path)
    elif kind == "string":
        yield from _text(n, str(value), path)


def _size(n, number, path):
    if n["low"] and number < float(n["low"]):
        yield _refused(path, "minimum")
    if n["high"] and number > float(n["high"]):
        yield _refused(path, "maximum")


def _text(n, text, path):
    if "{{resolve:" in text:
        return  # what it stands for is not known here
    if n["low"] and len(text) < int(n["low"]):
        yield f"{path}: expected minLength: {n['low']}, actual: {len(text)}"
    if n["high"] and len(text) > int(n["high"]):
        yield f"{path}: expected maxLength: {n['high']}, actual: {len(text)}"
    if n["sign"] == "~" and not pattern(n["rest"]).search(text):
        yield _refused(path, "pattern")


def _refused(path, keyword):
    """The words for a keyword whose own would show the value, which may be a secret
    (aws-cloudformation/cloudformation-resource-schema, exceptions/ValidationException.java)."""
    return f"{path}: failed validation constraint for keyword [{keyword}]"


@functools.cache
def pattern(text):
    """A pattern that Go's regexp understands, in re's words: \\d and the like are of ASCII, \\p{L} is spelled out, and $
    is the end of the text, not also before a line end there."""
    text = re.sub(r"(?<!\\)\$(?=$|[)|])", r"\\Z", text)
    return re.compile(re.sub(r"\\p\{([LNPSZ])\}", lambda found: _category(found[1]), text), re.ASCII)


@functools.cache
def _category(letter):
    """All characters of a general category, as the inside of a character class. Planes 4 to 13 are unassigned, and the
    later ones hold neither letters nor numbers, so a quarter of the code points is enough, and takes no noticeable time."""
    ranges = []
    for code in range(0x40000):
        if unicodedata.category(chr(code))[0] == letter:
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)


def _is_number(value):
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, bool)


def _json_type(value):
    return {dict: "JSONObject", list: "JSONArray", bool: "Boolean", int: "Integer", float: "Double"}.get(type(value), "String")
