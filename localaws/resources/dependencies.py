"""Which resource of a template is made after which, as its author says it: by a reference or a DependsOn.

Resources are made one after the other here; AWS makes at once what does not depend on each other
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html).
"""
from ministack.services.cloudformation.engine import _extract_deps


def depends(resources, later, earlier):
    """Whether `later` is made after `earlier`, over others too."""
    todo, seen = [later], set()
    while todo:
        for name in _extract_deps(resources[todo.pop()], resources.keys()) - seen:
            seen.add(name)
            todo.append(name)
    return earlier in seen
