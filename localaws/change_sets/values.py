"""The values of properties before anything is deployed, for change sets.

What cannot be known yet is "{{changeSet:KNOWN_AFTER_APPLY}}", as AWS prints it in Before/AfterContext; in a child's
*parameters* it is "{{IntrinsicFunction:STACK/LOGICAL.Outputs.X/Fn::GetAtt}}", which fails where CloudFormation must
look into it (AllowedPattern, AllowedValues, lists, SSM types) and an import is not allowed at all there (FACTS.md).
"""
import copy

from ministack.services.cloudformation import engine  # its _resolve_refs by module: stacks/exports.py replaces it
from ministack.services.cloudformation.engine import _NO_VALUE, _evaluate_conditions, _intrinsic_references

UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
HIDDEN = "****"


class Scope:
    """One template with its parameters on a stack. The values of the resources in `unknown` are not known yet."""

    def __init__(self, stack, template, params, unknown=()):
        self.stack, self.template, self.params, self.unknown = stack, template, params, set(unknown)
        self.resources = {k: v for k, v in stack.get("_resources", {}).items() if k not in self.unknown}
        self.conditions = _evaluate_conditions(template, params)
        self.missing_exports = []

    def declared(self):
        """The resources whose condition holds."""
        return {lid: r for lid, r in self.template.get("Resources", {}).items()
                if self.conditions.get(r.get("Condition"), True)}

    def _is_unknown(self, node):
        return any(name in self.template.get("Resources", {}) and name not in self.resources
                   for name, _ in _intrinsic_references(node))

    def _plain(self, node):
        return engine._resolve_refs(copy.deepcopy(node), self.resources, self.params, self.conditions,
                                    self.template.get("Mappings", {}), self.stack["StackName"], self.stack["StackId"])

    def _intrinsic(self, node):
        if self._is_unknown(node):
            return UNKNOWN
        try:
            return self._plain(node)
        except ValueError as exc:
            if str(exc).startswith("No export named"):
                self.missing_exports.append(str(exc).removesuffix(" found"))
            return UNKNOWN

    def value(self, node):
        if isinstance(node, list):
            return [v for v in map(self.value, node) if v is not _NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            key = next(iter(node))
            if key == "Fn::If":
                name, yes, no = node[key]
                return self.value(yes if self.conditions.get(name) else no)
            if key in ("Ref", "Condition") or key.startswith("Fn::"):
                return self._intrinsic(node)
        return {k: v for k, v in ((k, self.value(v)) for k, v in node.items()) if v is not _NO_VALUE}

    def properties(self, definition):
        return self.value(definition.get("Properties") or {})


def hide_secrets(params):
    """Returns the parameters with NoEcho values hidden, as every Describe action shows them."""
    return {k: {**v, "Value": HIDDEN} if v.get("NoEcho") else v for k, v in params.items()}


def has_import(node):
    if isinstance(node, dict):
        return "Fn::ImportValue" in node or any(map(has_import, node.values()))
    return isinstance(node, list) and any(map(has_import, node))


def child_parameter(scope, name, node, declaration):
    """Returns a nested stack's parameter value when a change set is created; raises AWS's error when the value cannot
    be used yet."""
    value = scope.value(node)
    if UNKNOWN not in str(value):
        return value
    kind = "Fn::ImportValue" if has_import(node) else next(iter(node), "Ref") if isinstance(node, dict) else "Ref"
    refs = [f"{n}.{a}" if a else n for n, a in _intrinsic_references(node)]
    placeholder = f"{{{{IntrinsicFunction:{scope.stack['StackName']}/{refs[0] if refs else ''}/{kind}}}}}"
    if kind == "Fn::ImportValue":
        raise ValueError(f"Usage of {placeholder} is not allowed")
    ptype = (declaration or {}).get("Type", "String")
    if ptype.startswith("AWS::SSM::Parameter"):
        raise ValueError(f"Unable to fetch parameters [{placeholder}] from parameter store for this account.")
    if "AllowedPattern" in declaration or "AllowedValues" in declaration or "List" in ptype or ptype == "Number":
        raise ValueError(f"Parameter {name} failed to satisfy constraint: {placeholder} is not known yet")
    return placeholder


