"""Two import contracts that import-linter does not bring along (pyproject.toml names them)."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PrivateShelves(Contract):
    """A room may import another one's public shelves only; its own it may import as it likes."""

    type_name = "private_shelves"

    public = fields.SetField(subfield=fields.StringField())
    rooms = fields.SetField(subfield=fields.StringField())
    models_are_open_to = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        found = sorted(
            (importer, module)
            for module in graph.modules
            if self._is_private(module)
            for importer in graph.find_modules_that_directly_import(module)
            if not self._may_import(importer, module)
        )
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, module in check.metadata["found"]:
            output.print_error(f"{importer} imports {module}, which is private to its room")

    def _is_private(self, module: str) -> bool:
        parts = module.split(".")
        return (
            parts[0] == "nproxy" and len(parts) > 2 and parts[1] in self.rooms and parts[2] not in self.public
        )

    def _may_import(self, importer: str, module: str) -> bool:
        theirs, ours = importer.split(".")[1:2], module.split(".")
        is_open = ours[2] == "models" and set(theirs) <= self.models_are_open_to
        return theirs == ours[1:2] or is_open


class OnlyIn(Contract):
    """One room alone may import an outside package."""

    type_name = "only_in"

    package = fields.StringField()
    room = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        importers = (
            graph.find_modules_that_directly_import(self.package) if self.package in graph.modules else set()
        )
        found = sorted(each for each in importers if f"{each}.".startswith(f"{self.room}.") is False)
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer in check.metadata["found"]:
            output.print_error(f"{importer} imports {self.package}; only {self.room} may")
