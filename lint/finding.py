"""What a linter says of one place, and how a person reads it."""
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    file: str
    line: int
    tool: str
    rule: str
    message: str
    resource: str = ""  # logical id, where the finding is about a resource

    def text(self, builder=""):
        """One line; builder is the function of the project that said the resource, where it is known."""
        about = ", ".join(part for part in (self.resource, builder) if part)
        return f"{self.file}:{self.line}: {self.tool} {self.rule}: {' '.join(self.message.split())}" + (f" ({about})" if about else "")
