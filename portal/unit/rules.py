"""预算单位: what a list of units must hold. Names of the register come in as arguments."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from portal.kernel.ruling import Refusal
from portal.spreadsheet.rules import Check, Column, Finding, Line, Schema, cells, folded


@dataclass(frozen=True, slots=True)
class UnitRow:
    """预算单位 as a list gives it; ``department`` is the name of its 主管部门, which may be itself."""

    code: str
    name: str
    department: str
    contact: str
    phone: str


def schema(register: Mapping[str, str]) -> Schema[UnitRow]:
    """The list of units, where ``register`` holds code → name of the units known so far."""
    return Schema(
        title="预算单位名单",
        columns=(
            Column(
                "单位编码",
                "code",
                cells.code,
                required=True,
                unique=True,
                synonyms=("预算单位编码", "单位代码"),
            ),
            Column(
                "单位名称",
                "name",
                cells.words(),
                required=True,
                unique=True,
                synonyms=("预算单位", "预算单位名称", "被评价单位"),
            ),
            Column(
                "主管部门",
                "department",
                cells.words(),
                required=True,
                synonyms=("主管部门名称", "主管预算部门", "主管单位"),
            ),
            Column("联系人", "contact", cells.words(50), synonyms=("联系人姓名", "经办人"), blank=""),
            Column("联系电话", "phone", cells.phone, synonyms=("电话", "手机", "联系人电话"), blank=""),
        ),
        record=UnitRow,
        checks=(_department_is_known(register.values()), _name_is_free(register)),
    )


def _department_is_known(names: Collection[str]) -> Check:
    """主管部门 is a unit of the register or of the same list."""

    def check(lines: Sequence[Line]) -> Iterator[Finding]:
        known = {folded(name) for name in (*names, *(str(line.values.get("name", "")) for line in lines))}
        for line in lines:
            department = line.values.get("department")
            if isinstance(department, str) and folded(department) not in known:
                yield Finding(line.number, "department", Refusal("unit.unknown_department"))

    return check


def _name_is_free(register: Mapping[str, str]) -> Check:
    """A name that the register gives to another code would make two units of one."""
    holder = {folded(name): code for code, name in register.items()}

    def check(lines: Sequence[Line]) -> Iterator[Finding]:
        coming = {line.values.get("code") for line in lines}
        for line in lines:
            code = holder.get(folded(str(line.values.get("name", ""))))
            if code is not None and "code" in line.values and code not in coming:
                yield Finding(line.number, "name", Refusal("unit.name_taken", facts={"code": code}))

    return check
