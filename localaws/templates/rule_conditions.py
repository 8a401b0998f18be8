"""The conditions of the services' rules, over the properties of one resource.

internal/cfn/servicerules/doc.go describes them. A place is (path, value), or (path, value, UNKNOWN) where an intrinsic
function is in the way.
"""
import functools
import math
import re

from .. import schema

NO, UNKNOWN, YES = range(3)  # unknown: where a value is known at the deployment only
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
STEP = re.compile(r"\.?(?P<name>[^.\[{]+)(\[((?P<key>[^=\]]+)=(?P<equals>[^\]]*)|(?P<items>))\])?|\{(?P<entry>[^}]+)\}")
NOTHING = ("Ref", "AWS::NoValue")


@functools.cache
def steps(path):
    return [] if path == "." else [match.groupdict() for match in STEP.finditer(path)]


def follow(place, steps):
    """The places that a path leads to from one; what is absent is left out."""
    path, value, *unknown = place
    if unknown:
        yield place
    elif value is None or _function(value) == NOTHING:
        return
    elif not steps:
        yield place
    elif _function(value):
        yield path, value, UNKNOWN
    elif isinstance(value, dict):
        yield from _step(path, value, steps[0], steps[1:])


def _step(path, value, step, rest):
    name = step["name"] or step["entry"]
    path, value = f"{path}.{name}".lstrip("."), value.get(name)
    if step["key"] is None and step["items"] is None:
        yield from follow((path, value), rest)
    elif _function(value):
        yield from follow((path, value), [step])
    else:
        for number, item in enumerate(value if isinstance(value, list) else ()):
            yield from _choose((f"{path}[{number}]", item), step, rest)


def _choose(place, step, rest):
    """Follows the path into a list's item, if the step does not choose others."""
    _, item = place
    if step["key"] is None:
        yield from follow(place, rest)
    elif _function(item):
        yield from follow(place, [step])
    elif isinstance(item, dict) and _function(item.get(step["key"])):
        yield *place, UNKNOWN
    elif isinstance(item, dict) and as_text(item.get(step["key"])) == step["equals"]:
        yield from follow(place, rest)


def _function(value):
    """(name, argument) of an intrinsic function, else None."""
    if isinstance(value, dict) and len(value) == 1:
        (name, argument), = value.items()
        if name == "Ref" or name.startswith("Fn::"):
            return name, argument if isinstance(argument, str) else None
    return None


def as_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value):
    text = as_text(value)
    return float(text) if NUMBER.fullmatch(text) else None  # "true" is none


def wanted(condition, obj):
    """Whether the condition holds as one of when: whether there is a value with its operators."""
    if "any" in condition:
        return max(wanted(c, obj) for c in condition["any"])
    places = list(follow(obj, steps(condition["path"])))
    if condition.get("present") is False:
        return YES - _presence(places)
    return min(_presence(places), max((_holds(condition, place, obj) for place in places), default=NO))


def kept(condition, obj):
    """Whether the condition holds as one of must, and the first place that breaks it."""
    if "any" in condition:
        return max(kept(c, obj)[0] for c in condition["any"]), obj
    places = list(follow(obj, steps(condition["path"])))
    answers = [(_holds(condition, place, obj), place) for place in places]
    if condition.get("present") is False:
        answers.append((YES - _presence(places), (places or [obj])[0]))
    elif condition.get("present"):
        answers.append((_presence(places), (f"{obj[0]}.{condition['path']}".lstrip("."), None)))
    return min(answers, key=lambda answer: answer[0], default=(YES, obj))


def _presence(places):
    """Whether there is a value. A function gives one, but for Fn::If, which may give none."""
    return max((UNKNOWN if unknown or (_function(value) or " ")[0] == "Fn::If" else YES for _, value, *unknown in places), default=NO)


def _is_known(value, *unknown):
    return not unknown and not _function(value) and not (isinstance(value, str) and "{{resolve:" in value)


def _holds(condition, place, obj):
    _, value, *unknown = place
    asked = [(OPERATORS[name], wanted) for name, wanted in condition.items() if name in OPERATORS]
    if asked and not _is_known(value, *unknown):
        return UNKNOWN
    return min((operator(value, wanted, condition, obj) for operator, wanted in asked), default=YES)


def _truth(holds):
    return YES if holds else NO


def _same(allowed, value):
    number = _number(allowed)
    return number == _number(value) if number is not None else as_text(allowed) == as_text(value)


def _of_number(compare):
    def operator(value, wanted, *_):
        number = _number(value)
        return UNKNOWN if number is None else _truth(compare(number, wanted))
    return operator


def _reaches(items, count):
    """Whether a list has so many items; a function in it may give one or none."""
    functions = [_function(item) for item in items]
    most = len(items) - functions.count(NOTHING)
    least = most - sum(1 for found in functions if found and found[0] == "Fn::If")
    return YES if least >= count else NO if most < count else UNKNOWN


def _unique(items, path, condition, obj):
    if not isinstance(items, list):
        return UNKNOWN
    seen, answer = set(), YES
    for item in items:
        for _, value, *unknown in follow(("", item), steps(path)):
            key = as_text(value).lower() if condition.get("fold") else as_text(value)
            if not _is_known(value, *unknown):
                answer = UNKNOWN
            elif key in seen:
                return NO
            else:
                seen.add(key)
    return answer


def _at_least(value, path, condition, obj):
    answer, number = YES, _number(value)
    for _, other, *unknown in follow(obj, steps(path)):
        least = None if unknown else _number(other)
        if number is None or least is None:
            answer = UNKNOWN
        elif number < least + condition.get("by", 0):
            return NO
    return answer


OPERATORS = {
    "in": lambda value, wanted, *_: _truth(any(_same(w, value) for w in wanted)),
    "notIn": lambda value, wanted, *_: _truth(not any(_same(w, value) for w in wanted)),
    "matches": lambda value, wanted, *_: _truth(schema.pattern(wanted).search(as_text(value))),
    "matchesNot": lambda value, wanted, *_: _truth(not schema.pattern(wanted).search(as_text(value))),
    "min": _of_number(lambda number, wanted: number >= wanted), "max": _of_number(lambda number, wanted: number <= wanted),
    "step": _of_number(lambda number, wanted: math.fmod(number, wanted) == 0),
    "minLength": lambda value, wanted, *_: _truth(len(as_text(value)) >= wanted),
    "maxLength": lambda value, wanted, *_: _truth(len(as_text(value)) <= wanted),
    "maxBytes": lambda value, wanted, *_: _truth(len(as_text(value).encode()) <= wanted),
    "minItems": lambda value, wanted, *_: _reaches(value, wanted) if isinstance(value, list) else UNKNOWN,
    "maxItems": lambda value, wanted, *_: YES - _reaches(value, wanted + 1) if isinstance(value, list) else UNKNOWN,
    "unique": _unique, "atLeast": _at_least,
}
