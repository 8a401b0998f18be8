"""Parameters of the Query protocol as nested data: Dimensions.member.1.Name=Site is {"Dimensions": [{"Name": "Site"}]}.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/making-api-requests.html
"""


def nested(params):
    result = {}
    for key, value in params.items():
        if key not in ("Action", "Version"):
            _put(result, key.split("."), value[0] if isinstance(value, list) else value)
    return _lists(result)


def _put(into, path, value):
    for part in path[:-1]:
        into = into.setdefault(part, {})
    into[path[-1]] = value


def _lists(value):
    if not isinstance(value, dict):
        return value
    if set(value) == {"member"}:
        return [_lists(value["member"][number]) for number in sorted(value["member"], key=int)]
    return {key: _lists(item) for key, item in value.items()}
