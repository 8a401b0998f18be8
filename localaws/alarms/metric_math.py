"""Metric math as far as this project's alarms use it: + - * /, comparisons, AND, OR, IF, FILL, and SUM, MIN, MAX, AVG of a
[list]. Any other function is refused by its name.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
A time series is {time: value}. A point that is missing counts as 0 between two series, and there is no point where both
lack it; with a number it stays missing. A division by zero gives no point. IF gives no point where its condition has
none, and 0 where it holds and the value is missing.
"""
import operator
import re

TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z]\w*)|(?P<sign><=|>=|==|!=|&&|\|\||[-+*/()<>,\[\]]))")
LEVELS = (("OR", "||"), ("AND", "&&"), ("<", "<=", ">", ">=", "==", "!="), ("+", "-"), ("*", "/"))
OPERATORS = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": lambda a, b: a / b if b else None,
    "AND": lambda a, b: bool(a) and bool(b), "OR": lambda a, b: bool(a) or bool(b)}
OPERATORS.update({"&&": OPERATORS["AND"], "||": OPERATORS["OR"]})
OF_LISTS = {"SUM": sum, "MIN": min, "MAX": max, "AVG": lambda values: sum(values) / len(values)}
KNOWN = ("FILL", "IF", *OF_LISTS)


class Unreadable(ValueError):
    """What the expression says is wrong, or not modelled here."""

    def __init__(self, expression, why):
        super().__init__(f"localaws cannot evaluate the metric math expression {expression!r}: {why}")


class Expression:
    """A parsed expression: `names` are the ids that it uses, value(series, times) computes it."""

    def __init__(self, text):
        self.text, self.names, self._at = text, set(), 0
        self._tokens = self._split(text.rstrip())
        self._tree = self._level(0)
        if self._peek() is not None:
            raise Unreadable(text, f"{self._peek()!r} is left over")

    def value(self, series, times):
        """series: {id: {time: value}}; times: all periods that are asked for, in order."""
        result = self._tree(series, times)
        return result if isinstance(result, dict) else dict.fromkeys(times, float(result))

    def _split(self, text):
        tokens, at = [], 0
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise Unreadable(text, f"it stops making sense at {text[at:at + 10]!r}")
            tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        return tokens

    def _peek(self):
        return self._tokens[self._at][1] if self._at < len(self._tokens) else None

    def _take(self, wanted):
        if self._peek() != wanted:
            raise Unreadable(self.text, f"{wanted!r} is wanted where {self._peek() or 'the end'!r} stands")
        self._at += 1

    def _level(self, number):
        if number == len(LEVELS):
            return self._operand()
        left = self._level(number + 1)
        while self._peek() in LEVELS[number]:
            sign = self._peek()
            self._at += 1
            left = _combined(OPERATORS[sign], left, self._level(number + 1))
        return left

    def _operand(self):
        kind, word = self._tokens[self._at] if self._at < len(self._tokens) else (None, "the end")
        self._at += 1
        if kind == "number":
            return lambda series, times: float(word)
        if word == "-":
            return _combined(OPERATORS["-"], lambda series, times: 0.0, self._operand())
        if word == "(":
            inner = self._level(0)
            self._take(")")
            return inner
        if kind == "name":
            return self._call(word) if self._peek() == "(" else self._series(word)
        raise Unreadable(self.text, f"a value is wanted where {word!r} stands")

    def _series(self, name):
        self.names.add(name)
        return lambda series, times: series[name]

    def _call(self, name):
        if name not in KNOWN:
            raise Unreadable(self.text, f"the function {name} is not modelled ({', '.join(KNOWN)} are)")
        self._take("(")
        made = getattr(self, f"_{name.lower()}", lambda: self._of_list(name))()
        self._take(")")
        return made

    def _of_list(self, name):
        if self._peek() != "[":
            raise Unreadable(self.text, f"{name} of one metric depends on how far the alarm looks back; {name}([a, b]) is known")
        self._take("[")
        items = [self._level(0)]
        while self._peek() == ",":
            self._take(",")
            items.append(self._level(0))
        self._take("]")
        return lambda series, times: _reduced(OF_LISTS[name], [item(series, times) for item in items])

    def _if(self):
        condition = self._level(0)
        self._take(",")
        yes, no = self._level(0), lambda series, times: None
        if self._peek() == ",":
            self._take(",")
            no = self._level(0)
        return lambda series, times: _chosen(condition(series, times), yes(series, times), no(series, times), times)

    def _fill(self):
        values = self._level(0)
        self._take(",")
        if self._peek() in ("REPEAT", "LINEAR"):
            raise Unreadable(self.text, f"FILL with {self._peek()} is not modelled, only with a value")
        filler = self._level(0)
        return lambda series, times: {t: v for t in times if (v := _at(values(series, times), t, _at(filler(series, times), t))) is not None}


def _at(value, time, default=None):
    return value.get(time, default) if isinstance(value, dict) else value


def _times(*values):
    return sorted(set().union(*(v for v in values if isinstance(v, dict))))


def _combined(operate, left, right):
    def value(series, times):
        one, other = left(series, times), right(series, times)
        if not isinstance(one, dict) and not isinstance(other, dict):
            result = operate(one, other)
            return {} if result is None else float(result)
        absent = 0 if isinstance(one, dict) and isinstance(other, dict) else None
        pairs = ((t, _at(one, t, absent), _at(other, t, absent)) for t in _times(one, other))
        results = ((t, operate(a, b)) for t, a, b in pairs if a is not None and b is not None)
        return {t: float(result) for t, result in results if result is not None}
    return value


def _reduced(reduce, values):
    return {t: float(reduce([v for value in values if (v := _at(value, t)) is not None])) for t in _times(*values)}


def _chosen(condition, yes, no, times):
    holds = condition if isinstance(condition, dict) else dict.fromkeys(times, condition)
    values = {t: _at(yes, t, 0.0) if true else _at(no, t) for t, true in holds.items()}
    return {t: value for t, value in values.items() if value is not None}
