"""Adds members that a ministack service leaves out of its answers, beside the element that holds the record's id."""
from xml.sax.saxutils import escape


def xml(value, item="item"):
    """Returns plain data as the inside of an XML element; a list's items are <item> (EC2) or <member> (Query
    services)."""
    if isinstance(value, dict):
        return "".join(f"<{k}>{xml(v, item)}</{k}>" for k, v in value.items() if v is not None)
    if isinstance(value, list):
        return "".join(f"<{item}>{xml(v, item)}</{item}>" for v in value)
    if isinstance(value, bool):
        return str(value).lower()
    return escape(str(value))


def add_members(actions, action, element, records, members, item="item"):
    """Adds members(record) to every record in the answer to `action`, after <element>its id</element>."""
    original = actions[action]

    def handler(params):
        status, headers, body = original(params)
        text = body.decode() if isinstance(body, bytes) else body
        for identity, record in records.items():
            tag = f"<{element}>{identity}</{element}>"
            text = text.replace(tag, tag + xml(members(record), item))
        return status, headers, text.encode()
    actions[action] = handler
