"""Which resource of a template is created after which: by a reference or a DependsOn.

Resources are created one after the other here; AWS creates independent ones at the same time
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html).
"""
from ministack.services.cloudformation.engine import _extract_deps


def depends(resources, later, earlier):
    """Reports whether `later` is created after `earlier`, directly or over other resources."""
    todo, seen = [later], set()
    while todo:
        for name in _extract_deps(resources[todo.pop()], resources.keys()) - seen:
            seen.add(name)
            todo.append(name)
    return earlier in seen
