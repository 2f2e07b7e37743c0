"""What must always hold of contracts, and SQL cannot say. Each check returns the broken rows in words."""

from collections.abc import Iterator

from sqlalchemy import select

from portal.contract.lifecycle import ContractState
from portal.contract.models import Contract
from tenants.db import db

SIGNED = (ContractState.CONFIRMED.value, ContractState.EFFECTIVE.value, ContractState.COMPLETED.value)


def invariants() -> Iterator[str]:
    """The broken rows of the tenant in scope; nothing where all is well."""
    for row in db.session.scalars(select(Contract).where(Contract.state.in_(SIGNED))):
        if row.firm_digest != row.content_digest:
            yield f"合同 {row.id}：机构签章后内容被改动"
        if row.terms_id != row.tendered_terms_id:
            yield f"合同 {row.id}：质量约定与采购文件不是同一份"
        if not row.quality["lines"]:
            yield f"合同 {row.id}：没有质量条款"
